/** The report for what shows test results: a test for each fault. */
import { escapeMarkup } from "../../../check/render/escape.ts";
import { attributesOf, propertiesOf, suite } from "../../../check/render/junit.ts";
import { CLIENTS, type DrillReport, type FaultResult } from "../report.ts";
import { verdictInWords } from "../words.ts";
import { measuredInWords } from "./text.ts";

export function renderJunit(report: DrillReport): string {
  const { faults, command, verdict, generatedAt, durationMs, notes } = report;
  const count = (wanted: FaultResult["verdict"]) =>
    faults.filter((result) => result.verdict === wanted).length;
  const counts = { tests: faults.length, failures: count("failed"), errors: 0, skipped: count("skipped") };
  const output = [verdictInWords(report), ...measuredInWords(report), ...notes].join("\n");
  const lines = suite({ id: 0, name: "drill", package: "propiq-cache", generatedAt, durationMs, counts }, [
    ...propertiesOf({ verdict, command }),
    ...faults.map((result) => testOf(result, report)),
    `    <system-out>${escapeMarkup(output)}</system-out>`,
  ]);
  return `${['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...lines, "</testsuites>"].join("\n")}\n`;
}

function testOf(result: FaultResult, { faultSeconds }: DrillReport): string {
  const attributes = attributesOf({
    name: result.fault,
    classname: "propiq-cache.drill",
    time: (faultSeconds + (result.recoveredAfterMs ?? 0) / 1000).toFixed(3),
  });
  const content = contentOf(result);
  return content === "" ? `    <testcase${attributes}/>` : `    <testcase${attributes}>${content}</testcase>`;
}

function contentOf(result: FaultResult): string {
  if (result.verdict === "passed") return "";
  if (result.verdict !== "failed") return `<skipped${attributesOf({ message: result.observed })}></skipped>`;
  const advice = [
    result.hint,
    ...CLIENTS.map((client) => `${client}: ${result.clientSettings[client]}`),
    `Repeat: ${result.repeat}`,
  ];
  const attributes = attributesOf({ message: result.observed, type: result.code });
  return `<failure${attributes}>${escapeMarkup(advice.join("\n"))}</failure>`;
}
