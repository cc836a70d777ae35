/**
 * `node scripts/ci/watch-drift.ts STACK FOLDER`: what a run of `drift` by the clock comes to. Reads `drift.txt`, writes
 * `notice.json` for the job that informs people. Environment: CODE (what `drift` ended with), RUN_URL.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { driftNotice } from "./drift-notice.ts";

const [, , stack = "", folder = "."] = process.argv;
const { CODE, RUN_URL = "" } = process.env;
const notice = driftNotice({
  stack,
  text: await readFile(join(folder, "drift.txt"), "utf8").catch(() => ""),
  exitCode: CODE ? Number(CODE) : 2,
  now: new Date().toISOString(),
  runUrl: RUN_URL,
});
await writeFile(join(folder, "notice.json"), `${JSON.stringify(notice)}\n`);
