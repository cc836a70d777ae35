import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { historyPage } from "../../../check/history/page.ts";
import { reportSet } from "../../../check/report-set.ts";
import { type Browser, chromium, startBrowser, type View } from "../../support/browser.ts";
import { aRun, someRuns } from "../../support/history.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";
import { passes } from "../../support/parts.ts";
import { HISTORY_RENDERERS, RENDERERS } from "../../support/renderers.ts";
import { aReport, aReportFullOf } from "../../support/report.ts";

const at = new Date("2026-11-23T21:05:00Z");
const functions = ["user:profile", "user:list"].map((namespace) => ({
  ...{ namespace, hits: 900, misses: 100, errors: 0, loads: 100, loadMsMean: 120, loadMsMax: 300 },
  ...{ unchangedReloads: 4, ttlSeconds: 300, savedSeconds: 108 },
}));
const past = historyPage({ runs: someRuns(600).map((run) => ({ ...run, functions })), skippedLines: 1 }, at);
const asked = [
  {
    stack: "b",
    reason: "The state of stack b could not be read.",
    hint: "",
    advice: { say: "", run: ["./propiq-cache dev"] },
  },
];
const PAGES = {
  "a healthy cache": RENDERERS.html(reportSet([aReport({})], at), { color: false, width: 80 }),
  "several caches with a history": RENDERERS.html(
    reportSet(
      [aReportFullOf("seen"), aReport({ stack: "prod" }), aReport({ verdict: "disabled" })],
      at,
      asked,
    ),
    { color: false, width: 80, history: past },
  ),
  "a history": HISTORY_RENDERERS.html(past),
  "a history of one run": HISTORY_RENDERERS.html(historyPage({ runs: [aRun()], skippedLines: 0 }, at)),
  "an empty history": HISTORY_RENDERERS.html(historyPage({ runs: [], skippedLines: 0 }, at)),
};

const chartsOf = (html: string) => html.match(/<svg.*?<\/svg>/gs) ?? [];
/** What a chart writes. */
const wordsOf = (chart: string) => [...chart.matchAll(/>([^<>]+)</g)].map(([, word]) => word);

const VIEWS: readonly View[] = [
  { widthPx: 1280, heightPx: 900, scheme: "light" },
  { widthPx: 390, heightPx: 844, scheme: "dark" },
  { widthPx: 390, heightPx: 844, scheme: "light" },
  { widthPx: 1280, heightPx: 900, scheme: "dark" },
];

/** axe takes a drawing for an image whose colours it cannot know; the contrast of its words has a test of its own. */
const JUDGED_BY_AXE = "!/^<(text|tspan)/.test(html)";

/** The contrast of the words of charts to the card that they lie on, by the formula of WCAG 2. */
const WEAKEST_CONTRAST = `
(() => {
  const light = (color) => color.match(/[\\d.]+/g).slice(0, 3)
    .map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const ratios = [...document.querySelectorAll("svg text")].map((text) => {
    const [low, high] = [getComputedStyle(text).fill, getComputedStyle(text.closest(".card")).backgroundColor]
      .map(light).sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  });
  return ratios.length === 0 ? 0 : Math.min(...ratios);
})()`;
/** As it is shown, with the drawing scaled to the page. */
const SMALLEST_TEXT_PX = `
(() => {
  const sizes = [...document.querySelectorAll("svg text")]
    .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a);
  return sizes.length === 0 ? 0 : Math.min(...sizes);
})()`;

/** Pixels that stick out to the right. */
const OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

