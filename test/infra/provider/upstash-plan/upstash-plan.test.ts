import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startUpstash, type Upstash } from "../../../../rehearsal/upstash/emulator.ts";
import { type ProviderUnderTest, startProvider } from "../../../support/provider.ts";

const TYPE = "propiq:index:UpstashPlan";

let upstash: Upstash;
let provider: ProviderUnderTest;
let databaseId: string;
beforeEach(async () => {
  upstash = await startUpstash();
  provider = await startProvider({ ...process.env, ...upstash.env });
  databaseId = await upstash.makeDatabase({ name: "cache", plan: "payg" });
});
afterEach(async () => {
  await provider.stop();
  await upstash.stop();
});

const database = () => upstash.databases()[0];
const writes = () => upstash.log.filter(({ method }) => method !== "GET");

describe("UpstashPlan", () => {
  it.each([
    [{ plan: "free" }, {}],
    [{ plan: "enterprise" }, { plan: "must be one of free, payg, fixed_250mb, fixed_1gb" }],
    [{ plan: "payg", budget: 2.5 }, { budget: "must be a whole number of dollars, 1 or more" }],
    [{ plan: "payg", budget: 0 }, { budget: "must be a whole number of dollars, 1 or more" }],
  ])("judges %o", async (inputs, failures) => {
    expect((await provider.check(TYPE, { databaseId, ...inputs })).failures).toEqual(failures);
  });

  it("is replaced for another database, and updated in place for another plan", async () => {
    const before = { databaseId, plan: "free" };
    expect((await provider.diff(TYPE, before, { ...before, plan: "payg" })).replaces).toEqual([]);
    expect((await provider.diff(TYPE, before, { ...before, databaseId: "x" })).replaces).toEqual([
      "databaseId",
    ]);
  });

  it("changes the plan and returns once it is in force, with the data kept", async () => {
    await database()?.redis.call("SET", "kept", "yes");
    const { id } = await provider.create(TYPE, { databaseId, plan: "fixed_1gb" });
    expect(id).toBe(databaseId);
    expect(database()?.plan).toBe("fixed_1gb");
    expect(await database()?.redis.call("GET", "kept")).toBe("yes");
  });

  it("requests no change that is already in force", async () => {
    await provider.create(TYPE, { databaseId, plan: "payg", budget: 20 });
    expect(writes()).toEqual([]);
  });

  it("sets a budget to the configured value", async () => {
    const { id, state } = await provider.create(TYPE, { databaseId, plan: "payg", budget: 20 });
    await provider.update(TYPE, id, state, { databaseId, plan: "payg", budget: 5 });
    expect(database()?.budget).toBe(5);
    expect(writes()).toHaveLength(1);
  });

  it("finds that a user changed plan and budget", async () => {
    const { id, state } = await provider.create(TYPE, { databaseId, plan: "payg", budget: 20 });
    await upstash.changeDatabase(databaseId, { plan: "fixed_250mb", budget: 9 });
    const { state: found } = await provider.read(TYPE, id, state);
    expect(found.values).toMatchObject({ plan: "fixed_250mb", budget: 9 });
  });

  it("keeps what was recorded where Upstash does not say which plan it is", async () => {
    const { id, state } = await provider.create(TYPE, { databaseId, plan: "fixed_1gb" });
    const body = { database_id: databaseId, type: "enterprise" };
    upstash.fault({ method: "GET", path: /database\//, reply: { status: 200, body } });
    expect((await provider.read(TYPE, id, state)).state.values["plan"]).toBe("fixed_1gb");
  });

  it("does not exist without its database, and is not created without one", async () => {
    const { id, state } = await provider.create(TYPE, { databaseId, plan: "free" });
    await upstash.removeDatabase(databaseId);
    expect((await provider.read(TYPE, id, state)).id).toBe("");
    await provider.delete(TYPE, id, state);
    // Pulumi's own provider says nothing but 404, and fails.
    const forget =
      "state delete 'urn:pulumi:test::propiq-cache::propiq:cache:Upstash$upstash:index/redisDatabase";
    const warned = provider.logged.filter(({ severity }) => severity === "warning");
    expect(warned.map(({ message }) => message)).toEqual(Array(2).fill(expect.stringContaining(forget)));
    await expect(provider.create(TYPE, { databaseId, plan: "free" })).rejects.toThrow(
      /does not exist[\s\S]*\.\/propiq-cache pulumi state delete 'urn:pulumi:test::/,
    );
  });

  it("leaves the database alone when it is deleted", async () => {
    const { id, state } = await provider.create(TYPE, { databaseId, plan: "payg" });
    await provider.delete(TYPE, id, state);
    expect(database()?.plan).toBe("payg");
    expect(writes()).toEqual([]);
  });

  it("changes nothing after a cancel", async () => {
    const ordered = upstash.fault({ method: "GET", path: /database\//, delayMs: 300 });
    const refused = expect(provider.create(TYPE, { databaseId, plan: "free" })).rejects.toThrow("cancelled");
    await expect.poll(() => ordered.met).toBe(1);
    await provider.cancel();
    await refused;
    expect(database()?.plan).toBe("payg");
    expect(writes()).toEqual([]);
  });

  it("says what Upstash refuses, without the key", async () => {
    upstash.conditions.downgradesRefused = true;
    const refusal = await provider
      .create(TYPE, { databaseId, plan: "free" })
      .catch((error: unknown) => String(error));
    expect(refusal).toContain("can not be moved to a lower plan");
    expect(refusal).not.toContain(upstash.apiKey);
  });
});
