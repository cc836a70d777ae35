import { describe, expect, it } from "vitest";
import { withPassphrase } from "../../scripts/passphrase-words.ts";

describe("a hint with commands of Pulumi", () => {
  const up = (stack: string) => `Then: ./propiq-cache pulumi up --stack ${stack}`;

  it("names the passphrase's variable before them", () => {
    expect(withPassphrase(up("prod"))).toBe(
      `With PULUMI_CONFIG_PASSPHRASE set, of stack prod:\n${up("prod")}`,
    );
  });

  it.each([up("dev"), "./propiq-cache off --stack prod", `export PULUMI_CONFIG_PASSPHRASE=…\n${up("prod")}`])(
    "is left as it is where that is not needed, or said: %s",
    (hint) => {
      expect(withPassphrase(hint)).toBe(hint);
    },
  );
});
