import { describe, expect, it } from "vitest";
import { explain } from "../../../base/errors.ts";
import { upstashCredentials } from "../../../infra/upstash/credentials.ts";

const wordsFor = (env: Record<string, string>, inProviderConfig?: boolean): string => {
  try {
    upstashCredentials(env, inProviderConfig);
  } catch (error) {
    return explain(error);
  }
  return "no refusal";
};

describe("upstashCredentials", () => {
  it("reads them from the environment, without the line end of a pasted secret", () => {
    const env = { UPSTASH_EMAIL: "a@example.com", UPSTASH_API_KEY: "key\n" };
    expect(upstashCredentials(env)).toEqual({ email: "a@example.com", apiKey: "key" });
  });

  it.each([
    ["both", {}, "the environment lacks UPSTASH_EMAIL and UPSTASH_API_KEY."],
    ["the key", { UPSTASH_EMAIL: "a@example.com" }, "Upstash: the environment lacks UPSTASH_API_KEY."],
    [
      "the address",
      { UPSTASH_API_KEY: "s3cret", UPSTASH_EMAIL: " " },
      "Upstash: the environment lacks UPSTASH_EMAIL.",
    ],
  ])("says what is missing: %s", (_, env, words) => {
    const said = wordsFor(env);
    expect(said).toContain(words);
    expect(said).toContain("export UPSTASH_EMAIL=");
    expect(said).not.toContain("s3cret");
  });

  it("says that only Pulumi's provider reads credentials in the stack's config", () => {
    expect(wordsFor({}, true)).toContain("upstash:apiKey");
  });
});
