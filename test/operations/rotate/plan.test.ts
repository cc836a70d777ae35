import { describe, expect, it } from "vitest";
import {
  planAzure,
  planLocal,
  planUpstash,
  restartsOf,
  slotsInUse,
} from "../../../operations/rotate/plan.ts";

const keys = { primary: "p", secondary: "s" };
const names = (held: string[], configured: "primary" | "secondary" = "primary") =>
  planAzure({ configured, keys, held }).map(({ name }) => name);

describe("the plan of a rotation in Azure", () => {
  it("regenerates the unused key first, and ends on the configured one", () => {
    expect(names(["p"])).toEqual([
      "regenerate-secondary-key",
      "move-to-secondary-key",
      "regenerate-primary-key",
      "move-to-primary-key",
      "prove-old-secret-refused",
    ]);
    expect(names(["s"], "secondary")[0]).toBe("regenerate-primary-key");
  });

  it("never regenerates a key before the apps have left it", () => {
    for (const configured of ["primary", "secondary"] as const) {
      for (const held of [["p"], ["s"], ["p", "s"], [], ["dead"], ["dead", "s"]]) {
        let now = [...held];
        let made = { ...keys };
        for (const step of planAzure({ configured, keys, held })) {
          if (step.kind === "regenerate") {
            expect(slotsInUse(made, now), JSON.stringify({ configured, held })).not.toContain(step.slot);
            made = { ...made, [step.slot]: `${made[step.slot]}+` };
          }
          if (step.kind === "move") now = now.map(() => made[step.slot]);
        }
        expect(new Set(now)).toEqual(new Set(held.length === 0 ? [] : [made[configured]]));
        // No key that was valid before, or that an app held, is valid afterwards.
        expect(Object.values(made).filter((key) => ["p", "s", ...held].includes(key))).toEqual([]);
      }
    }
  });

  it("gathers apps of which only some had moved when the last run was killed", () => {
    expect(names(["p", "s"])[0]).toBe("move-to-secondary-key");
  });

  it("restarts each app twice, and once where it continues", () => {
    expect(restartsOf(planAzure({ configured: "primary", keys, held: ["p"] }))).toBe(2);
    expect(restartsOf(planAzure({ configured: "primary", keys, held: ["s"] }))).toBe(1);
  });
});

describe("the plan of a rotation at Upstash", () => {
  it("only writes the settings where an earlier run has reset the password", () => {
    expect(planUpstash({ password: "new", held: ["old"] }).map(({ name }) => name)).toEqual([
      "write-settings",
      "prove-old-secret-refused",
    ]);
    expect(planUpstash({ password: "new", held: ["new"] })[0]?.name).toBe("reset-password");
  });
});

it("makes a new password for a cache of this machine by one update, and proves the old one refused", () => {
  expect(planLocal().map(({ kind }) => kind)).toEqual(["replace-password", "prove"]);
});