describe("the page", () => {
  const page = PAGES["several caches with a history"];

  it("says first what is wrong and whether users feel it", () => {
    const words = page
      .slice(page.indexOf("<main>"))
      .replace(/<[^>]*>/g, " ")
      .replace(/\s+/g, " ");
    expect(words).toMatch(
      /The impact is unknown.*not checked stack b.*✘ failed seen, stack seen.*AUTH_WRONG/,
    );
  });

  it("loads nothing: no script, no link, no network", () => {
    for (const text of Object.values(PAGES)) {
      expect(text).not.toMatch(/<script|<link|<img|\bsrc=|\bhref=|url\(|@import|https?:/);
      expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    }
  });

  it("charts latency, memory, hit rate and verdicts, in words too", () => {
    const labels = chartsOf(PAGES["a history"]).map((chart) => /aria-label="([^"]*)"/.exec(chart)?.[1]);
    expect(labels.map((label) => label?.split(".")[0])).toEqual(
      Array.from({ length: 2 }, () => ["Verdicts", "Latency", "Memory", "Hit rate"]).flat(),
    );
    expect(labels[2]).toMatch(/used \d+ MB now, from 19 MB to \d+ MB; limit 100 MB; warning from 80 MB\./);
  });

  it("shows commands as what is to be typed, and of many changes the latest", () => {
    expect(page).toContain('<p class="hint">→ Run: <code>./propiq-cache dev</code></p>');
    const changes = PAGES["a history"].slice(PAGES["a history"].indexOf("What changed"));
    expect(changes.slice(0, changes.indexOf("<details>")).match(/UTC: /g)).toHaveLength(5);
    expect(changes).toMatch(/<details><summary>15 earlier changes<\/summary>/);
  });

  it("has axes with ticks and units, and thresholds as lines", () => {
    const [verdicts = "", latency = "", memory = "", hitRate = ""] = chartsOf(PAGES["a history"]);
    expect(wordsOf(verdicts)).toEqual(
      expect.arrayContaining(["failed", "degraded", "healthy", "11-20", "2026"]),
    );
    expect(wordsOf(latency)).toEqual(expect.arrayContaining(["0 ms", "1 ms", "3 ms"]));
    expect(wordsOf(memory)).toEqual(expect.arrayContaining(["0 MB", "100 MB", "limit", "warning from"]));
    expect(wordsOf(hitRate)).toEqual(expect.arrayContaining(["0%", "100%", "warning below"]));
    // No latency comes near 100 ms: that line would press the curves to the bottom, so words alone name it.
    expect(latency).toMatch(/aria-label="[^"]*warning above 100 ms/);
    expect(
      [memory, hitRate, latency].map((chart) => chart.match(/<g [^>]*class="limit"/g)?.length ?? 0),
    ).toEqual([2, 1, 0]);
  });

  it("shades the spans in which the check failed and those without a check, and draws no curve through a span without a check", () => {
    const runs = [0, 1, 2, 3, 4, 9, 10].map((hour) =>
      aRun({ at: `2026-11-23T${String(hour).padStart(2, "0")}:00:00.000Z` }),
    );
    const [first, second, ...rest] = runs;
    if (first === undefined || second === undefined) throw new Error("no runs");
    const page = HISTORY_RENDERERS.html(
      historyPage({ runs: [first, { ...second, verdict: "failed" }, ...rest], skippedLines: 0 }, at),
    );
    const [, latency = ""] = chartsOf(page);
    expect(latency.match(/class="failed-span"><rect/g)).toHaveLength(1);
    expect(latency.match(/class="gap-span"><rect/g)).toHaveLength(1);
    // The line begins again after the gap.
    expect(/class="curve"><path d="(M[^"]*)"/.exec(latency)?.[1]?.match(/M/g)).toHaveLength(2);
    expect(page).toContain("No check ran for 5 h 0 min, from 04:00 UTC to 09:00 UTC");
    expect(page).toContain("Red areas: the check failed. Grey areas: no check ran.");
  });

  it("says in words what was not measured, instead of an empty chart", () => {
    const { p50Ms: _p50, p95Ms: _p95, hitRate: _rate, ...run } = aRun();
    const page = HISTORY_RENDERERS.html(historyPage({ runs: [run], skippedLines: 0 }, at));
    expect(chartsOf(page)).toHaveLength(2);
    expect(page).toContain("Not measured yet: latency, hit rate.");
  });

  it("is the same each time it is made", () => {
    expect(HISTORY_RENDERERS.html(past)).toBe(PAGES["a history"]);
  });

  it("has no missing values", () => {
    for (const text of Object.values(PAGES)) expect(text).not.toMatch(/undefined|NaN|null|Infinity/);
  });
});

