/**
 * Has the app been seen on its new settings? Judged from one answer of its health after the other; no I/O.
 *
 * For a while two workers may answer in turn, the old one and the new. So the new fingerprint has to come several
 * times in a row over several seconds, and a single answer of an old worker begins the count again.
 */
import { type Health, UNWELL } from "../../../check/app/health.ts";

export interface Expected {
  /** What an app on the new settings echoes; absent where it is to have none of ours any more. */
  fingerprint?: string | undefined;
  /** REDIS_ENABLED of the new settings. */
  enabled: boolean;
  /** The app itself is the proof: only its own word that it is connected will do. */
  proof: boolean;
  /** Milliseconds after which an app is given up. */
  timeoutMs: number;
  /** How the app answered before the write, at its best. */
  baseline: Health;
  /** Milliseconds in which an app may say that its cache is off while it connects; default 20 s. */
  offPatienceMs?: number;
}

export type Judgement =
  | { state: "waiting"; words: string }
  /** The app echoed the new settings. */
  | { state: "seen" }
  /** As well as before, but whether on the new settings cannot be said; `words` says why. */
  | { state: "unseen"; words: string }
  /** Worse than before. */
  | { state: "bad"; words: string };

/** Answers in a row, and milliseconds that they span, before an echo counts. */
const ECHOES = 8;
const ECHO_SPAN_MS = 3000;
/** How long an app that knows nothing of fingerprints has to be well. */
const SILENT_SPAN_MS = 10_000;
/** One that has the field, but null: it may only be slow to restart. */
const SILENT_KNOWING_SPAN_MS = 45_000;
/** An app that could not be reached before is looked for no longer than this. */
const UNREACHABLE_MS = 30_000;
const OFF_PATIENCE_MS = 20_000;

/** A judge of one write. Give it each answer with the milliseconds since the write, in order. */
export function startJudge(expected: Expected): (health: Health, atMs: number) => Judgement {
  const { baseline, offPatienceMs = OFF_PATIENCE_MS } = expected;
  const floor = Math.min(levelOf(baseline), 1);
  const limitMs =
    baseline.answer === "unreachable" ? Math.min(expected.timeoutMs, UNREACHABLE_MS) : expected.timeoutMs;
  let everEchoed = baseline.cache?.fingerprint !== undefined;
  const echo = startRun();
  const silence = startRun();
  const off = startRun();

  return (health, atMs) => {
    const fingerprint = health.cache?.fingerprint;
    everEchoed ||= fingerprint !== undefined;
    const well = levelOf(health) >= Math.max(levelOf(baseline), 1);
    const isNew = expected.fingerprint !== undefined && fingerprint === expected.fingerprint;
    const isOff = expected.enabled && saysOff(health);
    const silent = fingerprint === undefined;
    echo.note(well && isNew && !isOff && (!expected.proof || connected(health)), atMs);
    silence.note(well && silent && !isOff, atMs);
    off.note(isNew && isOff, atMs);

    if (echo.count >= ECHOES && echo.spanMs >= ECHO_SPAN_MS) return { state: "seen" };
    if (off.count >= ECHOES && off.spanMs >= offPatienceMs) return { state: "bad", words: offWords(health) };
    const settled = silence.count >= ECHOES && silence.spanMs >= silentSpanMs(health, expected, everEchoed);
    // An app without our settings has nothing to echo: then silence is what shows it.
    if (settled && expected.fingerprint === undefined) return { state: "seen" };
    if (settled && !everEchoed && !expected.proof) return { state: "unseen", words: unseenWords(health) };
    if (atMs < limitMs) return { state: "waiting", words: waitingWords(health, isNew, isOff) };
    return atTheEnd({ health, expected, floor, settled: silence.count >= ECHOES, isNew, isOff, well });
  };
}

function atTheEnd(seen: {
  health: Health;
  expected: Expected;
  floor: number;
  settled: boolean;
  isNew: boolean;
  isOff: boolean;
  well: boolean;
}): Judgement {
  const { health, expected, floor, settled, isNew, isOff, well } = seen;
  if (expected.proof)
    return { state: "bad", words: `the app does not say that it is connected: ${said(health)}` };
  if (isOff) return { state: "bad", words: offWords(health) };
  // Nothing that worked has stopped working.
  if (floor === 0) return { state: "unseen", words: `it did not answer well before either: ${said(health)}` };
  if (settled) return { state: "unseen", words: unseenWords(health) };
  if (well && !isNew && health.cache?.fingerprint !== undefined) {
    return { state: "bad", words: "the app still answers from other settings" };
  }
  return {
    state: "bad",
    words: `the app's health is ${said(health)}. Before: ${said(expected.baseline)}`,
  };
}

/** From 0, down, to 3, a document. */
function levelOf(health: Health): number {
  if (health.status !== undefined && UNWELL.test(health.status)) return 0;
  return { document: 3, "no-document": 2, refused: 1, unhealthy: 0, unreachable: 0 }[health.answer];
}

function silentSpanMs({ cache }: Health, { fingerprint }: Expected, everEchoed: boolean): number {
  // Where nothing of ours is to be echoed, an app that did so before shows that it has stopped.
  if (fingerprint === undefined) return everEchoed ? ECHO_SPAN_MS : SILENT_SPAN_MS;
  return cache?.knowsFingerprint ? SILENT_KNOWING_SPAN_MS : SILENT_SPAN_MS;
}

function saysOff({ cache }: Health): boolean {
  return cache?.enabled === false || cache?.connected === false;
}

function connected({ cache }: Health): boolean {
  return cache?.connected ?? cache?.enabled ?? false;
}

interface RunOfAnswers {
  count: number;
  spanMs: number;
  note(holds: boolean, atMs: number): void;
}

function startRun(): RunOfAnswers {
  let sinceMs = 0;
  return {
    count: 0,
    spanMs: 0,
    note(holds, atMs) {
      if (holds && this.count === 0) sinceMs = atMs;
      this.count = holds ? this.count + 1 : 0;
      this.spanMs = holds ? atMs - sinceMs : 0;
    },
  };
}

function said({ words, status, cache }: Health): string {
  const reason = cache?.reason === undefined ? "" : `, its cache: ${cache.reason}`;
  return `${words}${status === undefined ? "" : `, ${status}`}${reason}`;
}

function offWords({ cache }: Health): string {
  const why = cache?.reason === undefined ? "" : ` (${cache.reason})`;
  return `the app says that its cache is ${cache?.enabled === false ? "off" : "not connected"}${why}`;
}

function unseenWords({ answer, words }: Health): string {
  return answer === "document"
    ? "its health document has no cache.fingerprint"
    : `it has no health document to be read (${words})`;
}

function waitingWords(health: Health, isNew: boolean, isOff: boolean): string {
  if (levelOf(health) === 0) return said(health);
  if (isOff) return offWords(health);
  return isNew ? "it answers from the new settings" : "it still answers as before";
}
