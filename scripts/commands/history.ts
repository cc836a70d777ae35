/** The history's file, as the commands use it. */
import { resolve } from "node:path";
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { fileErrorWords } from "../../base/file-error.ts";
import { forecastsOf, type Limits } from "../../check/forecast/of-history.ts";
import { appendRuns, type History, readHistory } from "../../check/history/file.ts";
import { type HistoryPage, historyPage } from "../../check/history/page.ts";
import { asPrevious, cacheOf, lastRuns, type PastRun, pastRun } from "../../check/history/past-run.ts";
import type { Counters } from "../../check/judge/look-ups.ts";
import type { Forecast, PreviousRun, Report, ReportSet } from "../../check/report.ts";

/** @throws PropiqError where the file is there and cannot be read */
export async function openHistory(path: string): Promise<History> {
  try {
    return await readHistory(resolve(path));
  } catch (error) {
    throw new PropiqError(`The history ${path} cannot be read.`, {
      code: "FILE_UNUSABLE",
      next: advice("It must be a file that you may read, or not exist yet."),
      cause: error,
    });
  }
}

/** @throws PropiqError where the file cannot be written */
export async function addToHistory(path: string, set: ReportSet): Promise<void> {
  try {
    await appendRuns(resolve(path), runsOf(set));
  } catch (error) {
    throw new PropiqError(`The history ${path} could not be written: ${fileErrorWords(error)}.`, {
      code: "FILE_UNUSABLE",
      next: advice("Its earlier runs are unchanged, and the result of this run is above."),
      cause: error,
    });
  }
}

/** What earlier runs know of a cache. */
export interface Past {
  since?: Counters;
  previous?: PreviousRun;
}

/** A history that a check reads before, and adds to after. */
export interface Book {
  pastOf(cache: Pick<Report, "stack" | "endpoint">): Past;
  /** What runs out at the present rate, with this report as the latest run. */
  forecastsOf(report: Report, limits: Limits): Forecast[];
  /** Lines of the file that could not be used, for the report. */
  skipped(): Pick<ReportSet, "skippedHistoryLines">;
  /** The history as it will be with these reports. */
  pageWith(set: ReportSet): HistoryPage;
  add(set: ReportSet): Promise<void>;
}

/** @throws PropiqError where the file is there and cannot be read */
export async function openBook(path: string): Promise<Book> {
  const history = await openHistory(path);
  const { skippedLines } = history;
  return {
    pastOf: pastOf(history),
    skipped: () => (skippedLines === 0 ? {} : { skippedHistoryLines: skippedLines }),
    forecastsOf: (report, limits) => {
      const cache = cacheOf(report);
      const earlier = history.runs.filter((run) => cacheOf(run) === cache);
      return forecastsOf([...earlier, pastRun(report, new Date().toISOString())], limits);
    },
    pageWith: (set) =>
      historyPage({ ...history, runs: [...history.runs, ...runsOf(set)] }, new Date(set.generatedAt)),
    add: (set) => addToHistory(path, set),
  };
}

function runsOf({ reports, generatedAt }: ReportSet): PastRun[] {
  return reports.map((report) => pastRun(report, generatedAt));
}

/** The clocks of several writers differ, but hardly by more. */
const CLOCKS_APART_MS = 3_600_000;

/** @returns a look-up by the report's own names */
export function pastOf(
  { runs }: History,
  now = new Date(),
): (cache: Pick<Report, "stack" | "endpoint">) => Past {
  // A run of a machine whose clock was wrong would be the last one for years.
  const past = runs.filter(({ at }) => Date.parse(at) <= now.getTime() + CLOCKS_APART_MS);
  const last = lastRuns(past);
  const lastCounted = lastRuns(past.filter(({ hits, misses }) => hits !== undefined && misses !== undefined));
  return (cache) => {
    const run = last.get(cacheOf(cache));
    return {
      ...countersOf(lastCounted.get(cacheOf(cache)), cache.endpoint),
      ...(run === undefined ? {} : { previous: asPrevious(run) }),
    };
  };
}

/** The counters of another server say nothing about this one. */
function countersOf(run: PastRun | undefined, endpoint: string): Past {
  if (run?.hits === undefined || run.misses === undefined || run.endpoint !== endpoint) return {};
  return { since: { at: run.at, hits: run.hits, misses: run.misses } };
}
