/** A rehearsal for a terminal: a line for each step while it runs, and one screen in the end. */
import { counted } from "../../../base/counted.ts";
import { wrap } from "../../../check/render/wrap.ts";
import type { RehearsalReport, Step } from "../report.ts";

export interface TextOptions {
  width: number;
}

/** Printed when a step has ended. */
export function stepLines(step: Step, { width }: TextOptions): string[] {
  const { name, durationMs, code, observed, hint, note } = step;
  const head = `${MARKS[markOf(step)]}  ${name.padEnd(NAME_WIDTH)} ${seconds(durationMs).padStart(7)}  `;
  const facts = factsOf(step).join(", ");
  const more = [
    ...(code === undefined ? [] : [`${code}: ${observed ?? ""}`]),
    ...(hint === undefined ? [] : [hint]),
    ...(note === undefined ? [] : [`Note: ${note}`]),
  ];
  return [`${head}${facts}`.trimEnd(), ...more.flatMap((text) => wrap(text, width, INDENT))];
}

const NAME_WIDTH = 18;
const INDENT = 8;
const MARKS = { passed: "ok  ", failed: "FAIL", expected: "fail" } as const;

function markOf({ code }: Step): keyof typeof MARKS {
  if (code === undefined) return "passed";
  return code === "CLOUD_FAILED" ? "expected" : "failed";
}

/** What happened, in the order in which a reader asks. */
export function factsOf({ requests, appRestarts, settingsWritten, exitCode }: Step): string[] {
  const { sent, failed, longestGapMs } = requests;
  return [
    ...(exitCode === 0 ? [] : [`exit code ${exitCode}`]),
    ...(sent === 0 ? [] : [`${counted(sent, "request")}, ${failed} failed, longest gap ${longestGapMs} ms`]),
    ...(settingsWritten.length === 0 ? [] : [counted(settingsWritten.length, "setting")]),
    ...(appRestarts === 0 ? [] : [counted(appRestarts, "restart")]),
  ];
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** The screen in the end; the steps stand above it already. */
export function renderSummary(report: RehearsalReport, { width }: TextOptions): string {
  const { verdict, stack, steps, plugins, isolation, notMapped, notes, durationMs } = report;
  const total = totalsOf(steps);
  const lines = [
    `The rehearsal of stack ${stack} ${verdict} in ${seconds(durationMs)}.`,
    ...(total.sent === 0
      ? []
      : [
          `  Requests   ${total.sent} sent, ${total.failed} failed, longest gap ${total.longestGapMs} ms (${total.gapAt})`,
          `  Restarts   ${total.appRestarts}`,
          `  Settings   ${total.written.length === 0 ? "none written" : total.written.join(" ")}`,
          `  Others     ${total.foreign.length === 0 ? "no other setting of the app changed" : total.foreign.join(" ")}`,
        ]),
    `  Plugins    ${Object.entries(plugins)
      .map(([name, kind]) => `${name}: ${kind}`)
      .join(", ")}`,
    `  Isolation  ${isolation === "namespace" ? "a network of its own (namespace)" : "a proxy that refuses other hosts"}`,
    ...(notMapped.length === 0 ? [] : [`  Not mapped ${notMapped.join(", ")}`]),
  ].flatMap((line) => hanging(line, width));
  const failed = steps.filter((step) => markOf(step) === "failed");
  return `${[
    ...lines,
    ...notes.flatMap((note) => wrap(note, width, 2)),
    ...failed.flatMap(({ name, code, hint }) => [
      "",
      `Step ${name} failed: ${code}`,
      ...(hint === undefined ? [] : wrap(hint, width, 2)),
    ]),
  ].join("\n")}\n`;
}

/** What all steps did together. */
export function totalsOf(steps: readonly Step[]) {
  const sum = (of: (step: Step) => number) => steps.reduce((total, step) => total + of(step), 0);
  const longest = steps.toSorted((one, other) => other.requests.longestGapMs - one.requests.longestGapMs)[0];
  const names = (of: (step: Step) => readonly string[]) => [...new Set(steps.flatMap(of))].sort();
  return {
    sent: sum(({ requests }) => requests.sent),
    failed: sum(({ requests }) => requests.failed),
    longestGapMs: longest?.requests.longestGapMs ?? 0,
    gapAt: longest?.name ?? "",
    appRestarts: sum(({ appRestarts }) => appRestarts),
    written: names(({ settingsWritten }) => settingsWritten),
    foreign: names(({ foreignSettingsChanged }) => foreignSettingsChanged),
  };
}

/** Continued under the first word of the value. */
function hanging(line: string, width: number): string[] {
  if (!line.startsWith("  ")) return wrap(line, width, 0);
  const [first = "", ...rest] = wrap(line.slice(13), width, 13);
  return [line.slice(0, 13) + first.trimStart(), ...rest];
}

/** Everything, for a file. */
export function renderText(report: RehearsalReport, options: TextOptions): string {
  return `${report.steps.flatMap((step) => stepLines(step, options)).join("\n")}\n\n${renderSummary(report, options)}`;
}
