import type { Finding } from "../finding.ts";
import { memoryInWords, shareInWords } from "../words.ts";
import type { Evidence } from "./evidence.ts";
import { HIGH_SHARE, MB } from "./thresholds.ts";

/** Used memory, as a share of the limit where there is one, else against the guide's figures. */
export function judgeMemory({ measurements, expect }: Evidence): Finding {
  const { memoryUsedBytes: used, memoryLimitBytes: limit } = measurements;
  const id = "memory";
  if (used === undefined) return { id, status: "skip", observed: "the server does not report it" };
  if (limit !== undefined) {
    const observed = `${memoryInWords(used)} of ${memoryInWords(limit)} (${shareInWords(used / limit)})`;
    const expected = `below ${HIGH_SHARE * 100}%`;
    return used / limit >= HIGH_SHARE
      ? { id, status: "warn", code: "MEMORY_HIGH", observed, expected }
      : { id, status: "pass", observed, expected };
  }
  const observed = `${memoryInWords(used)}, no limit set`;
  if (used > expect.memoryMaxMb * MB)
    return {
      id,
      status: "warn",
      code: "MEMORY_HIGH",
      observed,
      expected: `at most ${expect.memoryMaxMb} MB`,
    };
  const word = used > expect.memoryGoodMb * MB ? ": acceptable" : "";
  return { id, status: "pass", observed: observed + word, expected: `up to ${expect.memoryGoodMb} MB` };
}
