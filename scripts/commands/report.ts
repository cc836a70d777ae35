/** `report`: how the caches have fared, from a history that `verify --history` wrote. */

import { resolve } from "node:path";
import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { historyPage } from "../../check/history/page.ts";
import { historyRendererOf } from "../../check/render/history.ts";
import { printReport } from "../print.ts";
import { openHistory } from "./history.ts";
import { writeReport } from "./output.ts";
import type { ReportOptions } from "./verify-options.ts";

export async function report({ history: path, format, output }: ReportOptions): Promise<number> {
  const history = await openHistory(path);
  if (history.runs.length === 0) {
    throw new PropiqError(`The history ${path} has no runs.`, {
      code: "HISTORY_EMPTY",
      next: advice("Add a run.", propiq("verify", "--env-file", ".env", "--history", path)),
    });
  }
  const text = (await historyRendererOf(format))(historyPage(history, new Date()));
  if (output === undefined) printReport(text);
  else await writeReport(resolve(output), text);
  return 0;
}
