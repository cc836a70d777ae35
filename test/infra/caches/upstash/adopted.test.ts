import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lookAtAdopted } from "../../../../infra/caches/upstash/adopted.ts";
import type { UpstashWish } from "../../../../infra/caches/upstash/wish.ts";
import { openUpstash } from "../../../../infra/upstash/api.ts";
import { startUpstash, type Upstash } from "../../../support/upstash/emulator.ts";
import { reachInThisProcess } from "../../../support/upstash/trust.ts";

const wish: UpstashWish = {
  ...{ plan: "upstash-payg", planName: "payg", stack: "prod", name: "cache-upstash-0a1b2c3d" },
  ...{ adopt: undefined, primaryRegion: "us-east-1", readRegions: [], budget: 20 },
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

const look = async (name: string) => {
  const id = await upstash.makeDatabase({ name, plan: "payg" });
  return await lookAtAdopted(openUpstash(upstash.env), id, wish);
};

describe("a database that is to be adopted", () => {
  it("may have any name but the stack's own", async () => {
    expect(await look("cache-upstash-99999999")).toEqual([expect.stringContaining("never deleted")]);
  });

  it.each([wish.name, "before-upstash-0a1b2c3d"])("is refused where this stack made it: %s", async (name) => {
    await expect(look(name)).rejects.toThrow(`${name} is this stack's own database`);
  });
});
