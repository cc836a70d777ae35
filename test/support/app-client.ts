/** Someone who uses an app all the time, through its front door, and writes down what came of each request. */
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { Authority } from "../../rehearsal/tls.ts";

/**
 * - `served`: what was asked for
 * - `gap`: no worker was there to answer, or it went away under the request (503 and 502 of the front door itself): what a
 *   restart of the app costs, whatever restarts it
 * - `failed`: anything else, such as an error of the app, another's answer, or none in time
 */
export type Outcome = "served" | "gap" | "failed";

export interface Answer {
  /** Milliseconds since 1970, with fractions: when it was asked. */
  at: number;
  tookMs: number;
  path: string;
  outcome: Outcome;
  /** For messages: the status, and how the answer began. */
  words: string;
}

/** What the app said of its cache. */
export interface Glimpse {
  at: number;
  fingerprint: string | null;
  connected: boolean;
}

/** Requests lost in a row, as one restart loses them. */
export interface Gap {
  /** When the first of them came back, in milliseconds since 1970. */
  from: number;
  /** When the last of them came back. */
  to: number;
  lost: number;
}

export interface AppClient {
  /** Oldest first, by when they were answered. */
  readonly answers: readonly Answer[];
  /** How the app's health went meanwhile, where it answered. */
  readonly glimpses: readonly Glimpse[];
  /** Those that failed for another reason than a restart, in words. */
  failures(): string[];
  /** @param since milliseconds since 1970: of requests that were asked from then on */
  gaps(since?: number): Gap[];
  stop(): Promise<void>;
}

/** The cached answers of the example app, and what each has to return. */
const ENDPOINTS = ["profile", "analyses", "dashboard"] as const;
const USERS = ["1", "2", "3", "4"];
/** The slowest answer without a cache takes 2 s; a machine that is busy with other tests is waited for. */
const PATIENCE_MS = 15_000;

const now = (): number => performance.timeOrigin + performance.now();

/**
 * Asks at a steady pace, whatever became of the requests before, as many users do.
 * @param everyMs between two requests
 */
export function useApp(
  { url }: { url: string },
  { certificate }: Pick<Authority, "certificate">,
  { everyMs = 40 }: { everyMs?: number } = {},
): AppClient {
  const answers: Answer[] = [];
  const glimpses: Glimpse[] = [];
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();

  const ask = async (user: string, endpoint: (typeof ENDPOINTS)[number]) => {
    const path = `/users/${user}/${endpoint}`;
    const at = now();
    const reply = await get(`${url}${path}`, certificate);
    const outcome = judge(reply, user, endpoint);
    answers.push({
      at,
      tookMs: now() - at,
      path,
      outcome,
      words: `${reply.status} ${reply.body.slice(0, 80)}`,
    });
  };
  const glimpse = async () => {
    const at = now();
    const { status, body } = await get(`${url}/health`, certificate);
    const health = status === 200 ? healthIn(body) : undefined;
    if (health !== undefined) glimpses.push({ at, ...health });
  };
  const start = (work: Promise<void>) => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const pace = (async () => {
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      const endpoint = ENDPOINTS[turn % ENDPOINTS.length] ?? "profile";
      start(ask(USERS[turn % USERS.length] ?? "1", endpoint));
      if (turn % 3 === 0) start(glimpse());
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  })();

  return {
    answers,
    glimpses,
    failures: () =>
      answers
        .filter(({ outcome }) => outcome === "failed")
        .map(({ path, words, tookMs }) => `${path}: ${words} (${Math.round(tookMs)} ms)`),
    gaps: (since = 0) => gapsIn(answers.filter(({ at }) => at >= since)),
    async stop() {
      stopping.abort();
      await pace;
      await Promise.all(underWay);
    },
  };
}

/** Losses between which nothing was served are one gap. */
function gapsIn(answers: readonly Answer[]): Gap[] {
  const gaps: Gap[] = [];
  let open: Gap | undefined;
  // By when they came back: a worker that goes takes with it what it was asked long before.
  for (const { at, tookMs, outcome } of answers.toSorted((one, other) => backAt(one) - backAt(other))) {
    if (outcome !== "gap") {
      open = undefined;
      continue;
    }
    if (open === undefined) {
      open = { from: at + tookMs, to: 0, lost: 0 };
      gaps.push(open);
    }
    open.to = at + tookMs;
    open.lost += 1;
  }
  return gaps;
}

function backAt({ at, tookMs }: Answer): number {
  return at + tookMs;
}

interface Reply {
  /** 0: no answer. */
  status: number;
  body: string;
  /** The app answered, not the front door in its place. */
  byApp: boolean;
}

/** Never rejects: what went wrong is a reply of its own. */
function get(url: string, ca: string): Promise<Reply> {
  return new Promise((resolve) => {
    const lost = (error: Error) => resolve({ status: 0, body: error.message, byApp: false });
    const asked = request(url, { ca, agent: false, timeout: PATIENCE_MS }, async (response) => {
      const { statusCode: status = 0, headers } = response;
      let body = "";
      try {
        for await (const piece of response.setEncoding("utf8")) body += piece;
        resolve({ status, body, byApp: /json/.test(headers["content-type"] ?? "") });
      } catch {
        // Cut off under way: the front door does so when its worker goes.
        resolve({ status: 502, body: "cut off", byApp: false });
      }
    });
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${PATIENCE_MS} ms`)));
    asked.on("error", lost);
    asked.end();
  });
}

function judge({ status, body, byApp }: Reply, user: string, endpoint: (typeof ENDPOINTS)[number]): Outcome {
  if (!byApp && (status === 503 || status === 502)) return "gap";
  return status === 200 && byApp && isOf(user, endpoint, body) ? "served" : "failed";
}

/** A cache that mixes answers up is worse than none. */
function isOf(user: string, endpoint: (typeof ENDPOINTS)[number], body: string): boolean {
  const value: unknown = JSON.parse(body);
  const first: unknown = Array.isArray(value) ? value[0] : value;
  if (Array.isArray(value) !== (endpoint === "analyses")) return false;
  if (typeof first !== "object" || first === null || !("userId" in first) || first.userId !== user)
    return false;
  return endpoint !== "dashboard" || "bestScore" in first;
}

function healthIn(body: string): Omit<Glimpse, "at"> | undefined {
  const document: unknown = JSON.parse(body);
  if (typeof document !== "object" || document === null || !("cache" in document)) return undefined;
  const { cache } = document;
  if (typeof cache !== "object" || cache === null) return undefined;
  if (!("fingerprint" in cache) || !("connected" in cache)) return undefined;
  const { fingerprint, connected } = cache;
  return { fingerprint: typeof fingerprint === "string" ? fingerprint : null, connected: connected === true };
}
