import { describe, expect, it } from "vitest";
import { adviceText } from "../../../base/advice.ts";
import type { Explanation } from "../../../infra/refusals/refusal.ts";
import { explainRefusal } from "../../../infra/upstash/refusals.ts";
import { type Refusal, refusals } from "../../../rehearsal/upstash/refusals.ts";

const context = { stack: "prod", name: "propiq-redis-upstash-1a2b3c4d" };

/** The next steps, as users read them. */
const hintOf = (found: Explanation | undefined): string =>
  found === undefined ? "" : adviceText(found.next);

/** As Pulumi's provider words an answer, and as our own client does. */
const texts = ({ reply: { status, body } }: Refusal): string[] => [
  `create database failed, status code: ${status} response: ${JSON.stringify(body)}`,
  `Upstash refused to create a database: ${String(body)} (status ${status})`,
];

describe("a refusal of Upstash", () => {
  it.each([
    ["a wrong key", refusals.wrongKey(), "WRONG_KEY", /management API key of that account/],
    ["a key that only reads", refusals.readOnlyKey(), "READ_ONLY_KEY", /Make a key that may/],
    [
      "the one free database",
      refusals.secondFree(),
      "FREE_TAKEN",
      /config set plan upstash-payg --stack prod/,
    ],
    [
      "no way to pay",
      refusals.noPaymentMethod(),
      "NO_PAYMENT_METHOD",
      /config set plan upstash-free --stack prod/,
    ],
    ["a regional database", refusals.regional(), "REGIONAL_DEPRECATED", /upstash\.primaryRegion us-east-1/],
    ["a lower plan", refusals.lowerPlan(), "LOWER_PLAN", /support/],
    ["more data than fits", refusals.tooMuchData(), "TOO_MUCH_DATA", /config set plan upstash-fixed-1gb/],
    ["a database that is gone", refusals.unknownDatabase(), "GONE", /state delete/],
    ["too many requests", refusals.tooManyRequests(3), "BUSY", /Wait a minute/],
  ])("is explained: %s", (_, refusal, code, hint) => {
    for (const text of texts(refusal)) {
      const found = explainRefusal(text, context);
      expect(found?.code).toBe(code);
      expect(hintOf(found)).toMatch(hint);
      expect(`${found?.happened}${hintOf(found)}`).not.toMatch(/undefined|NaN|null/);
    }
  });

  it.each([
    "Missing required configuration variable 'upstash:config:apiKey'",
    "required configuration keys were missing",
    "No credentials for Upstash: the environment lacks UPSTASH_EMAIL.",
  ])("says how to sign in: %s", (text) => {
    const found = explainRefusal(text, context);
    expect(found?.code).toBe("CREDENTIALS_MISSING");
    expect(hintOf(found)).toContain("export UPSTASH_EMAIL=");
  });

  it("is left alone where it is not known", () => {
    expect(explainRefusal(texts(refusals.invalid("budget"))[0] ?? "", context)).toBeUndefined();
    expect(explainRefusal(texts(refusals.paidOnly("prod pack"))[0] ?? "", context)).toBeUndefined();
  });
});
