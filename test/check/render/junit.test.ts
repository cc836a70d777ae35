import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XmlDocument, type XmlElement, XsdValidator } from "libxml2-wasm";
import { afterAll, describe, expect, it } from "vitest";
import { reportSet } from "../../../check/report-set.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";
import { RENDERERS } from "../../support/renderers.ts";
import { aReport, aReportFullOf } from "../../support/report.ts";

const schema = XmlDocument.fromString(
  readFileSync(join(import.meta.dirname, "..", "..", "support", "junit.xsd"), "utf8"),
);
const validator = XsdValidator.fromDoc(schema);
afterAll(() => {
  validator.dispose();
  schema.dispose();
});

const notAsked = (text: string) => [{ stack: text || "x", reason: text, hint: text }];

function parsed(text: string): {
  find: (path: string) => XmlElement[];
  attribute: (path: string) => string[];
} {
  const document = XmlDocument.fromString(text);
  validator.validate(document);
  const find = (path: string) => document.find(path) as XmlElement[];
  return { find, attribute: (path) => find(path).map(({ content }) => content) };
}

const rendered = (...[reports, at, asked]: Parameters<typeof reportSet>) =>
  RENDERERS.junit(reportSet(reports, at, asked), { color: false, width: 80 });

describe("the JUnit file", () => {
  const text = rendered([aReport({}), aReportFullOf("seen")], new Date("2026-11-23T21:05:06.789Z"));

  it("has a suite for each cache and a test for each check", () => {
    const { attribute } = parsed(text);
    expect(attribute("/testsuites/testsuite/@tests")).toEqual(["2", "5"]);
    expect(attribute("//testsuite[1]/testcase/@name")).toEqual(["Enabled", "PING"]);
    expect(attribute("//testsuite[1]/@timestamp")).toEqual(["2026-11-23T21:05:06"]);
  });

  it("reports a failure with its code, what was observed, and what to do", () => {
    const { attribute } = parsed(text);
    expect(attribute("//testsuite[2]/@failures")).toEqual(["1"]);
    expect(attribute("//failure/@type")).toEqual(["AUTH_WRONG"]);
    expect(attribute("//failure/@message")).toEqual(["AUTH_WRONG: seen; expected: seen"]);
    expect(attribute("//failure")).toEqual(["seen"]);
  });

  it("preserves foreign text exactly", () => {
    const foreign = `<a b="c" d='e'>&amp;]]></a>`;
    const { attribute } = parsed(rendered([aReportFullOf(foreign)], new Date()));
    expect(attribute("//property[@name='plan']/@value")).toEqual([foreign]);
    expect(attribute("//failure")).toEqual([foreign]);
  });

  it("passes a warning and reports it in the output", () => {
    const { attribute } = parsed(text);
    expect(attribute("//testsuite[2]/@skipped")).toEqual(["2"]);
    expect(attribute("//testsuite[2]/system-out")[0]).toContain("warning: Connection: MEMORY_HIGH: seen");
  });

  it("counts a cache that could not be asked as an error", () => {
    const { attribute } = parsed(rendered([], new Date(), notAsked("prod")));
    expect(attribute("//testsuite/@errors")).toEqual(["1"]);
    expect(attribute("//error/@message")).toEqual(["prod"]);
  });

  it.each(Object.entries(HOSTILE_TEXTS))("stays valid and clean with %s in every field", (_name, hostile) => {
    const file = rendered([aReportFullOf(hostile), aReport({})], new Date(), notAsked(hostile));
    parsed(file);
    expect(file).not.toMatch(UNCLEAN);
    expect(file.length).toBeLessThan(200_000);
  });
});
