import { describe, expect, it } from "vitest";
import { cleaned } from "../../../check/render/clean.ts";
import { reportSet } from "../../../check/report-set.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";
import { RENDERERS } from "../../support/renderers.ts";
import { aReportFullOf } from "../../support/report.ts";

describe("a cleaned report", () => {
  it.each([
    ["a pipeline's command", "::error::x", ": :error::x"],
    ["one inside a line, where wrapping may put it first", "x ::stop-commands::y", "x : :stop-commands::y"],
    ["one that only shows when a control character is gone", ":\u200b:error::x", ": :error::x"],
    ["an older or an Azure command", "a##vso[task.x]b ##[error]c", "a# #vso[task.x]b # #[error]c"],
    ["an address of IPv6", "connect [::1]:6379 or ::1", "connect [::1]:6379 or ::1"],
    ["lines", "a\n\tb", "a b"],
  ])("defuses %s and nothing else", (_name, text, expected) => {
    expect(cleaned({ a: [text] })).toEqual({ a: [expected] });
  });

  it("keeps values that are no texts, and the value that it was given", () => {
    const value = Object.freeze({ n: 1, no: null, yes: true, text: "\u0007" });
    expect(cleaned(value)).toEqual({ n: 1, no: null, yes: true, text: "" });
    expect(value.text).toBe("\u0007");
  });
});

it.each(Object.entries(HOSTILE_TEXTS))(
  "the text stays clean and short with %s in every field",
  (_name, hostile) => {
    const set = reportSet([aReportFullOf(hostile)], new Date(), [
      { stack: hostile, reason: hostile, hint: hostile },
    ]);
    const text = RENDERERS.text(set, { color: false, width: 60 });
    expect(text).not.toMatch(UNCLEAN);
    expect(text.length).toBeLessThan(50_000);
  },
);
