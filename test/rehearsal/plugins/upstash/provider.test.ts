import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Properties, UNKNOWN, type Values } from "../../../../infra/provider/protocol/values.ts";
import { DATABASE, OUTPUTS } from "../../../../rehearsal/plugins/upstash/properties.ts";
import { TYPE } from "../../../../rehearsal/plugins/upstash/redis-database.ts";
import { sdk } from "../../../../rehearsal/plugins/upstash/sdk.ts";
import { type Authority, makeAuthority } from "../../../../rehearsal/tls.ts";
import { startUpstash, type Upstash } from "../../../../rehearsal/upstash/emulator.ts";
import { Failed, type Found, type Given, type Plugin } from "../../../support/plugin.ts";
import { startStandIn } from "../../../support/start-stand-in.ts";

const good: Values = {
  databaseName: "db",
  region: "global",
  primaryRegion: "us-east-1",
  tls: true,
  eviction: true,
};
let authority: Authority;
let upstash: Upstash;
let plugin: Plugin;
beforeAll(async () => {
  authority = await makeAuthority();
});
afterAll(() => authority.remove());
beforeEach(async () => {
  upstash = await startUpstash({ authority });
  plugin = await startStandIn("upstash", upstash.env);
});
afterEach(async () => {
  await plugin.stop();
  await upstash.stop();
});

const make = async (change: Values = {}): Promise<Found & { inputs: Properties }> => {
  const { inputs } = await plugin.check(TYPE, { ...good, ...change });
  return { ...(await plugin.create(TYPE, inputs)), inputs };
};
const details = async (state: Given, inputs: Given) => (await plugin.diff(TYPE, state, inputs)).detailed;
const asked = () => upstash.log.map(({ method, path }) => `${method} ${path.replace(/[0-9a-f-]{36}/, "ID")}`);
const failure = async (work: Promise<unknown>): Promise<Failed> => {
  const error = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof Failed)) throw new Error("it did not fail");
  return error;
};

