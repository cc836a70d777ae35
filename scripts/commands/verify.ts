/** `verify`: the check, for a person, a pipeline and a monitor alike. */

import { resolve } from "node:path";
import { advice } from "../../base/advice.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { type CheckOptions, checkCache, type Subject } from "../../check/check.ts";
import { rendererOf } from "../../check/render/load.ts";
import type { Report, ReportSet } from "../../check/report.ts";
import { reportSet } from "../../check/report-set.ts";
import { endpointOf } from "../../check/target.ts";
import { printReport } from "../print.ts";
import { typedCommand } from "../typed.ts";
import type { Book } from "./history.ts";
import { terminal, writeReport } from "./output.ts";
import { FORMATS, type Format, type VerifyOptions } from "./verify-options.ts";
import { sourcesOf } from "./verify-sources.ts";

/** What a check gets, also where Azure has taken nearly all of the time. */
const SHORTEST_MS = 500;

export async function verify(options: VerifyOptions): Promise<number> {
  const files = (options.report ?? []).map(reportFile);
  const book = options.history === undefined ? undefined : await openedBook(options.history);
  const { subjects, notAsked, azureMs } = await sourcesOf(options);
  const deadlineMs = Math.max(SHORTEST_MS, options.deadline * 1000 - azureMs);
  const limits = { deadlineMs, samples: options.samples };
  const reports = await interruptible((signal) =>
    Promise.all(
      subjects.map((subject) =>
        checkWithPast({ ...subject, again: typedCommand() }, { ...limits, signal }, book),
      ),
    ),
  );
  const set = { ...reportSet(reports, new Date(), notAsked), ...(book?.skipped() ?? {}) };
  const wantsCharts = [options, ...files].some(({ format }) => format === "html");
  const charts = book !== undefined && wantsCharts ? { history: book.pageWith(set) } : {};
  const print = await rendererOf(options.format);
  printReport(print(set, { ...terminal(), ...charts }));
  const writes = files.map(({ format, path }) => async () => {
    const render = await rendererOf(format);
    await writeReport(path, render(set, { color: false, width: 100, ...charts }), !isLocal(set));
  });
  await eachOf([...writes, async () => await book?.add(set)]);
  return exitCodeOf(set, options.failOn);
}

/** Whether the report names no host but this machine. */
function isLocal({ reports, notAsked = [] }: ReportSet): boolean {
  const local = /^(localhost|127\.[\d.]+|\[::1\]):|^$/;
  return notAsked.length === 0 && reports.every(({ endpoint }) => local.test(endpoint));
}

/** A Ctrl-C ends the checks, which then leave nothing behind. @throws PropiqError then */
async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () =>
    controller.abort(
      new PropiqError("Interrupted: there is no report.", {
        code: "INTERRUPTED",
        next: advice("The check's own key was removed, or expires within a minute."),
        exitCode: EXIT.interrupted,
      }),
    );
  process.once("SIGINT", stop);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", stop);
  }
}

/** Does all of it, also where a part fails: a file that cannot be written keeps no other from being written. */
async function eachOf(works: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: PropiqError[] = [];
  for (const work of works) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof PropiqError)) throw error;
      failures.push(error);
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  throw new PropiqError(failures.map(({ message }) => message).join("\n"), {
    code: first.code,
    next: first.next,
  });
}

/** What a check without a history needs not load. */
async function openedBook(path: string): Promise<Book> {
  const { openBook } = await import("./history.ts");
  return await openBook(path);
}

async function checkWithPast(
  subject: Subject,
  limits: CheckOptions,
  book: Book | undefined,
): Promise<Report> {
  const { stack, target } = subject;
  const endpoint = target === undefined ? "" : endpointOf(target);
  const { since, previous } = book?.pastOf({ endpoint, ...(stack === undefined ? {} : { stack }) }) ?? {};
  const report = await checkCache(subject, { ...limits, ...(since === undefined ? {} : { since }) });
  const { commandsPerMonth } = subject;
  const { memoryLimitBytes: memoryBytes } = report.measurements;
  const forecasts = book?.forecastsOf(report, {
    ...(commandsPerMonth === undefined ? {} : { commandsPerMonth }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  });
  return {
    ...report,
    ...(previous === undefined ? {} : { previous }),
    ...(forecasts === undefined || forecasts.length === 0 ? {} : { forecasts }),
  };
}

/** The worst: 2 when a cache could not even be asked, 1 when one is not well enough, else 0. */
export function exitCodeOf({ verdict, notAsked = [] }: ReportSet, failOn: VerifyOptions["failOn"]): number {
  if (notAsked.length > 0) return EXIT.notAsked;
  const no = verdict === "failed" || (verdict === "degraded" && failOn === "warn");
  return no ? EXIT.no : 0;
}

function reportFile(text: string): { format: Format; path: string } {
  const [, format = "", path = ""] = /^([^=]*)=(.+)$/.exec(text) ?? [];
  const known = FORMATS.find((name) => name === format);
  if (known === undefined) {
    throw new PropiqError("--report requires a format and a file, as in json=report.json.", {
      code: "USAGE",
      next: advice(`Formats: ${FORMATS.join(", ")}`),
    });
  }
  return { format: known, path: resolve(path) };
}
