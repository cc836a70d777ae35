import type { Finding } from "../finding.ts";
import type { Evidence } from "./evidence.ts";

/** With fewer look-ups, chance alone moves the rate by more than the distance between good and bad. */
const ENOUGH = 100;

/** Of all look-ups since the server started, how many found something. */
export function judgeHitRate({ info: { hits, misses }, measurements, expect }: Evidence): Finding {
  const id = "hit-rate";
  if (hits === undefined || misses === undefined)
    return { id, status: "skip", observed: "the server does not tell" };
  const lookUps = hits + misses;
  const { hitRate } = measurements;
  if (lookUps < ENOUGH || hitRate === undefined) {
    return {
      id,
      status: "skip",
      code: "TOO_FEW_REQUESTS",
      observed: `${lookUps} look-ups so far`,
      expected: `${ENOUGH} to judge by`,
    };
  }
  const observed = `${percent(hitRate)} of ${lookUps} look-ups`;
  if (hitRate < expect.hitRateMin)
    return {
      id,
      status: "warn",
      code: "HIT_RATE_LOW",
      observed,
      expected: `${percent(expect.hitRateMin)} or more`,
    };
  const word = hitRate < expect.hitRateGood ? ": acceptable" : "";
  return {
    id,
    status: "pass",
    observed: observed + word,
    expected: `${percent(expect.hitRateGood)} or more`,
  };
}

/** Rounded down: what is below a threshold must not read as the threshold. */
function percent(share: number): string {
  return `${Math.floor(share * 1000 + 1e-9) / 10}%`;
}
