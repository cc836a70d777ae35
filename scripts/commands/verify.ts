/** `verify`: the check, for a person, a pipeline and a monitor alike. */
import { rename, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { checkCache, type Subject } from "../../check/check.ts";
import { RENDERERS } from "../../check/render/formats.ts";
import type { ReportSet } from "../../check/report.ts";
import { reportSet } from "../../check/report-set.ts";
import { EXIT, PropiqError } from "../errors.ts";
import { subjectFromEnvFile, subjectFromEnvironment, subjectFromStack, subjectFromUrl } from "./subjects.ts";
import { FORMATS, type Format, type VerifyOptions } from "./verify-options.ts";

export async function verify(options: VerifyOptions): Promise<number> {
  const files = (options.report ?? []).map(reportFile);
  const subjects = await subjectsOf(options);
  const limits = { deadlineMs: options.deadline * 1000, samples: options.samples };
  const reports = await Promise.all(subjects.map((subject) => checkCache(subject, limits)));
  const set = reportSet(reports, new Date());
  for (const { format, path } of files)
    await writeReport(path, RENDERERS[format](set, { color: false, width: 100 }));
  process.stdout.write(RENDERERS[options.format](set, terminal()));
  return exitCodeOf(set, options.failOn);
}

/** 0 when all is well enough, 1 when not. */
export function exitCodeOf({ verdict }: ReportSet, failOn: VerifyOptions["failOn"]): number {
  const no = verdict === "failed" || (verdict === "degraded" && failOn === "warn");
  return no ? EXIT.no : 0;
}

/** Colours for a terminal that wants them, and its width. */
export function terminal(): { color: boolean; width: number } {
  const { stdout } = process;
  return { color: stdout.isTTY && stdout.hasColors(), width: stdout.columns ?? 100 };
}

async function subjectsOf({ stack = [], url, envFile }: VerifyOptions): Promise<Subject[]> {
  const sources = [stack.length > 0 ? "--stack" : "", url ? "--url" : "", envFile ? "--env-file" : ""].filter(
    Boolean,
  );
  if (sources.length > 1) {
    throw new PropiqError(`${sources.join(" and ")} cannot go together: each says which cache to check.`, {
      hint: "Name one source: npx propiq-cache verify --help",
    });
  }
  if (stack.length > 0) return await Promise.all(stack.map((name) => subjectFromStack(name)));
  if (url !== undefined) return [await subjectFromUrl(url)];
  if (envFile !== undefined) return [await subjectFromEnvFile(envFile)];
  return [subjectFromEnvironment(process.env)];
}

function reportFile(text: string): { format: Format; path: string } {
  const [, format = "", path = ""] = /^([^=]*)=(.+)$/.exec(text) ?? [];
  const known = FORMATS.find((name) => name === format);
  if (known === undefined) {
    throw new PropiqError("--report wants a format and a file, as in json=report.json.", {
      hint: `Formats: ${FORMATS.join(", ")}`,
    });
  }
  return { format: known, path: resolve(path) };
}

async function writeReport(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, path);
  } catch (error) {
    throw new PropiqError(`The report could not be written to ${path}.`, {
      hint: "Does its folder exist, and may you write there?",
      cause: error,
    });
  }
}
