/** The advice for a person: what to do first, then what it rests on. */

import { commandLine, propiq } from "../../base/command.ts";
import { plural } from "../../base/counted.ts";
import { forecastInWords } from "../../check/forecast/words.ts";
import { columnsFor, wrap } from "../../check/render/wrap.ts";
import type { Namespace } from "../../check/use/namespaces.ts";
import { memoryInWords, nameOf, shareInWords } from "../../check/words.ts";
import { MARKS } from "../result.ts";
import { type Advice, usd } from "./advisors.ts";
import { proposedLifetimes } from "./functions.ts";
import { grouped, type PlanFit, rounded } from "./plans.ts";
import type { AdviceReport } from "./report.ts";

const SIZES: Readonly<Record<AdviceReport["size"], string>> = {
  "too-small": `${MARKS.warn} too small`,
  "too-large": `${MARKS.warn} larger than needed`,
  fits: `${MARKS.pass} fits`,
  unknown: `${MARKS.note} no limit is known`,
};

/** @param width columns of the terminal @returns ends with a line feed */
export function renderAdvice(report: AdviceReport, width: number): string {
  const columns = columnsFor(width);
  const { advice, monthlyUsd, plans, assumptions } = report;
  const cost = monthlyUsd === null ? "" : `, ${usd(monthlyUsd)} a month`;
  const sections = [
    [`${SIZES[report.size]}  ${nameOf(report)}${cost}`, ...wrap(figuresInWords(report), columns, 2)],
    ...advice.map((each) => adviceLines(each, columns)),
    ...forecastSection(report, columns),
    ...functionSection(report, columns),
    ["Plans, the cheapest that fits first", ...plans.flatMap((fit) => planLines(fit, columns))],
    ["Memory by namespace", ...namespaceLines(report, columns)],
    ["Assumed", ...assumptions.flatMap((each) => bullet(each, columns))],
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function forecastSection({ forecasts }: AdviceReport, columns: number): string[][] {
  return forecasts.map((forecast) => wrap(forecastInWords(forecast), columns, 0));
}

/** Lifetimes are set in the stack's config, without a change of the app's code. */
function functionSection({ functions, stack }: AdviceReport, columns: number): string[][] {
  if (functions.length === 0) return [];
  const lifetimes = Object.entries(proposedLifetimes(functions));
  const value = JSON.stringify(Object.fromEntries(lifetimes));
  const command = `    ${commandLine(propiq("config", "set", `ttl.functions=${value}`, "--stack", stack ?? "prod"))}`;
  const lines = functions.flatMap(({ because }) => bullet(because, columns));
  return [["Functions of the app", ...lines, ...(lifetimes.length === 0 ? [] : [command])]];
}

function figuresInWords({ figures, commandsUsed }: AdviceReport): string {
  const { usedMb, peakMb, limitMb, connections, maxConnections, commandsPerMonth, trafficGbPerMonth } =
    figures;
  const { hitRate, evictedKeys, keys, keysWithoutTtl } = figures;
  const parts = [
    usedMb === undefined ? "" : `${rounded(usedMb)} MB used`,
    peakMb === undefined ? "" : `${rounded(peakMb)} MB at most`,
    limitMb === undefined ? "" : `the limit is ${rounded(limitMb)} MB`,
    keys === undefined ? "" : `${grouped(keys)} ${plural(keys, "key")}`,
    keysWithoutTtl === undefined ? "" : `${grouped(keysWithoutTtl)} of them without TTL`,
    hitRate === undefined ? "" : `${shareInWords(hitRate)} hits`,
    evictedKeys === undefined ? "" : `${grouped(evictedKeys)} evicted`,
    connections === undefined
      ? ""
      : `${grouped(connections)} ${plural(connections, "connection")}${maxConnections === undefined ? "" : ` of ${grouped(maxConnections)}`}`,
    commandsPerMonth === undefined
      ? ""
      : `${grouped(commandsPerMonth)} ${plural(commandsPerMonth, "command")} a month`,
    trafficGbPerMonth === undefined ? "" : `${rounded(trafficGbPerMonth)} GB sent a month`,
  ].filter((part) => part !== "");
  return `${parts.join(", ")}. Measured with ${grouped(commandsUsed)} ${plural(commandsUsed, "command")}.`;
}

function adviceLines({ because, monthlyDifferenceUsd, commands = [] }: Advice, columns: number): string[] {
  const difference =
    monthlyDifferenceUsd === undefined || monthlyDifferenceUsd === null
      ? ""
      : ` ${differenceInWords(monthlyDifferenceUsd)}`;
  const [first = "", ...rest] = wrap(`${because}${difference}`, columns, 2);
  return [`→ ${first.trimStart()}`, ...rest, ...commands.map((line) => `    ${line}`)];
}

function differenceInWords(amount: number): string {
  if (amount === 0) return "That costs the same.";
  return `That is ${usd(Math.abs(amount))} a month ${amount < 0 ? "less" : "more"}.`;
}

function planLines({ plan, fits, monthlyUsd, against }: PlanFit, columns: number): string[] {
  const price = monthlyUsd === null ? "unknown" : usd(monthlyUsd);
  const isNarrow = columns < 70;
  const reasons = wrap(against.join("; "), columns, isNarrow ? 6 : 38);
  const [first = "", ...rest] = isNarrow ? ["", ...reasons] : reasons;
  return [
    `  ${fits ? MARKS.pass : MARKS.fail} ${plan.padEnd(22)}${price.padStart(9)}   ${first.trimStart()}`.trimEnd(),
    ...rest,
  ];
}

function namespaceLines({ namespaces, sample, figures }: AdviceReport, columns: number): string[] {
  const refused = sample.refused.flatMap((words) => bullet(words, columns));
  if (namespaces.length === 0) return [...(sample.complete ? ["  no keys"] : ["  not known"]), ...refused];
  const of = figures.keys === undefined || sample.complete ? "" : ` of ${grouped(figures.keys)}`;
  const all = sample.complete ? "all " : "";
  return [
    ...table(namespaces, columns),
    ...bullet(
      `From ${all}${grouped(sample.keys)}${of} ${plural(figures.keys ?? sample.keys, "key")}${sample.complete ? "" : ", as SCAN came upon them; memory is put at what all together would take"}.${
        sample.lookUps === 0
          ? ""
          : ` The server counts ${grouped(sample.lookUps)} ${plural(sample.lookUps, "look-up")} of the sample as hits.`
      }`,
      columns,
    ),
    ...refused,
  ];
}

/** What a narrow terminal does without, the least needed first. */
const SPARED = ["a key", "keys", "memory"];

function table(namespaces: readonly Namespace[], columns: number): string[] {
  const rows = namespaces.map(({ name, keys, share, bytes, bytesPerKey, withoutTtl }) => [
    name === "" ? "(none)" : name,
    grouped(keys),
    shareInWords(share),
    bytes === undefined ? "?" : memoryInWords(bytes),
    bytesPerKey === undefined ? "?" : `${grouped(bytesPerKey)} B`,
    withoutTtl === undefined ? "?" : grouped(withoutTtl),
  ]);
  let lines = [["namespace", "keys", "share", "memory", "a key", "without TTL"], ...rows];
  const widthsOf = () =>
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  for (const title of SPARED) {
    if (widthsOf().reduce((sum, width) => sum + width + 2, 0) <= columns) break;
    const spared = lines[0]?.indexOf(title);
    lines = lines.map((line) => line.filter((_, column) => column !== spared));
  }
  const widths = widthsOf();
  return lines.map(
    (line) =>
      `  ${line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ")}`,
  );
}

function bullet(words: string, columns: number): string[] {
  const [first = "", ...rest] = wrap(words, columns, 4);
  return [`  - ${first.trimStart()}`, ...rest];
}
