/**
 * `npm test`, and `npm run test:unit`, `test:pipeline` and `test:long`: installs what the chosen tests need, then runs
 * them. Words after `--` are vitest's: paths choose files, and only what those use is installed.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { explain } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { askAtTerminal, installMissing, MACHINE_PARTS } from "./machine-parts.ts";
import { type Kind, partsOf, pathsIn, tagsOf, testFiles } from "./test-files.ts";

const VITEST = join(PROJECT_ROOT, "node_modules", "vitest", "vitest.mjs");

const say = (line: string): void => console.log(line);

const [first = "", ...others] = process.argv.slice(2);
const kind =
  ({ "--unit": "unit", "--pipeline": "pipeline", "--long": "long" } as Record<string, Kind>)[first] ??
  "usual";
const words = kind === "usual" ? process.argv.slice(2) : others;
/** A pass does not overwrite what another has left for the pipeline to keep. */
const RESULTS = join(PROJECT_ROOT, ".propiq", `test-results${kind === "usual" ? "" : `-${kind}`}.json`);
process.exitCode = await run(words);

async function run(given: readonly string[]): Promise<number> {
  const paths = pathsIn(given);
  const files = testFiles(kind, paths);
  try {
    if (kind !== "unit") {
      const isPipeline = process.env["CI"] === "true";
      const ask = askAtTerminal === undefined ? {} : { ask: askAtTerminal };
      await installMissing(partsOf(files, MACHINE_PARTS), { say, isPipeline, ...ask });
    }
  } catch (error) {
    console.error(explain(error));
    return 2;
  }
  // Without a file vitest would run all of them.
  if (kind !== "usual" && files.length === 0) {
    console.error(`No file of this pass is named like ${paths.join(", ")}.`);
    return 1;
  }
  rmSync(RESULTS, { force: true });
  const options = given.filter((word) => !paths.includes(word));
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${RESULTS}`];
  const pass = `--tags-filter=${tagsOf(kind, paths.length > 0)}`;
  // The usual run leaves the choice to vitest, which knows every file, and says so where no path matches.
  const chosen = kind === "usual" ? paths : files;
  const { status } = spawnSync(process.execPath, [VITEST, "run", ...reporters, pass, ...options, ...chosen], {
    cwd: PROJECT_ROOT,
    stdio: "inherit",
  });
  if (existsSync(RESULTS)) say(summary(readFileSync(RESULTS, "utf8")));
  if (kind === "usual" && paths.length === 0) say("The pipeline also runs: npm run test:pipeline");
  return status ?? 1;
}

/** One plain line that pipelines of any kind can read. */
function summary(json: string): string {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(json) as Record<string, number>;
  return `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`;
}
