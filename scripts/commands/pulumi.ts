/** `pulumi …`: the right Pulumi for this project, everything else as the user typed it. */
import { EXIT } from "../errors.ts";
import { runPulumi } from "../stacks/run-pulumi.ts";
import { ensurePulumi } from "../toolchain/pulumi.ts";

export async function pulumi(words: readonly string[]): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const cli = await ensurePulumi({ install: "ask", say, env: process.env });
  const end = await runPulumi(cli, words, { stdio: "inherit" });
  return end.code ?? EXIT.notAsked;
}
