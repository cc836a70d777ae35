import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { checkCache } from "../../../check/check.ts";
import type { CheckResult, Report } from "../../../check/report.ts";
import { reportSet } from "../../../check/report-set.ts";
import { RENDERERS } from "../../support/renderers.ts";
import { aReport } from "../../support/report.ts";

const rendered = (reports: Report[], options = { color: false, width: 80 }) =>
  RENDERERS.text(reportSet(reports, new Date()), options);

const failing: CheckResult = {
  id: "tcp",
  title: "Connection",
  status: "fail",
  code: "TCP_REFUSED",
  observed: "refused: nothing listens there (ECONNREFUSED)",
  hint: "The container is stopped. Start it again. Run: ./propiq-cache dev --verbose",
  advice: { say: "The container is stopped. Start it again.", run: ["./propiq-cache dev --verbose"] },
  durationMs: 1,
};
const failed = aReport({
  verdict: "failed",
  impact: "slower",
  checks: [
    { id: "enabled", title: "Enabled", status: "pass", observed: "yes", durationMs: 0 },
    failing,
    { id: "tls", title: "TLS", status: "skip", durationMs: 0 },
    { id: "ping", title: "PING", status: "skip", durationMs: 0 },
  ],
});

describe("the text", () => {
  it("begins with the verdict, where, and what users notice", () => {
    const [first, second] = rendered([failed]).split("\n");
    expect(first).toBe("✘ failed  127.0.0.1:6379, stack dev, plan docker");
    expect(second).toBe("  The app is slower for users, if it works without its cache.");
  });

  it("says of a failure what was seen, its code, and what to type", () => {
    const text = rendered([failed]);
    expect(text).toContain("✘ Connection      TCP_REFUSED: refused: nothing listens there (ECONNREFUSED)");
    expect(text).toMatch(/→ The container is stopped/);
    // On one line, to be copied.
    const narrow = rendered([failed], { color: false, width: 40 });
    expect(narrow.split("\n")).toContain("    → Run: ./propiq-cache dev --verbose");
  });

  it("sums up in a line what was not reached", () => {
    expect(rendered([failed])).toContain("Not reached: TLS, PING.");
  });

  it("shows what was expected beside a warning", () => {
    const text = rendered([
      aReport({
        verdict: "degraded",
        checks: [
          {
            id: "memory",
            title: "Memory",
            status: "warn",
            code: "MEMORY_HIGH",
            observed: "90 MB of 100 MB (90%)",
            expected: "below 80%",
            hint: "Shorter TTLs.",
            durationMs: 0,
          },
        ],
      }),
    ]);
    expect(text).toContain("! Memory          MEMORY_HIGH: 90 MB of 100 MB (90%); expected: below 80%");
  });

  it("gives the titles no columns of their own where there are few", () => {
    const lines = rendered([failed], { color: false, width: 40 }).split("\n");
    expect(lines).toContain("  ✘ Connection: TCP_REFUSED: refused:");
    expect(lines).toContain("    → The container is stopped. Start it");
    expect(lines.length).toBeLessThan(24);
  });

  it.each([40, 59, 60, 80, 200])("fits into %d columns", (width) => {
    for (const line of rendered([failed, aReport({})], { color: false, width }).split("\n")) {
      // But for what names a cache, and is not to be broken.
      if (!line.includes("stack dev")) expect(line.length).toBeLessThanOrEqual(width);
    }
  });

  it("fits on one screen", () => {
    expect(rendered([failed]).split("\n").length).toBeLessThan(24);
  });

  it("says the same with colours and without, and has none without", () => {
    const colourful = rendered([failed, aReport({})], { color: true, width: 80 });
    const plain = rendered([failed, aReport({})]);
    expect(stripVTControlCharacters(colourful)).toBe(plain);
    expect(colourful).not.toBe(plain);
    expect(stripVTControlCharacters(plain)).toBe(plain);
  });

  it("colours only the mark of a healthy line, and the whole line otherwise", () => {
    const text = rendered([failed], { color: true, width: 80 });
    expect(text).toContain("  \u001b[32m✔\u001b[39m Enabled         yes\n");
    const lines = text.split("\n");
    const line = (words: string) => lines.find((each) => each.includes(words)) ?? "";
    expect(line("Connection").startsWith("\u001b[31m  ✘ Connection")).toBe(true);
    expect(line("Connection").endsWith("\u001b[39m")).toBe(true);
    expect(line("The container").startsWith("\u001b[1m")).toBe(true);
  });

  it("says that a disabled cache was disabled on purpose", async () => {
    const text = rendered([await checkCache({ enabled: false, stack: "prod" })]);
    expect(text).toMatch(/^○ disabled {2}stack prod\n {2}The app is configured to run without its cache\./);
  });

  it("has no missing values", async () => {
    const off = await checkCache({ enabled: false });
    const { stack: _stack, plan: _plan, provider: _provider, ...nameless } = aReport({});
    expect(rendered([off, nameless, failed])).not.toMatch(/undefined|NaN|null|, ,|\n\n\n/);
  });
});

it("the JSON is the report itself", () => {
  const set = reportSet([failed], new Date());
  const text = RENDERERS.json(set, { color: true, width: 10 });
  expect(JSON.parse(text)).toEqual(set);
  expect(text.endsWith("}\n")).toBe(true);
});
