import { expect, it } from "vitest";
import { DEFAULT_EXPECTATIONS } from "../../../check/expectations.ts";
import { judgeKeyAge } from "../../../check/judge/key-age.ts";
import type { Subject } from "../../../check/subject.ts";

const NOW = Date.parse("2026-11-30T12:00:00Z");
const subject = (rotatedAt: string, keyMaxAgeDays = 90): Subject => ({
  enabled: true,
  target: { host: "redis.example", port: 6380, tls: true, db: 0, password: "secret" },
  expect: { ...DEFAULT_EXPECTATIONS, keyMaxAgeDays },
  rotatedAt,
});

it.each([
  ["2026-09-01T12:00:00Z", "pass", "90 days old"],
  ["2026-09-01T11:59:59Z", "warn", "90 days old"],
  ["2026-11-29T12:00:00Z", "pass", "1 day old"],
  ["2026-12-01T12:00:00Z", "pass", "0 days old"],
])("a secret of %s is a %s at a limit of 90 days", (rotatedAt, status, observed) => {
  expect(judgeKeyAge(subject(rotatedAt), NOW)).toMatchObject([
    { id: "key-age", status, observed, ...(status === "warn" ? { code: "KEY_OLD" } : {}) },
  ]);
});

it("the age is not judged without a limit, without a password, or where nobody knows it", () => {
  const old = subject("2020-01-01T00:00:00Z");
  const { rotatedAt: _, ...unknown } = old;
  expect(judgeKeyAge({ ...old, expect: DEFAULT_EXPECTATIONS }, NOW)).toEqual([]);
  expect(judgeKeyAge({ ...old, target: { host: "h", port: 1, tls: false, db: 0 } }, NOW)).toEqual([]);
  expect(judgeKeyAge(unknown, NOW)).toEqual([]);
  expect(judgeKeyAge({ ...old, rotatedAt: "yesterday" }, NOW)).toEqual([]);
});
