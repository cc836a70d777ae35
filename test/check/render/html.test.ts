import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { historyPage } from "../../../check/history/page.ts";
import { RENDERERS } from "../../../check/render/formats.ts";
import { HISTORY_RENDERERS } from "../../../check/render/history.ts";
import { reportSet } from "../../../check/report-set.ts";
import { type Browser, chromium, startBrowser, type View } from "../../support/browser.ts";
import { aRun, someRuns } from "../../support/history.ts";
import { HOSTILE_TEXTS, UNCLEAN } from "../../support/hostile-texts.ts";
import { aReport, aReportFullOf } from "../../support/report.ts";

const at = new Date("2026-11-23T21:05:00Z");
const past = historyPage({ runs: someRuns(600), skippedLines: 1 }, at);
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

const VIEWS: readonly View[] = [
  { widthPx: 1280, heightPx: 900, scheme: "light" },
  { widthPx: 390, heightPx: 844, scheme: "dark" },
  { widthPx: 390, heightPx: 844, scheme: "light" },
  { widthPx: 1280, heightPx: 900, scheme: "dark" },
];

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

  it("asks for nothing: no script, no link, no network", () => {
    for (const text of Object.values(PAGES)) {
      expect(text).not.toMatch(/<script|<link|<img|\bsrc=|\bhref=|url\(|@import|https?:/);
      expect(text).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    }
  });

  it("charts latency, memory, hit rate and verdicts, in words too", () => {
    const labels = [...PAGES["a history"].matchAll(/<svg role="img" aria-label="([^"]*)"/g)].map(
      ([, label]) => label,
    );
    expect(labels.map((label) => label?.split(".")[0])).toEqual(
      Array.from({ length: 2 }, () => ["Verdicts", "Latency", "Memory", "Hit rate"]).flat(),
    );
    expect(labels[2]).toMatch(/used \d+ MB now, from 19 MB to \d+ MB; limit \(dotted\) 100 MB now/);
  });

  it("shows commands as what is to be typed, and of many changes the latest", () => {
    expect(page).toContain('<p class="hint">→ Run: <code>./propiq-cache dev</code></p>');
    const changes = PAGES["a history"].slice(PAGES["a history"].indexOf("What changed"));
    expect(changes.slice(0, changes.indexOf("<details>")).match(/UTC: /g)).toHaveLength(5);
    expect(changes).toMatch(/<details><summary>15 earlier<\/summary>/);
  });

  it("has no holes", () => {
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
  it.each(cases)("axe finds nothing in $name at $width px, $scheme", async ({ html, view }) => {
    await show(html, view);
    const found = await browser.evaluate(
      `${axe}; axe.run().then(({ violations, incomplete, passes }) => ({ passed: passes.length, found: [...violations, ...incomplete].map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]) }))`,
    );
    expect(found).toEqual({ passed: expect.any(Number), found: [] });
  });

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
