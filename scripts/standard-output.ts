/** What becomes of a command whose standard output cannot be written. */
import { EXIT } from "../base/errors.ts";

/**
 * A reader that has gone (`| head`) has seen what it needed: the command continues, and its exit code stays. Anything
 * else, such as a full disk, is said, and ends with 2: nobody can take half an output for the whole.
 */
export function watchStandardOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return;
    process.stderr.write(`\nThe output could not be written: ${error.code ?? error.message}\n`);
    // Whatever the command makes of its exit code from now on.
    process.once("exit", () => {
      process.exitCode = EXIT.notAsked;
    });
  });
}
