/** A rehearsal for what shows test results: one suite, a test for each step. */
import { escapeMarkup } from "../../../check/render/escape.ts";
import { attributesOf, propertiesOf, suite } from "../../../check/render/junit.ts";
import type { RehearsalReport, Step } from "../report.ts";
import { factsOf } from "./text.ts";

export function renderJunit(report: RehearsalReport): string {
  const { steps, stack, generatedAt, durationMs, verdict, isolation, plugins, notes } = report;
  const failures = steps.filter(isFailed).length;
  const counts = { tests: steps.length, failures, errors: 0, skipped: 0 };
  const properties = {
    ...{ verdict, stack, isolation },
    ...Object.fromEntries(Object.entries(plugins).map(([name, kind]) => [`plugin.${name}`, kind])),
  };
  const about = { id: 0, name: `rehearsal of ${stack}`, package: stack, generatedAt, durationMs, counts };
  const output = [...steps.map((step) => `${step.name}: ${factsOf(step).join(", ")}`), ...notes];
  const lines = suite(about, [
    ...propertiesOf(properties),
    ...steps.map((step) => testOf(step, stack)),
    `    <system-out>${escapeMarkup(output.join("\n"))}</system-out>`,
  ]);
  return `${['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...lines, "</testsuites>"].join("\n")}\n`;
}

/** A failure that was requested is not a failure of the rehearsal. */
const isFailed = ({ code }: Step): boolean => code !== undefined && code !== "CLOUD_FAILED";

function testOf(step: Step, stack: string): string {
  const { name, durationMs, code = "", observed = "", hint = "" } = step;
  const classname = `propiq-cache.rehearse.${stack}`;
  const attributes = attributesOf({ name, classname, time: (durationMs / 1000).toFixed(3) });
  if (!isFailed(step)) return `    <testcase${attributes}/>`;
  const failure = `<failure${attributesOf({ message: observed, type: code })}>${escapeMarkup(hint)}</failure>`;
  return `    <testcase${attributes}>${failure}</testcase>`;
}
