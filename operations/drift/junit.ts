/** Drift for what shows test results: a suite for the stack, a test for each thing that was compared. Pure. */
import { escapeMarkup } from "../../check/render/escape.ts";
import { attributesOf, propertiesOf, suite } from "../../check/render/junit.ts";
import type { DriftReport, Reported, ReportedPlace, Unasked } from "./finding.ts";

export function renderDriftJunit({ stack, generatedAt, verdict, places, notAsked }: DriftReport): string {
  const tests = [
    ...places.flatMap((place) => testsOf(place, stack)),
    ...notAsked.map((each) => errorOf(each, stack)),
  ];
  const failures = places.reduce((sum, { findings }) => sum + findings.length, 0);
  const counts = { tests: tests.length, failures, errors: notAsked.length, skipped: 0 };
  const notes = places.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`));
  const lines = suite(
    { id: 0, name: `drift of stack ${stack}`, package: stack, generatedAt, durationMs: 0, counts },
    [
      ...propertiesOf({ stack, verdict }),
      ...tests,
      `    <system-out>${escapeMarkup(notes.join("\n"))}</system-out>`,
    ],
  );
  return `${['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", ...lines, "</testsuites>"].join("\n")}\n`;
}

function testsOf({ name, findings }: ReportedPlace, stack: string): string[] {
  if (findings.length === 0) return [`    <testcase${attributes(name, stack)}/>`];
  return findings.map(
    ({ code, words, hint }) =>
      `    <testcase${attributes(findings.length > 1 ? `${name}: ${code}` : name, stack)}><failure${attributesOf({ message: words, type: code })}>${escapeMarkup(hint)}</failure></testcase>`,
  );
}

function errorOf({ name, why, hint }: Reported<Unasked>, stack: string): string {
  return `    <testcase${attributes(name, stack)}><error${attributesOf({ message: why, type: "NOT_COMPARED" })}>${escapeMarkup(hint)}</error></testcase>`;
}

function attributes(name: string, stack: string): string {
  return attributesOf({ name, classname: `propiq-cache.drift.${stack}`, time: "0" });
}
