import type { Finding } from "../finding.ts";
import type { Subject } from "../subject.ts";

const DAY_MS = 24 * 3600 * 1000;

/** Not judged where no limit is set, or where nobody knows the age. @param now milliseconds since 1970 */
export function judgeKeyAge({ expect, rotatedAt, target }: Subject, now: number): Finding[] {
  const limit = expect?.keyMaxAgeDays;
  const since = Date.parse(rotatedAt ?? "");
  if (limit === undefined || target?.password === undefined || Number.isNaN(since)) return [];
  const days = Math.max(0, (now - since) / DAY_MS);
  const id = "key-age";
  const observed = `${inDays(Math.floor(days))} old`;
  const expected = `at most ${inDays(limit)}`;
  return [
    days > limit
      ? { id, status: "warn", code: "KEY_OLD", observed, expected }
      : { id, status: "pass", observed, expected },
  ];
}

function inDays(count: number): string {
  return count === 1 ? "1 day" : `${count} days`;
}