describe("the stand-in for the Upstash provider", () => {
  it("knows every input and output that the SDK has, but for two deprecated ones", () => {
    const args = Object.keys(sdk.readArgs("redisDatabase.d.ts", "RedisDatabaseArgs"));
    const state = Object.keys(sdk.readArgs("redisDatabase.d.ts", "RedisDatabaseState"));
    const known = [...Object.keys(DATABASE), "consistent", "multizone"];
    expect(args.toSorted()).toEqual(known.toSorted());
    expect([...new Set([...known, ...Object.keys(OUTPUTS)])].toSorted()).toEqual(state.toSorted());
  });

  it("sends what the real provider sent for a create, and nothing for a check, a diff or a preview", async () => {
    const { inputs } = await plugin.check(TYPE, good);
    await plugin.create(TYPE, inputs, "preview");
    expect(await details({}, inputs)).toMatchObject({ databaseName: "ADD_REPLACE" });
    expect(asked()).toEqual([]);
    const { id, state } = await plugin.create(TYPE, inputs);
    expect(id).toMatch(/^upstash-database-[0-9a-f-]{36}$/);
    expect(asked()).toEqual(["POST /v2/redis/database", "GET /v2/redis/database/ID"]);
    expect(upstash.log[0]?.requestBody).toEqual({
      ...{ region: "global", database_name: "db", tls: true, consistent: false, multizone: false },
      ...{ eviction: true, auto_upgrade: false, prod_pack_enabled: false, budget: 20 },
      primary_region: "us-east-1",
    });
    expect([...state.secrets].toSorted()).toEqual(["password", "readOnlyRestToken", "restToken"]);
    expect(await details(state, inputs)).toEqual({});
  });

  it.each<[string, Values, RegExp]>([
    ["a missing name", { databaseName: null }, /^Missing required argument: The argument "database_name"/],
    ["a key that the SDK does not have", { plan: "free" }, /^Invalid or unknown key.*RedisDatabase\.Plan/],
    ["a text for a list", { readRegions: "eu-west-1" }, /^Attribute must be a list/],
    ["a deprecated input", { multizone: true }, /does not know the input multizone/],
  ])("refuses %s", async (_, change, words) => {
    const { failures } = await plugin.check(TYPE, { ...good, ...change });
    expect(failures).toEqual([{ property: "", reason: expect.stringMatching(words) }]);
  });

  it("accepts values that are not known yet", async () => {
    expect(
      (await plugin.check(TYPE, { ...good, readRegions: UNKNOWN, databaseName: UNKNOWN })).failures,
    ).toEqual([]);
  });

  it.each<[Values, Record<string, string>]>([
    [{ databaseName: "x" }, { databaseName: "UPDATE_REPLACE" }],
    [{ primaryRegion: "eu-west-1" }, { primaryRegion: "UPDATE_REPLACE" }],
    [{ region: "us-east-1" }, { region: "UPDATE_REPLACE" }],
    [{ tls: false }, { tls: "UPDATE_REPLACE" }],
    [{ tls: null }, { tls: "UPDATE_REPLACE" }],
    [{ eviction: false }, { eviction: "UPDATE" }],
    [{ budget: 5 }, { budget: "UPDATE" }],
    [{ readRegions: ["eu-west-1", "us-west-1"] }, { "readRegions[0]": "ADD", "readRegions[1]": "ADD" }],
  ])("reports a change to %o as %o", async (change, expected) => {
    const { state } = await make();
    const { inputs } = await plugin.check(TYPE, { ...good, ...change });
    expect(await details(state, inputs)).toEqual(expected);
  });

  it("makes one call for each change, and reads", async () => {
    const { id, state } = await make({ readRegions: ["eu-west-1"] });
    const { inputs } = await plugin.check(TYPE, {
      ...good,
      eviction: false,
      budget: 7,
      readRegions: ["us-west-1", "us-east-2"],
    });
    const after = await plugin.update(TYPE, id, state, inputs);
    expect(asked().slice(2)).toEqual([
      "POST /v2/redis/update-regions/ID",
      "POST /v2/redis/disable-eviction/ID",
      "PATCH /v2/redis/update-budget/ID",
      "GET /v2/redis/database/ID",
    ]);
    expect(await details(after, inputs)).toEqual({});
    expect(upstash.databases()[0]).toMatchObject({ budget: 7, eviction: false });
  });

  it("takes the raw id for an import, and no other", async () => {
    const { id, state } = await make();
    const imported = await plugin.read(TYPE, String(state.values["databaseId"]));
    expect(imported).toMatchObject({ id, inputs: { values: { databaseName: "db", tls: true } } });
    expect((await failure(plugin.read(TYPE, id))).message).toContain(
      "Get Redis Database failed, status code: 404",
    );
  });

  it("keeps the inputs of a lookup", async () => {
    const { id, state } = await make();
    const given: Values = { databaseId: String(state.values["databaseId"]) };
    const found = await plugin.read(TYPE, id, given, given);
    expect(found).toMatchObject({ id, inputs: { values: given } });
    expect((await plugin.read(TYPE, id, found.state, found.inputs)).inputs).toEqual(found.inputs);
  });

  it("fails to refresh and to delete a database that does not exist", async () => {
    const { id, state, inputs } = await make();
    await upstash.removeDatabase(String(state.values["databaseId"]));
    for (const work of [plugin.read(TYPE, id, state, inputs), plugin.delete(TYPE, id, state)]) {
      expect((await failure(work)).message).toContain('404 response: "database not found"');
    }
  });

  it("records a database whose first read failed, and a change that was not made", async () => {
    upstash.fault({ method: "GET", path: /database/, reply: { status: 500, body: "oops" } });
    const half = (await failure(make())).recorded;
    expect(half?.state.values["databaseName"]).toBe("db");
    expect(half?.state.values["password"]).toBeUndefined();
    const { inputs } = await plugin.check(TYPE, { ...good, readRegions: ["eu-west-1"] });
    const { inputs: before } = await plugin.check(TYPE, good);
    const whole = await plugin.update(TYPE, half?.id ?? "", half?.state ?? {}, before);
    expect(whole.values["password"]).toBe(upstash.databases()[0]?.password);
    upstash.fault({ path: /update-regions/, reply: { status: 429, body: "slow" } });
    const recorded = (await failure(plugin.update(TYPE, half?.id ?? "", whole, inputs))).recorded;
    expect(recorded?.state.values["readRegions"]).toEqual(["eu-west-1"]);
    expect(upstash.databases()[0]?.readRegions).toEqual([]);
  });

  it.each<[string, Record<string, string>, Values, string]>([
    [
      "no credentials",
      { UPSTASH_EMAIL: "", UPSTASH_API_KEY: "" },
      {},
      "required configuration keys were missing",
    ],
    ["a wrong key", { UPSTASH_API_KEY: "wrong" }, {}, "status code: 401"],
    ["a wrong key in its config, which wins", {}, { apiKey: "wrong" }, "status code: 401"],
  ])("fails with %s", async (_, env, config, words) => {
    const attempt = async () => {
      const other = await startStandIn("upstash", { ...upstash.env, ...env }, config);
      try {
        await other.create(TYPE, (await other.check(TYPE, good)).inputs);
      } finally {
        await other.stop();
      }
    };
    expect((await failure(attempt())).message).toContain(words);
  });
});
