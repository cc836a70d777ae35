/** A sample of a cache's keys: the first that SCAN comes upon, which is the order of a hash table, so of no name. */
import { replyFault } from "../faults/replies.ts";
import type { Command, Connection } from "../wire/connection.ts";
import { type Reply, ReplyError } from "../wire/resp.ts";

export interface SampledKey {
  key: string;
  /** With what the server needs to keep it; absent where it does not report. */
  bytes?: number;
  /** Absent where the server does not report. */
  hasTtl?: boolean;
}

export interface KeySample {
  keys: SampledKey[];
  /** Whether these are all that there are. */
  complete: boolean;
  /** Look-ups that the server has counted on its own account: a key's TTL was asked for. */
  lookUps: number;
  /** What the server refused, in its own words, which may be anything. */
  refused: string[];
  /** It reports the size of no key at all. */
  withoutSizes: boolean;
}

export interface SampleOptions {
  size: number;
  /** Whether to end with what there is. */
  enough: () => boolean;
  /** Whether keys have an end, as far as that is known already. */
  ttl: "all" | "none" | "ask";
}

/** Keys that SCAN looks at in one go: as many as a server handles in well under a millisecond. */
const PAGE = 100;
/** Keys asked about in one write. */
const BATCH = 100;

/** @throws Fault when the connection fails */
export async function sampleKeys(connection: Connection, options: SampleOptions): Promise<KeySample> {
  const sample: KeySample = { keys: [], complete: false, lookUps: 0, refused: [], withoutSizes: false };
  const names = await scan(connection, options, sample);
  for (let at = 0; at < names.length && !options.enough(); at += BATCH) {
    const batch = names.slice(at, at + BATCH);
    sample.keys.push(...(await describe(connection, batch, options.ttl, sample)));
  }
  if (sample.keys.length < names.length) sample.complete = false;
  return sample;
}

async function scan(
  connection: Connection,
  { size, enough }: SampleOptions,
  sample: KeySample,
): Promise<string[]> {
  const names = new Set<string>();
  let cursor = "0";
  do {
    const [reply] = await connection.exchange(["SCAN", cursor, "COUNT", String(PAGE)]);
    const page = pageOf(reply, sample);
    if (page === undefined) return [...names];
    cursor = page.next;
    for (const name of page.names) names.add(name);
  } while (cursor !== "0" && names.size < size && !enough());
  sample.complete = cursor === "0" && names.size <= size;
  return [...names].slice(0, size);
}

function pageOf(reply: Reply | undefined, sample: KeySample): { next: string; names: string[] } | undefined {
  if (reply instanceof ReplyError) {
    refuse(sample, reply, "SCAN");
    return undefined;
  }
  const [next, names] = Array.isArray(reply) ? (reply as Reply[]) : [];
  if (typeof next !== "string" || !Array.isArray(names)) return undefined;
  return { next, names: names.filter((name): name is string => typeof name === "string") };
}

async function describe(
  connection: Connection,
  names: readonly string[],
  ttl: SampleOptions["ttl"],
  sample: KeySample,
): Promise<SampledKey[]> {
  // Upstash has no such command (upstash.com/docs/redis/commands/server/overview, read 2026-11), and counts each.
  const sizes = sample.withoutSizes ? [] : names.map((name): Command => ["MEMORY", "USAGE", name]);
  const ends = ttl === "ask" ? names.map((name): Command => ["PTTL", name]) : [];
  const replies = await connection.exchange(...sizes, ...ends);
  const known: SampledKey[] = [];
  sample.withoutSizes ||= replies.slice(0, sizes.length).every((reply) => reply instanceof ReplyError);
  for (const [index, key] of names.entries()) {
    const [bytes, end] = [sizes.length === 0 ? undefined : replies[index], replies[sizes.length + index]];
    if (bytes instanceof ReplyError) refuse(sample, bytes, "MEMORY USAGE");
    if (end instanceof ReplyError) refuse(sample, end, "PTTL");
    if (typeof end === "number" && end !== -2) sample.lookUps++;
    // Gone since SCAN saw it.
    if (bytes === null || end === -2) continue;
    known.push({
      key,
      ...(typeof bytes === "number" ? { bytes } : {}),
      ...(ttl === "ask" ? (typeof end === "number" ? { hasTtl: end >= 0 } : {}) : { hasTtl: ttl === "all" }),
    });
  }
  return known;
}

function refuse({ refused }: KeySample, reply: ReplyError, command: string): void {
  const words = replyFault(reply.text, command).message;
  if (!refused.some((known) => known.startsWith(`${command} `))) refused.push(words);
}
