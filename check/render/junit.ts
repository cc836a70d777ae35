/**
 * The report for what shows test results (GitHub, Azure Pipelines, Jenkins): a suite for each cache, a test for each
 * check. The dialects differ; this keeps to what the strict one of Ant and the one of Jenkins have in common: no
 * attribute on `testsuites`, no output inside a test. JUnit knows no warnings: they pass, and are reported in the
 * suite's output.
 */
import { adviceSentence } from "../../base/advice.ts";
import { historyInWords } from "../forecast/words.ts";
import type { CheckResult, NotAsked, Report, ReportSet } from "../report.ts";
import { findingInWords, impactInWords, isLoud, nameOf, shortNameOf } from "../words.ts";
import { escapeMarkup } from "./escape.ts";

export function renderJunit({ reports, notAsked = [], generatedAt }: ReportSet): string {
  const suites = [
    ...reports.map((report, id) => suiteOf(report, id, generatedAt)),
    ...notAsked.map((each, index) => notAskedSuite(each, reports.length + index, generatedAt)),
  ];
  return `${['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...suites.flat(), "</testsuites>"].join("\n")}\n`;
}

function suiteOf(report: Report, id: number, generatedAt: string): string[] {
  const { checks, verdict, impact, stack, plan, provider, endpoint, durationMs } = report;
  const name = nameOf(report) || "cache";
  const count = (status: CheckResult["status"]) => checks.filter((check) => check.status === status).length;
  const counts = { tests: checks.length, failures: count("fail"), errors: 0, skipped: count("skip") };
  const properties = { verdict, impact, stack, plan, provider, endpoint };
  const output = [
    impactInWords(report),
    ...(report.now === undefined ? [] : [adviceSentence(report.now)]),
    historyInWords(report, generatedAt) ?? "",
    ...checks.filter(({ status }) => status === "warn").map(warning),
  ];
  return suite({ id, name, package: shortNameOf(report), generatedAt, durationMs, counts }, [
    ...propertiesOf(properties),
    ...checks.map((check) => testOf(check, shortNameOf(report))),
    `    <system-out>${escapeMarkup(output.filter((line) => line !== "").join("\n"))}</system-out>`,
  ]);
}

function notAskedSuite({ stack, reason, hint }: NotAsked, id: number, generatedAt: string): string[] {
  const counts = { tests: 1, failures: 0, errors: 1, skipped: 0 };
  const attributes = { id, name: `stack ${stack}`, package: stack, generatedAt, durationMs: 0, counts };
  const test = attributesOf({ name: "Found", classname: `propiq-cache.${stack}`, time: "0" });
  return suite(attributes, [
    ...propertiesOf({ stack }),
    `    <testcase${test}><error${attributesOf({ message: reason, type: "NOT_CHECKED" })}>${escapeMarkup(hint)}</error></testcase>`,
    "    <system-out></system-out>",
  ]);
}

interface SuiteFacts {
  id: number;
  name: string;
  package: string;
  generatedAt: string;
  durationMs: number;
  counts: Record<string, number>;
}

/** A suite as both dialects take it; other reports of ours use it, too. */
export function suite(
  { id, name, generatedAt, durationMs, counts, ...facts }: SuiteFacts,
  lines: string[],
): string[] {
  const attributes = attributesOf({
    ...{ id: String(id), name, package: facts.package, hostname: "localhost" },
    // Without a zone, as Ant's schema needs it; it is UTC.
    timestamp: generatedAt.slice(0, 19),
    ...Object.fromEntries(Object.entries(counts).map(([key, value]) => [key, String(value)])),
    time: seconds(durationMs),
  });
  return [`  <testsuite${attributes}>`, ...lines, "    <system-err></system-err>", "  </testsuite>"];
}

/** Those that have a value. */
export function propertiesOf(properties: Record<string, string | undefined>): string[] {
  const known = Object.entries(properties).filter(([, value]) => value !== undefined);
  return [
    "    <properties>",
    ...known.map(([name, value = ""]) => `      <property${attributesOf({ name, value })}/>`),
    "    </properties>",
  ];
}

function testOf(check: CheckResult, cache: string): string {
  const { id, title, durationMs } = check;
  const attributes = attributesOf({
    name: title || id,
    classname: `propiq-cache.${cache}`,
    time: seconds(durationMs),
  });
  const result = resultOf(check);
  return result === "" ? `    <testcase${attributes}/>` : `    <testcase${attributes}>${result}</testcase>`;
}

function resultOf(check: CheckResult): string {
  if (check.status === "skip")
    return `<skipped${attributesOf({ message: check.observed ?? "not reached" })}></skipped>`;
  if (check.status !== "fail") return "";
  const attributes = attributesOf({ message: findingInWords(check), type: check.code });
  return `<failure${attributes}>${escapeMarkup(check.hint)}</failure>`;
}

function warning(check: CheckResult): string {
  return `warning: ${check.title}: ${findingInWords(check)}${isLoud(check) ? `. ${check.hint}` : ""}`;
}

/** Escaped, each with a space before it. */
export function attributesOf(attributes: Record<string, string>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeMarkup(value)}"`)
    .join("");
}

/** In seconds, never with an exponent. */
function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}
