import { describe, expect, it } from "vitest";
import type { WrittenAdvice } from "../../../base/advice.ts";
import { reportSet } from "../../../check/report-set.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";
import { RENDERERS } from "../../support/renderers.ts";
import { aReport, aReportFullOf } from "../../support/report.ts";

const rendered = (...[reports, at, asked]: Parameters<typeof reportSet>) =>
  RENDERERS.markdown(reportSet(reports, at, asked), { color: false, width: 80 });
const at = new Date("2026-11-23T21:30:00Z");

/** Cells of a row: a bar behind a backslash does not part them. */
const cellsOf = (row: string) => row.split(/(?<!\\)(?:\\\\)*\|/).length - 2;

describe("the job summary", () => {
  it("says first what is wrong, whether users feel it, and what to do", () => {
    const [title, , impact, , problem] = rendered([aReportFullOf("seen")], at).split("\n");
    expect(title).toBe("## ❌ failed: seen, stack seen, plan seen");
    expect(impact).toContain("**The app is slower for users, if it works without its cache.**");
    expect(problem).toBe("- ❌ **Connection** AUTH_WRONG: seen; expected: seen → seen");
  });

  it("says what has changed since the last run", () => {
    const text = rendered([aReportFullOf("x")], at);
    expect(text).toContain("Since 20:00 UTC: healthy → failed (AUTH_WRONG, MEMORY_HIGH)");
  });

  it("counts several caches, and those that could not be asked", () => {
    const asked = [{ stack: "prod", reason: "no state", hint: "make one" }];
    const text = rendered([aReport({}), aReportFullOf("x")], at, asked);
    expect(text).toMatch(/^# 3 caches: ✅ 1 healthy, ❌ 1 failed, ❔ 1 not checked\n/);
    expect(text).toContain("## ❔ not checked: stack prod\n\nno state → make one\n");
  });

  it("shows commands as code, and no foreign text as a command", () => {
    const rest = (advice: WrittenAdvice | undefined, hint = "") =>
      rendered([], at, [{ stack: "prod", reason: "no state", hint, ...(advice && { advice }) }])
        .split(" → ")[1]
        ?.trim();
    expect(rest({ say: "Grow *now*.", run: ["./propiq-cache on --stack b_c", "echo `id`"] })).toBe(
      "Grow \\*now\\*. Run: `./propiq-cache on --stack b_c`, then `` echo `id` ``",
    );
    expect(rest(undefined, "./propiq-cache verify --stack `a` <b>")).toBe(
      "./propiq-cache verify --stack \\`a\\` \\<b\\>",
    );
  });

  it("shows foreign markup as what it is", () => {
    const text = rendered([aReportFullOf("_a_ b_c *d* __e__ `f` #1 $x$ www.g.h http://i")], at);
    expect(text).toContain("\\_a\\_ b_c \\*d\\* \\_\\_e\\_\\_ \\`f\\` \\#1 \\$x\\$ www\\.g.h http\\://i");
  });

  it("has no missing values", () => {
    expect(rendered([aReport({ verdict: "disabled", checks: [], measurements: {} })], at)).not.toMatch(
      /undefined|NaN|null|\n\n\n/,
    );
  });

  it.each(Object.entries(HOSTILE_TEXTS))("keeps its form with %s in every field", (_name, hostile) => {
    const asked = [{ stack: hostile, reason: hostile, hint: hostile }];
    const text = rendered([aReportFullOf(hostile), aReport({})], at, asked);
    expect(text).not.toMatch(UNCLEAN);
    const rows = text.split("\n").filter((line) => line.startsWith("|"));
    expect(rows.map(cellsOf)).toEqual(rows.map(() => 3));
    // No foreign line begins a heading, a tag, a link or a mention.
    expect(text.match(/^#+ /gm)).toHaveLength(4);
    expect(text.replaceAll("@<!-- -->", "")).not.toMatch(/(?<!\\)[<>[\]`]|@/);
  });

  it("remains below the size limit of a job summary, and says what it left out", () => {
    const many = Array.from({ length: 2000 }, () => aReportFullOf("x".repeat(1000)));
    const text = rendered(many, at);
    expect(Buffer.byteLength(text)).toBeLessThan(1024 * 1024);
    expect(text).toMatch(/_\d+ more left out: the page would be too long\._\n$/);
  });
});