const bin = chromium();
if (bin === undefined && process.env["CI"] === "true") throw new Error("CI needs Chromium to show pages in");

// Without Chromium there is nothing to show the pages in; a pipeline has failed above.
describe.skipIf(bin === undefined)("in a real browser", () => {
  let browser: Browser;
  let folder: string;
  let axe: string;
  beforeAll(async () => {
    browser = await startBrowser(bin ?? "");
    folder = await mkdtemp(join(tmpdir(), "propiq-pages-"));
    axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  });
  afterAll(async () => {
    await browser.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function show(html: string, view: View): Promise<void> {
    const file = join(folder, "page.html");
    await writeFile(file, html);
    await browser.show(pathToFileURL(file).href, view);
  }

  const cases = Object.entries(PAGES).flatMap(([name, html]) =>
    VIEWS.map((view) => ({ name, html, view, width: view.widthPx, scheme: view.scheme })),
  );
  // Two views of each page have both widths and both schemes.
  const usually = cases.flatMap(({ view }, index) => (VIEWS.indexOf(view) < 2 ? [index] : []));
  for (const [rows, pass] of passes(cases, ...usually))
    it.each(rows)("axe finds nothing in $name at $width px, $scheme", pass, async ({ html, view }) => {
      await show(html, view);
      const found = await browser.evaluate(
        `${axe}; axe.run().then(({ violations, incomplete, passes }) => ({ passed: passes.length, found: [...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map(({ html }) => html).filter((html) => ${JUDGED_BY_AXE})]).filter(([, nodes]) => nodes.length > 0) }))`,
      );
      expect(found).toEqual({ passed: expect.any(Number), found: [] });
    });

  it.each(cases)(
    "the words of charts are readable in $name at $width px, $scheme",
    async ({ html, view }) => {
      await show(html, view);
      const weakest = Number(await browser.evaluate(WEAKEST_CONTRAST));
      const smallest = Number(await browser.evaluate(SMALLEST_TEXT_PX));
      if (!html.includes("<svg")) return expect([weakest, smallest]).toEqual([0, 0]);
      expect(weakest).toBeGreaterThanOrEqual(4.5);
      expect(smallest).toBeGreaterThanOrEqual(10);
    },
  );

  it.each(cases)("fits into the window: $name at $width px, $scheme", async ({ html, view }) => {
    await show(html, view);
    expect(await browser.evaluate(OVERFLOW)).toBe(0);
    const paper = await browser.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(paper).toBe(view.scheme === "dark" ? "rgb(13, 17, 23)" : "rgb(255, 255, 255)");
  });

  it.each(Object.entries(HOSTILE_TEXTS))(
    "shows %s as text, and nothing else happens",
    async (_name, hostile) => {
      const reports = [aReportFullOf(hostile), aReport({})];
      const notAsked = [{ stack: hostile, reason: hostile, hint: hostile }];
      const runs = [aRun({ stack: hostile, plan: hostile, endpoint: hostile })];
      const history = historyPage({ runs, skippedLines: 0 }, at);
      const html = RENDERERS.html(reportSet(reports, at, notAsked), { color: false, width: 80, history });
      expect(html).not.toMatch(UNCLEAN);
      for (const page of [html, HISTORY_RENDERERS.html(history)]) {
        await show(page, { widthPx: 390, heightPx: 844, scheme: "light" });
        const strange = "document.querySelectorAll('script, img, a, iframe, [onerror]').length";
        expect(await browser.evaluate(strange)).toBe(0);
        expect(await browser.evaluate("document.querySelectorAll('body > *').length")).toBe(3);
        expect(await browser.evaluate(OVERFLOW)).toBe(0);
      }
    },
  );
});
