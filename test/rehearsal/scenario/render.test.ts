import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XmlDocument, XsdValidator } from "libxml2-wasm";
import { parse } from "valibot";
import { describe, expect, it } from "vitest";
import { REHEARSAL_FORMATS, type RehearsalFormat } from "../../../rehearsal/scenario/options.ts";
import { rendererOf } from "../../../rehearsal/scenario/render/formats.ts";
import { renderSummary, stepLines } from "../../../rehearsal/scenario/render/text.ts";
import type { RehearsalReport } from "../../../rehearsal/scenario/report.ts";
import { REHEARSAL_SCHEMA } from "../../../rehearsal/scenario/schema.ts";
import { aReport, aStep } from "./samples.ts";

const render = async (format: RehearsalFormat, report: RehearsalReport) =>
  (await rendererOf(format))(report, { width: 100 });

const FAILED = aReport({
  verdict: "failed",
  steps: [
    aStep(),
    aStep({
      ...{ name: "azure-c1", exitCode: 1, code: "COMMAND_FAILED" },
      ...{
        observed: "Azure has no room",
        hint: "Run: ./propiq-cache rehearse --shell",
        note: "It costs $55.",
      },
    }),
  ],
});

describe.each(REHEARSAL_FORMATS)("a rehearsal as %s", (format) => {
  it("says the verdict, each step and what failed", async () => {
    const text = await render(format, FAILED);
    for (const part of ["failed", "azure-c1", "COMMAND_FAILED", "Azure has no room", "A note for the reader"])
      expect(text).toContain(part);
    expect(text).not.toMatch(/undefined|NaN|\[object/);
  });

  it("shows foreign words as words", async () => {
    const hostile = aReport({
      verdict: "failed",
      steps: [
        aStep({ code: "COMMAND_FAILED", observed: "<b>\u001b[31m\n::set-output name=x::y</b>", hint: "h" }),
      ],
    });
    const text = await render(format, hostile);
    expect(text).not.toContain("\u001b");
    expect(text).not.toMatch(/^::set-output/m);
    if (format === "html" || format === "junit") expect(text).not.toContain("<b>");
  });
});

describe("the formats", () => {
  it("are the report itself as JSON, by its schema", async () => {
    const parsed: unknown = JSON.parse(await render("json", FAILED));
    expect(parsed).toEqual(FAILED);
    expect(parse(REHEARSAL_SCHEMA, parsed)).toEqual(FAILED);
  });

  it("are JUnit by its schema, where a rehearsed failure is not a failure", async () => {
    const steps = [
      aStep({ code: "CLOUD_FAILED", observed: "refused", hint: "h" }),
      aStep({ name: "recover up" }),
    ];
    const xml = await render("junit", aReport({ steps }));
    const schema = readFileSync(join(import.meta.dirname, "..", "..", "support", "junit.xsd"), "utf8");
    const validator = XsdValidator.fromDoc(XmlDocument.fromString(schema));
    expect(() => validator.validate(XmlDocument.fromString(xml))).not.toThrow();
    expect(xml).toContain('tests="2" failures="0"');
    expect(await render("junit", FAILED)).toContain('tests="2" failures="1"');
  });
});

it("the HTML page shows when it was made to the minute", async () => {
  const page = await render("html", aReport());
  expect(page).toContain("2026-11-25 21:00 UTC");
  expect(page).not.toMatch(/\d\dT\d\d:/);
});

describe("the text", () => {
  it("has a line for a step that went well", () => {
    expect(stepLines(aStep(), { width: 100 })).toEqual([
      "ok    up                   8.2 s  82 requests, 0 failed, longest gap 640 ms, 2 settings, 1 restart",
    ]);
  });

  it("does not mention requests where none were sent", () => {
    const requests = { sent: 0, failed: 0, longestGapMs: 0 };
    const quiet = aStep({ requests, appRestarts: 0, settingsWritten: [] });
    expect(stepLines(quiet, { width: 100 })).toEqual(["ok    up                   8.2 s"]);
    expect(renderSummary(aReport({ steps: [quiet] }), { width: 100 })).not.toContain("Requests");
  });

  it("fits one screen in the end", () => {
    const steps = Array.from({ length: 14 }, (_, at) => aStep({ name: `step ${at}` }));
    const lines = renderSummary(aReport({ steps }), { width: 80 }).split("\n");
    expect(lines.length).toBeLessThan(24);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });
});
