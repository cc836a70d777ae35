import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { checkCache } from "../../../check/check.ts";
import { reportSet } from "../../../check/report-set.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";
import { RENDERERS } from "../../support/renderers.ts";
import { aReport, aReportFullOf } from "../../support/report.ts";

/** The file itself, as another user's program would use it. */
const text = readFileSync(join(PROJECT_ROOT, "docs", "report.schema.json"), "utf8");
const ajv = new Ajv2020({ strict: true, validateFormats: false });
const accepts = ajv.compile(JSON.parse(text) as object);
const knowsAllOf = ajv.compile(
  JSON.parse(
    text.replaceAll('"type": "object"', '"type": "object", "additionalProperties": false'),
  ) as object,
);

const rendered = (...[reports, at, asked]: Parameters<typeof reportSet>) =>
  RENDERERS.json(reportSet(reports, at, asked), { color: false, width: 80 });
const asked = (stack: string) => [{ stack, reason: stack, hint: stack }];

describe("the JSON", () => {
  it("keeps to its schema, which knows every field", async () => {
    const reports = [aReport({}), aReportFullOf("x"), await checkCache({ enabled: false, stack: "prod" })];
    const value: unknown = JSON.parse(rendered(reports, new Date(), asked("b")));
    expect(knowsAllOf(value), ajv.errorsText(knowsAllOf.errors)).toBe(true);
  });

  it("may grow: its schema accepts what it does not know", () => {
    const value = JSON.parse(rendered([aReport({})], new Date())) as object;
    expect(accepts({ ...value, later: 1 })).toBe(true);
    expect(knowsAllOf({ ...value, later: 1 })).toBe(false);
  });

  it.each([
    ["another schema", { schema: 2 }],
    ["an unknown verdict", { verdict: "fine" }],
    ["a time that is none", { generatedAt: "yesterday" }],
    ["a report without checks", { reports: [{ ...aReport({}), checks: undefined }] }],
    [
      "a failure without a hint",
      {
        reports: [
          aReport({
            checks: [{ id: "tcp", title: "", status: "fail", code: "TIMEOUT", durationMs: 0 } as never],
          }),
        ],
      },
    ],
  ])("with %s is refused", (_name, change) => {
    const value = JSON.parse(rendered([aReport({})], new Date())) as object;
    expect(accepts(JSON.parse(JSON.stringify({ ...value, ...change })))).toBe(false);
  });

  it.each(Object.entries(HOSTILE_TEXTS))("stays valid and clean with %s in every field", (_name, hostile) => {
    const json = rendered([aReportFullOf(hostile)], new Date(), asked(hostile));
    expect(accepts(JSON.parse(json))).toBe(true);
    expect(json).not.toMatch(UNCLEAN);
    expect(json.length).toBeLessThan(100_000);
  });
});
