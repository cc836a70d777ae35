/** What changed before an incident, from the clone and from the state's back end. Reads only. */

import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { PropiqError } from "../../base/errors.ts";
import { isObject, parseJson } from "../../base/json.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { foreignText } from "../../base/safe-text.ts";
import { historyFolder } from "../stacks/backend.ts";
import type { Change } from "./report.ts";

const MOST = 10;
/** Of the times that a Date can hold. */
const LAST_SECOND = 8.64e12;
const SEPARATOR = "\u001f";

/** Commits on the stack's config. @throws PropiqError where there is no git, or no repository; the signal's reason */
export async function commitsOn(stack: string, signal: AbortSignal): Promise<Change[]> {
  const format = "%cI%x1f%an%x1f%h%x1f%s";
  const { stdout } = await git(
    ["log", `-n${MOST}`, `--format=${format}`, "--", `Pulumi.${stack}.yaml`],
    signal,
  );
  return commitsIn(stdout);
}

async function git(words: string[], signal: AbortSignal): Promise<{ stdout: string }> {
  try {
    return await promisify(execFile)("git", words, { cwd: PROJECT_ROOT, signal, maxBuffer: 1024 * 1024 });
  } catch (error) {
    signal.throwIfAborted();
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    throw new PropiqError(isMissing ? "git is not installed." : "This folder is not a git repository.", {
      code: "GIT_UNAVAILABLE",
      next: { say: "Run the command in a clone." },
      cause: error,
    });
  }
}

export function commitsIn(output: string): Change[] {
  return output.split("\n").flatMap((line): Change[] => {
    const [at = "", who = "", hash = "", subject = ""] = line.split(SEPARATOR);
    const time = Date.parse(at);
    if (Number.isNaN(time)) return [];
    return [
      {
        at: new Date(time).toISOString(),
        what: clean(`${hash} ${subject}`),
        who: clean(who),
        source: "git",
      },
    ];
  });
}

/** Updates of the stack, where the back end is one of files: their list needs no passphrase. */
export async function updatesOf(backend: string, stack: string): Promise<Change[] | undefined> {
  const folder = historyFolder(backend, stack);
  if (folder === undefined) return undefined;
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".history.json"));
  const latest = names.toSorted().slice(-MOST);
  const found = await Promise.all(
    latest.map(async (name) => updateIn(await readFile(join(folder, name), "utf8").catch(() => ""))),
  );
  return found.flatMap((change) => change ?? []).toSorted((a, b) => (a.at < b.at ? 1 : -1));
}

/** @param json as the back end keeps an update (pulumi: pkg/backend/updates.go) */
export function updateIn(json: string): Change | undefined {
  const update = parseJson(json);
  if (!isObject(update)) return undefined;
  const { kind, startTime, result, message, environment, resourceChanges } = update;
  if (typeof kind !== "string" || typeof startTime !== "number" || !(Math.abs(startTime) < LAST_SECOND))
    return undefined;
  const changes = Object.entries(isObject(resourceChanges) ? resourceChanges : {})
    .filter(([name]) => name !== "same")
    .map(([name, count]) => `${name} ${Number(count)}`);
  const title = typeof message === "string" && message !== "" ? ` "${message.split("\n")[0]}"` : "";
  const author = isObject(environment) ? environment["git.author"] : undefined;
  const who = typeof author === "string" ? clean(author) : "";
  return {
    at: new Date(startTime * 1000).toISOString(),
    what: clean(`${kind} ${String(result)}${title}${changes.length === 0 ? "" : `: ${changes.join(", ")}`}`),
    ...(who === "" ? {} : { who }),
    source: "pulumi",
  };
}

function clean(text: string): string {
  return foreignText(text, (same) => same, 160);
}
