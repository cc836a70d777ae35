/** The traffic that proves a cache: a document written, read back, seen to have an end, and removed. */
import { randomUUID } from "node:crypto";
import { Fault } from "../faults/fault.ts";
import { replyFault } from "../faults/replies.ts";
import type { Finding } from "../finding.ts";
import { type Info, parseInfo } from "../info.ts";
import type { CheckId } from "../report.ts";
import type { Command, Connection } from "../wire/connection.ts";
import { type Reply, ReplyError, replyInWords } from "../wire/resp.ts";
import { failure, type Run, roundMs } from "./run.ts";

/** Lives this long when everything that should remove it fails. */
const TTL_MS = 60_000;

/** The document carries what a careless hop between here and the server would change. */
function documentFor(id: string): string {
  return JSON.stringify({ check: "propiq-cache", id, text: 'Grüße, 世界 🌍, "quotes", \\ and\r\nlines' });
}

/**
 * All in one write: a connection that breaks half-way, or a server that wakes up after the deadline, still finds the
 * DEL behind the SET. INFO comes first, so that it does not count what the check itself does.
 * @returns what INFO said @throws Fault when the connection fails
 */
export async function exchange(connection: Connection, run: Run): Promise<Info> {
  const id = randomUUID();
  const key = `propiq-cache:check:${id}`;
  const document = documentFor(id);
  run.onStage("roundtrip");
  const startedAt = performance.now();
  const tookMs = () => roundMs(performance.now() - startedAt);
  const commands: Command[] = [
    ["INFO"],
    ["SET", key, document, "PX", String(TTL_MS)],
    ["GET", key],
    ["PTTL", key],
    ["DEL", key],
    ["EXISTS", key],
  ];
  try {
    const [info, set, get, pttl, del, exists] = await connection.exchange(...commands);
    const durationMs = tookMs();
    const facts = typeof info === "string" ? parseInfo(info, run.target.db) : {};
    const written = wrote(set, get, document) ?? (await spreadOverNodes(connection, facts, run));
    run.found.push(
      written === undefined
        ? { id: "roundtrip", status: "pass", observed: "a JSON document was returned unchanged", durationMs }
        : failure(written, "roundtrip", durationMs),
      ...(set instanceof ReplyError ? unwritten : [expiry(pttl), removal(del, exists)]),
      serverFacts(info, facts),
    );
    return facts;
  } catch (error) {
    if (error instanceof Fault) run.found.push(failure(error, "roundtrip", tookMs()));
    throw error;
  }
}

const unwritten: Finding[] = [
  { id: "ttl", status: "skip", observed: "nothing was written" },
  { id: "cleanup", status: "skip", observed: "nothing was written" },
];

function wrote(set: Reply | undefined, get: Reply | undefined, document: string): Fault | undefined {
  if (set instanceof ReplyError) return replyFault(set.text, "SET");
  if (get instanceof ReplyError) return replyFault(get.text, "GET");
  if (get === document) return undefined;
  const what = get === null ? "nothing" : `another value: ${replyInWords(get)}`;
  return new Fault("VALUE_CHANGED", `the reply was not what was written, but ${what}`);
}

/**
 * A node of a cluster takes the keys of its own slots; a client that knows nothing of clusters fails with the others,
 * even where the check's one key was lucky.
 */
async function spreadOverNodes(connection: Connection, info: Info, run: Run): Promise<Fault | undefined> {
  if (info.clusterEnabled !== true) return undefined;
  run.onStage("roundtrip");
  const [reply] = await connection.exchange(["CLUSTER", "INFO"]);
  const nodes = Number(typeof reply === "string" ? /^cluster_size:(\d+)/m.exec(reply)?.[1] : 1);
  return nodes > 1
    ? new Fault("CLUSTER_MOVED", `the keys are spread over ${nodes} nodes, and this address serves only some`)
    : undefined;
}

function expiry(pttl: Reply | undefined): Finding {
  const expected = `gone after ${TTL_MS / 1000} s`;
  if (pttl instanceof ReplyError) return notAllowed("ttl", pttl, "PTTL");
  if (typeof pttl === "number" && pttl > 0 && pttl <= TTL_MS)
    return { id: "ttl", status: "pass", observed: `${Math.ceil(pttl / 1000)} s left of ${TTL_MS / 1000} s` };
  const observed =
    pttl === -1 ? "the key would never go away" : `the time left was answered with: ${replyInWords(pttl)}`;
  return { id: "ttl", status: "fail", code: "TTL_NOT_KEPT", observed, expected };
}

function removal(del: Reply | undefined, exists: Reply | undefined): Finding {
  if (del instanceof ReplyError) {
    const { code, message } = replyFault(del.text, "DEL");
    return {
      id: "cleanup",
      status: "warn",
      code,
      observed: `${message}; the key expires within a minute`,
    };
  }
  if (exists instanceof ReplyError) return notAllowed("cleanup", exists, "EXISTS");
  return exists === 0
    ? { id: "cleanup", status: "pass", observed: "the key was removed" }
    : { id: "cleanup", status: "fail", code: "VALUE_CHANGED", observed: "the key was still there after DEL" };
}

/** A command that only the check needs: refused, it is not a fault of the cache, but something stays unseen. */
function notAllowed(id: CheckId, reply: ReplyError, command: string): Finding {
  const { code, message } = replyFault(reply.text, command);
  return { id, status: "skip", code, observed: message };
}

function serverFacts(reply: Reply | undefined, { serverName, serverVersion, uptimeSeconds }: Info): Finding {
  if (reply instanceof ReplyError) return notAllowed("info", reply, "INFO");
  const words = [
    serverVersion === undefined ? "" : `${serverName} ${serverVersion}`,
    uptimeSeconds === undefined ? "" : `up for ${duration(uptimeSeconds)}`,
  ].filter((word) => word !== "");
  return words.length === 0
    ? { id: "info", status: "skip", observed: "INFO says nothing about the server" }
    : { id: "info", status: "pass", observed: words.join(", ") };
}

function duration(seconds: number): string {
  const [size, unit] = UNITS.find(([unitSeconds]) => seconds >= unitSeconds * 2) ?? [1, "s"];
  return `${Math.floor(seconds / size)} ${unit}`;
}
const UNITS = [
  [86_400, "days"],
  [3600, "hours"],
  [60, "minutes"],
] as const;
