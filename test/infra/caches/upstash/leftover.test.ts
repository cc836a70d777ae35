import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clearWay } from "../../../../infra/caches/upstash/leftover.ts";
import type { UpstashWish } from "../../../../infra/caches/upstash/wish.ts";
import { openUpstash } from "../../../../infra/upstash/api.ts";
import { startUpstash, type Upstash } from "../../../../rehearsal/upstash/emulator.ts";
import { reachInThisProcess } from "../../../../rehearsal/upstash/trust.ts";

const wish: UpstashWish = {
  ...{ plan: "upstash-payg", planName: "payg", stack: "prod", name: "cache-upstash-0a1b2c3d" },
  ...{ adopt: undefined, primaryRegion: "us-east-1", isRegionChosen: true, readRegions: [], budget: 20 },
};

let upstash: Upstash;
let unreach: () => void;
let said: string[];
beforeEach(async () => {
  upstash = await startUpstash();
  unreach = reachInThisProcess(upstash);
  said = [];
});
afterEach(async () => {
  unreach();
  await upstash.stop();
});

const clear = (change: Partial<UpstashWish> = {}, users: string[] = []) =>
  clearWay(
    openUpstash(upstash.env),
    { ...wish, ...change },
    { usersOf: async () => users, say: async (line) => void said.push(line) },
  );
const names = () => upstash.databases().map(({ name }) => name);

describe("clearWay", () => {
  it("deletes every unused leftover of this name and region, and says so", async () => {
    await upstash.makeDatabase({ name: wish.name, plan: "payg" });
    await upstash.makeDatabase({ name: wish.name, plan: "payg" });
    await upstash.makeDatabase({ name: "other", plan: "payg" });
    await clear();
    expect(names()).toEqual(["other"]);
    expect(said).toEqual(Array(2).fill(expect.stringContaining(`left the database ${wish.name} (`)));
  });

  it("leaves one of another region: the one that is being replaced", async () => {
    await upstash.makeDatabase({ name: wish.name, plan: "payg", primaryRegion: "eu-west-1" });
    await clear();
    expect(names()).toEqual([wish.name]);
    expect(said).toEqual([]);
  });

  it("deletes none where one is in use", async () => {
    await upstash.makeDatabase({ name: wish.name, plan: "payg" });
    await upstash.makeDatabase({ name: wish.name, plan: "payg" });
    await expect(clear({}, ["the app luntra"])).rejects.toThrow("the app luntra uses it");
    expect(names()).toHaveLength(2);
  });

  it("stops where the one free database is another user's, and not where it is the leftover itself", async () => {
    await upstash.makeDatabase({ name: wish.name, plan: "free" });
    await clear({ planName: "free" });
    expect(names()).toEqual([]);
    await upstash.makeDatabase({ name: "mine", plan: "free" });
    await expect(clear({ planName: "free" })).rejects.toThrow("already has its one free database: mine");
    await clear({ planName: "payg" });
    expect(names()).toEqual(["mine"]);
  });

  it("does not advise to adopt a free database that a stack made: it would be deleted", async () => {
    await upstash.makeDatabase({ name: wish.name, plan: "free", primaryRegion: "eu-west-1" });
    const refused = await clear({ planName: "free" }).catch((error: { hint: string }) => error.hint);
    expect(refused).not.toContain("adopt");
    expect(refused).toContain("config set plan upstash-payg --stack prod");
  });
});
