/** Whether an app uses its cache again: its commands, compared with those before the fault. Pure. */
import type { Sample } from "./load.ts";
import type { Traffic } from "./traffic.ts";

/** How an app uses its cache when all is well. */
export interface Use {
  /** Commands of any kind. */
  commandsPerRequest: number;
  /** Commands that read or write values. */
  dataPerRequest: number;
}

/** What a proxy knows of an app. */
export interface Seen {
  traffic: Traffic;
  /** Open connections. */
  connections: number;
}

/** An app that caches in its own memory as well sends fewer commands at some times than at others. */
const ENOUGH = 0.25;
/** Requests that send fewer commands than this do not show whether the cache is used. */
const SELDOM = 0.05;
/** A client that only tries whether Redis is back sends a command now and then. */
const WINDOW_MS = 1000;
const FEWEST_REQUESTS = 3;

/**
 * @param sinceMs when Redis was well again
 * @returns when the app's cache was used again, after `sinceMs`; undefined when it is not yet
 */
export function recoveredAfterMs(
  { traffic, connections }: Seen,
  samples: readonly Sample[],
  use: Use,
  { sinceMs, nowMs }: { sinceMs: number; nowMs: number },
): number | undefined {
  const fromMs = Math.max(sinceMs, nowMs - WINDOW_MS);
  const requests = samples.filter(({ startedMs }) => startedMs >= fromMs && startedMs < nowMs).length;
  if (requests < FEWEST_REQUESTS) return undefined;
  if (!showsUse(use)) return connections > 0 ? nowMs - sinceMs : undefined;
  const usesData = use.dataPerRequest >= SELDOM;
  const commands = usesData ? traffic.data(fromMs, nowMs) : traffic.all(fromMs, nowMs);
  const usual = usesData ? use.dataPerRequest : use.commandsPerRequest;
  const [first] = commands;
  return first !== undefined && commands.length >= ENOUGH * usual * requests ? first - sinceMs : undefined;
}

/** Whether the requests send enough commands to show that the cache is used. */
export function showsUse({ commandsPerRequest }: Use): boolean {
  return commandsPerRequest >= SELDOM;
}
