import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lookAtAdopted } from "../../../../infra/caches/upstash/adopted.ts";
import type { UpstashWish } from "../../../../infra/caches/upstash/wish.ts";
import { explanationText } from "../../../../infra/refusals/refusal.ts";
import { openUpstash } from "../../../../infra/upstash/api.ts";
import { startUpstash, type Upstash } from "../../../../rehearsal/upstash/emulator.ts";
import { reachInThisProcess } from "../../../../rehearsal/upstash/trust.ts";

const wish: UpstashWish = {
  ...{ plan: "upstash-payg", planName: "payg", stack: "prod", name: "cache-upstash-0a1b2c3d" },
  ...{ adopt: undefined, primaryRegion: "us-east-1", isRegionChosen: true, readRegions: [], budget: 20 },
};

let upstash: Upstash;
let unreach: () => void;
beforeEach(async () => {
  upstash = await startUpstash();
  unreach = reachInThisProcess(upstash);
});
afterEach(async () => {
  unreach();
  await upstash.stop();
});

const lookAt = async (name: string, plan = "payg") => {
  const id = await upstash.makeDatabase({ name, plan });
  return await lookAtAdopted(openUpstash(upstash.env), id, wish);
};

describe("a database that is to be adopted", () => {
  it("may have any name that no stack gave", async () => {
    const look = await lookAt("by-hand");
    expect(look.info).toContain("never deleted");
    expect(look.warning).toBeUndefined();
  });

  it("of another plan is reported, with the commands to make a new one or to keep it", async () => {
    const adopted = await lookAt("by-hand", "fixed_1gb");
    const warning = adopted.warning && explanationText(adopted.warning);
    expect(warning).toContain("It has the plan fixed_1gb at Upstash, and not upstash-payg");
    expect(warning).toContain("./propiq-cache pulumi config rm --path upstash.adopt --stack prod");
    expect(warning).toContain("./propiq-cache pulumi config set plan upstash-fixed-1gb --stack prod");
  });

  it.each([wish.name, "before-upstash-0a1b2c3d"])("is refused where this stack made it: %s", async (name) => {
    await expect(lookAt(name)).rejects.toThrow(`${name} is this stack's own database`);
  });

  it("is refused where another stack made it, or this one before it was renamed", async () => {
    await expect(lookAt("cache-upstash-99999999")).rejects.toThrow("was made by another stack");
  });
});
