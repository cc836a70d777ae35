import { describe, expect, it } from "vitest";
import { keyPrefixFor, prefixChange } from "../../../infra/settings/key-prefix.ts";

const NEVER_DEPLOYED = { isDeployed: false };
const BEFORE_PREFIXES = { isDeployed: true };

describe("the prefix of a stack's keys", () => {
  it("is propiq in prod, and names every other stack, on the first deploy", () => {
    expect(keyPrefixFor({ stack: "prod" }, NEVER_DEPLOYED)).toBe("propiq");
    expect(keyPrefixFor({ stack: "dev" }, NEVER_DEPLOYED)).toBe("propiq-dev");
    expect(keyPrefixFor({ stack: "Team_A.eu" }, NEVER_DEPLOYED)).toBe("propiq-team-a-eu");
    expect(keyPrefixFor({ stack: "x".repeat(100) }, NEVER_DEPLOYED)).toMatch(/^[a-z0-9-]{1,32}$/);
  });

  it("never changes by default once the stack is deployed", () => {
    expect(keyPrefixFor({ stack: "staging" }, BEFORE_PREFIXES)).toBe("propiq");
    expect(keyPrefixFor({ stack: "renamed" }, { isDeployed: true, prefix: "propiq-dev" })).toBe("propiq-dev");
  });

  it("is what the config says", () => {
    const recorded = { isDeployed: true, prefix: "propiq-dev" };
    expect(keyPrefixFor({ stack: "dev", keyPrefix: "shop" }, recorded)).toBe("shop");
    expect(prefixChange("shop", recorded)).toMatch(/from propiq-dev to shop.*as if the cache were emptied/);
    expect(prefixChange("shop", BEFORE_PREFIXES)).toMatch(/from propiq to shop/);
  });

  it("is not a change on the first deploy, or where it is the same", () => {
    expect(prefixChange("shop", NEVER_DEPLOYED)).toBeUndefined();
    expect(prefixChange("propiq", BEFORE_PREFIXES)).toBeUndefined();
  });
});
