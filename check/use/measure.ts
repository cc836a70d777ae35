/** How a cache is used: the server's own figures, and a sample of its keys. Reads only; keys are neither changed nor touched. */
import { Fault } from "../faults/fault.ts";
import { replyFault } from "../faults/replies.ts";
import { type Info, parseInfo } from "../info.ts";
import type { Target } from "../target.ts";
import { ReplyError } from "../wire/resp.ts";
import { type KeySample, sampleKeys } from "./sample.ts";
import { signedIn } from "./signed-in.ts";

export interface Use {
  info: Info;
  /** In the database that is used. */
  keys?: number;
  sample: KeySample;
  /** Redis commands that it took, handshake included. */
  commandsUsed: number;
}

export interface MeasureOptions {
  /** Keys to look at. */
  sampleSize: number;
  /** Milliseconds for all of it: the sample is as large as it has got by then. */
  deadlineMs: number;
}

/** The share of the time after which no more keys are asked for, so that the known part is still reported. */
const SAMPLING_SHARE = 0.8;

/** @throws Fault when the cache cannot be used, or does not report how it is used */
export async function measureUse(target: Target, { sampleSize, deadlineMs }: MeasureOptions): Promise<Use> {
  return await signedIn(target, deadlineMs, async (connection, { deadline, meter }) => {
    const [info, size] = await connection.exchange(["INFO"], ["DBSIZE"]);
    if (info instanceof ReplyError) throw replyFault(info.text, "INFO");
    if (typeof info !== "string") throw new Fault("PROTOCOL_ERROR", "INFO was not answered with a text");
    const facts = parseInfo(info, target.db);
    const keys = typeof size === "number" ? size : facts.keys;
    const enough = () => deadline.leftMs() < deadlineMs * (1 - SAMPLING_SHARE);
    const sample = await sampleKeys(connection, { size: sampleSize, enough, ttl: ttlOf(facts, keys) });
    return { info: facts, ...(keys === undefined ? {} : { keys }), sample, commandsUsed: meter.commands };
  });
}

/** What holds for all keys need not be asked of each, which the server would count as look-ups of the app. */
function ttlOf({ keysWithTtl }: Info, keys: number | undefined): "all" | "none" | "ask" {
  if (keysWithTtl === undefined || keys === undefined) return "ask";
  if (keysWithTtl === 0) return "none";
  return keysWithTtl >= keys ? "all" : "ask";
}
