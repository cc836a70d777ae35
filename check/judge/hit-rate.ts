import { counted } from "../../base/counted.ts";
import type { Finding } from "../finding.ts";
import { shareInWords, timeInWords } from "../words.ts";
import type { Evidence } from "./evidence.ts";

/** With fewer look-ups, chance alone moves the rate by more than the distance between good and bad. */
const ENOUGH = 100;

/** Of the look-ups since the last run, or else since the server started, how many found something. */
export function judgeHitRate({ info: { hits, misses }, measurements, expect }: Evidence): Finding {
  const id = "hit-rate";
  if (hits === undefined || misses === undefined)
    return { id, status: "skip", observed: "the server does not report it" };
  const lookUps = hits + misses;
  const { hitRate, hitRateSince } = measurements;
  const since = hitRateSince === undefined ? "" : ` since ${timeInWords(hitRateSince)}`;
  if (lookUps < ENOUGH || hitRate === undefined) {
    return {
      id,
      status: "skip",
      code: "TOO_FEW_REQUESTS",
      observed: `${counted(lookUps, "look-up")}${since || " so far"}`,
      expected: `${ENOUGH} to judge by`,
    };
  }
  const observed = `${shareInWords(hitRate)} of ${counted(lookUps, "look-up")}${since}`;
  if (hitRate < expect.hitRateMin)
    return {
      id,
      status: "warn",
      code: "HIT_RATE_LOW",
      observed,
      expected: `${shareInWords(expect.hitRateMin)} or more`,
    };
  const word = hitRate < expect.hitRateGood ? ": acceptable" : "";
  return {
    id,
    status: "pass",
    observed: observed + word,
    expected: `${shareInWords(expect.hitRateGood)} or more`,
  };
}
