import { describe, expect, it } from "vitest";
import { violationsIn } from "../../../scripts/ci/policy.ts";

/** As Pulumi 3.259 printed it, an advisory one added. */
const TEXT = `Previewing update (native):
 +  pulumi:pulumi:Stack propiq-cache-native create 1 error
Policies:
    ❌ propiq-cache@v0.1.0 (local: infra/policy)
        - [mandatory]  one-cache  (pulumi:pulumi:Stack: propiq-cache-native)
          A stack holds the plan's cache and those of standby, and no other.
          The stack holds 2 caches (another, propiq-redis), and its config names 1.
        - [advisory]  tagged  (azure-native:redis:Redis: c0)
          Every Azure cache says which project and stack it belongs to.
        - [mandatory]  tls-1-2  (azure-native:redis:Redis: c0)
          c0: minimumTlsVersion must be 1.2 or 1.3.

Diagnostics:
  pulumi:pulumi:Stack (propiq-cache-native):
        - [mandatory]  no-policy  (what comes later is none)
`;

describe("violationsIn", () => {
  it("finds what stops an update, in a line each", () => {
    expect(violationsIn(TEXT)).toEqual([
      "one-cache: A stack holds the plan's cache and those of standby, and no other. The stack holds 2 caches (another, propiq-redis), and its config names 1.",
      "tls-1-2: c0: minimumTlsVersion must be 1.2 or 1.3.",
    ]);
  });

  it.each([
    [
      "a pack that finds nothing",
      "Policies:\n    ✅ propiq-cache@v0.1.0 (local: infra/policy)\n\nResources:\n",
    ],
    ["a text that ends with it", "Policies:\n    ✅ propiq-cache@v0.1.0 (local: infra/policy)"],
    ["a preview that did not get that far", "error: no stack named 'prod' found\n"],
  ])("finds nothing in %s", (_, text) => {
    expect(violationsIn(text)).toEqual([]);
  });
});
