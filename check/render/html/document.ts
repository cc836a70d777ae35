/** Reports and histories as HTML pages. */
import { commandLine, propiq } from "../../../base/command.ts";
import type { CacheHistory, HistoryPage } from "../../history/page.ts";
import { cacheOf } from "../../history/past-run.ts";
import { skippedInWords } from "../../history/words.ts";
import type { ReportSet } from "../../report.ts";
import { impactInWords, nameOf, VERDICT_MARKS } from "../../words.ts";
import { escapeMarkup } from "../escape.ts";
import type { RenderOptions } from "../renderer.ts";
import { historySection } from "./history.ts";
import { pageOf } from "./page.ts";
import { notAskedCard, reportCard } from "./report.ts";

/** With charts of the caches that the history knows, where there is one. */
export function renderHtml(set: ReportSet, { history }: Pick<RenderOptions, "history">): string {
  const { reports, notAsked = [], verdict, generatedAt } = set;
  const past = new Map(history?.caches.map((cache) => [cacheOf(cache), cache]));
  const cards = reports.map((report) => {
    const cache = past.get(cacheOf(report));
    return reportCard(report, generatedAt, cache && historySection(cache, generatedAt));
  });
  const title = reports.length === 1 ? `Redis cache: ${verdict}` : `Redis caches: ${verdict}`;
  const summary = reports.length + notAsked.length > 1 ? `<p>${escapeMarkup(impactInWords(set))}</p>` : "";
  return pageOf({ title, generatedAt }, [summary, ...notAsked.map(notAskedCard), ...cards]);
}

const FIRST_RUN = propiq("verify", "--env-file", ".env", "--history", ".propiq/history.jsonl");

export function renderHistoryHtml({ caches, skippedLines, generatedAt }: HistoryPage): string {
  const skipped = skippedInWords(skippedLines);
  const cards = caches.map((cache) => historyCard(cache, generatedAt));
  return pageOf({ title: "Redis caches: history", generatedAt }, [
    ...(cards.length === 0
      ? [`<p>No run is in the history yet. Run: <code>${escapeMarkup(commandLine(FIRST_RUN))}</code></p>`]
      : cards),
    skipped === undefined ? "" : `<p class="soft">${escapeMarkup(skipped)}</p>`,
  ]);
}

function historyCard(cache: CacheHistory, now: string): string {
  const { verdict, codes } = cache;
  const why = codes.length === 0 ? "" : ` (${escapeMarkup(codes.join(", "))})`;
  return `<section class="card ${verdict}">
<h2><span class="verdict">${VERDICT_MARKS[verdict]} ${verdict}${why}</span> ${escapeMarkup(nameOf(cache))}</h2>
${historySection(cache, now)}
</section>`;
}
