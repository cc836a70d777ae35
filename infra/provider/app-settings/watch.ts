/** Looks at an app's health: before a write, and after it until the judge has made up its mind. */
import { type Health, readHealth } from "../../../check/app/health.ts";
import { wait } from "../../azure/retry.ts";
import { type Expected, type Judgement, startJudge } from "./judge.ts";

/** Milliseconds between two answers. */
const INTERVAL_MS = 400;
const ANSWER_MS = 5000;
/** Looks before the write, at most: an app that restarts just then is not taken for one that is down. */
const BASELINE_LOOKS = 5;
const BASELINE_PAUSE_MS = 1000;
/** An app whose settings a user removed again never answers from them: looked for so often while it is waited for. */
const WRITTEN_INTERVAL_MS = 5000;

/** Rounds of writing and watching: another writer may undo the write while the app is watched. */
export const MOST_ROUNDS = 4;

export interface Watched {
  url: string;
  signal: AbortSignal;
  redact: (text: string) => string;
}

/** How the app answers before anything is written: the best of a few looks. @throws the signal's reason */
export async function baselineOf({ url, signal, redact }: Watched): Promise<Health> {
  let latest: Health = { answer: "unreachable", words: "not asked" };
  for (let look = 0; look < BASELINE_LOOKS; look += 1) {
    if (look > 0) await wait(BASELINE_PAUSE_MS, signal);
    latest = await readHealth(url, { signal, timeoutMs: ANSWER_MS, redact });
    if (latest.answer !== "unreachable" && latest.answer !== "unhealthy") return latest;
  }
  return latest;
}

/** `overwritten`: the app does not hold the settings any more that it was to be seen on. */
export type Watching = Exclude<Judgement, { state: "waiting" }> | { state: "overwritten" };

/**
 * @param isWritten whether the app still holds what it is to be seen on; not asked where absent
 * @returns what it came to
 * @throws the signal's reason
 */
export async function watchApp(
  { url, signal, redact }: Watched,
  expected: Expected,
  onWait: (words: string) => void,
  isWritten: () => Promise<boolean> = async () => true,
): Promise<Watching> {
  const judge = startJudge(expected);
  const startedAt = performance.now();
  let askedAtMs = 0;
  for (;;) {
    const health = await readHealth(url, { signal, timeoutMs: ANSWER_MS, redact });
    const atMs = performance.now() - startedAt;
    const judgement = judge(health, atMs);
    const isDue = judgement.state === "bad" || atMs - askedAtMs >= WRITTEN_INTERVAL_MS;
    if (isDue && judgement.state !== "seen") {
      if (!(await isWritten())) return { state: "overwritten" };
      askedAtMs = performance.now() - startedAt;
    }
    if (judgement.state !== "waiting") return judgement;
    onWait(judgement.words);
    await wait(INTERVAL_MS, signal);
  }
}
