/** Adds runs to a history, each under a name of its own: `<file> <number> <runs>`. */
import { appendRuns } from "../../check/history/file.ts";
import { aRun } from "./history.ts";

const [path = "", number = "", runs = ""] = process.argv.slice(2);
for (let index = 0; index < Number(runs); index++)
  await appendRuns(path, [aRun({ stack: `${number}-${index}` })]);
process.disconnect?.();
