/**
 * `node scripts/ci/watch-verify.ts STACK FOLDER`: what a run of `verify` by the clock comes to. Reads `first.json` and,
 * where it was checked again, `again.json` and `incident.json`; keeps `watch.json` for the next run; writes `notice.json` for the job that
 * informs people. Environment: CODE (what the last check ended with), ALARM_AFTER, RUNS_A_MONTH, RUN_URL.
 */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReportSet } from "../../check/report.ts";
import type { IncidentReport } from "../../operations/incident/report.ts";
import { say } from "../print.ts";
import { shareOfPlan } from "./share.ts";
import { changeOfRun, verifyNotice } from "./verify-notice.ts";
import { nextWatch, outcomeOf, parseWatch } from "./watch.ts";

/** 730 hours. */
const MONTH_MS = 730 * 3_600_000;

const [, , stack = "", folder = "."] = process.argv;
const { CODE, ALARM_AFTER, RUNS_A_MONTH, RUN_URL = "" } = process.env;
const runsAMonth = Number(RUNS_A_MONTH) || 0;
const first = await jsonIn<ReportSet>("first.json");
const set = (await jsonIn<ReportSet>("again.json")) ?? first;
const now = new Date().toISOString();
const before = parseWatch(await readFile(join(folder, "watch.json"), "utf8").catch(() => ""));
// No code at all is a step that did not get that far.
const watch = nextWatch(before, {
  outcome: outcomeOf(CODE ? Number(CODE) : 2),
  at: now,
  change: changeOfRun(first),
  ...(runsAMonth > 0 ? { intervalMs: MONTH_MS / runsAMonth } : {}),
});
const after = Number(ALARM_AFTER) || 2;
const incident = watch.failures === 0 ? undefined : await jsonIn<IncidentReport>("incident.json");
const notice = verifyNotice({ stack, watch, before, after, set, incident, now, runUrl: RUN_URL });
await writeFile(join(folder, "watch.json"), `${JSON.stringify(watch)}\n`);
await writeFile(join(folder, "notice.json"), `${JSON.stringify(notice)}\n`);

// One that was cut short sends fewer than it does on a good day.
for (const report of (set?.reports ?? []).filter(({ verdict }) => verdict !== "failed"))
  say(shareOfPlan(report.plan, report.commandsUsed, runsAMonth));
say(
  watch.failures === 0
    ? "Well."
    : `Not well ${watch.failures} times in a row. People are informed from ${after} on.`,
);

/** What a step of this run wrote; nothing where it did not get that far. */
async function jsonIn<T>(name: string): Promise<T | undefined> {
  const text = await readFile(join(folder, name), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
