/**
 * A state that was edited by hand or cut off, and inputs from another program than the engine: whatever stands there, the
 * provider answers with a code and the way to continue. It never hangs, and no answer is a bug.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { decodeEarlier, encodeEarlier } from "../../../infra/provider/app-settings/earlier.ts";
import { giveBack, takeOver } from "../../../infra/provider/app-settings/merge.ts";
import type { Values } from "../../../infra/provider/protocol/values.ts";
import { type Json, type JsonObject, mutated, mutatedText } from "../../support/mutated.ts";
import { passes } from "../../support/parts.ts";
import { type Plugin, startPlugin } from "../../support/plugin.ts";
import { seeded } from "../../support/random.ts";

const EXECUTABLE = join(PROJECT_ROOT, "infra", "provider", "pulumi-resource-propiq");
const BY = "urn:pulumi:test::propiq-cache::propiq:index:AppSettings::name";
const SETTINGS = { REDIS_ENABLED: "true", REDIS_HOST: "127.0.0.1", REDIS_PORT: "1" };
const EARLIER = {
  ...{ by: BY, at: "/subscriptions/s/x", keys: ["REDIS_HOST"], sticky: [] },
  ...{ values: { REDIS_HOST: "old" }, wrote: { REDIS_HOST: "digest" } },
};

let folder: string;
let plugin: Plugin;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-fuzz-"));
  // Nothing to sign in with: what would reach a cloud ends there, in a code.
  const env = { PATH: "/usr/bin:/bin", HOME: folder, AZURE_CONFIG_DIR: folder };
  plugin = await startPlugin([EXECUTABLE, "127.0.0.1:1"], { ...env, ARM_CLIENT_SECRET: "none" });
  await plugin.configure({});
});
afterAll(async () => {
  await plugin.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Of each resource, what a state holds. */
const STATES: Readonly<Record<string, JsonObject>> = {
  AppSettings: {
    ...{ app: "app", resourceGroup: "group", subscriptionId: "s", settings: SETTINGS },
    ...{ restartTimeoutSeconds: 1, drainSeconds: 0, by: BY, earlier: EARLIER },
    ...{ references: {}, outcome: "seen" },
  },
  EnvFile: { path: "env", settings: SETTINGS },
  LocalPassword: { password: "p" },
  LocalRedis: {
    ...{ folder: "redis", port: 1, maxMemoryMb: 1 },
    ...{ host: "127.0.0.1", version: "7.4.0", runId: "r" },
  },
  ResourceGroup: { subscriptionId: "s", name: "group", location: "eastus", tags: { a: "b" } },
  UpstashPlan: { databaseId: "d", plan: "payg", budget: 20 },
  VerifiedCache: {
    ...{
      settings: { REDIS_ENABLED: "false" },
      plan: "native",
      provider: "native",
      cache: "c",
      waitSeconds: 0,
    },
    ...{ expect: {}, skip: true, verdict: "healthy", codes: [], at: "2026-01-01T00:00:00Z" },
  },
};
const ROUNDS = passes([20, 150], 0);

/** A path of the machine that a mutation may name must not be written: the states' own ones are below the folder. */
const inFolder = (state: Json): Values =>
  Object.fromEntries(
    Object.entries(state ?? {}).map(([key, value]: [string, Json]): [string, Json] => {
      const isPath = key === "path" || key === "folder";
      return [key, isPath && typeof value === "string" && value !== "" ? `${folder}/below/${value}` : value];
    }),
  );

describe.each(Object.entries(STATES))("a damaged state, and damaged inputs, of %s", (type, state) => {
  for (const [rounds, pass] of ROUNDS) {
    it.each(rounds)("end in an answer or in a code (%i rounds)", pass, async (count) => {
      const random = seeded(20261201);
      const name = `propiq:index:${type}`;
      const good = inFolder(state);
      const strange: string[] = [];
      for (let round = 0; round < count; round++) {
        const damaged = inFolder(mutated(state, random));
        const isGood = (await plugin.check(name, damaged)).failures.length === 0;
        const inputs = isGood ? damaged : good;
        const asked = {
          read: () => plugin.read(name, "x", damaged),
          update: () => plugin.update(name, "x", damaged, inputs),
          delete: () => plugin.delete(name, "x", damaged),
          diff: () => plugin.diff(name, damaged, damaged),
          // Good inputs would start a server.
          ...(isGood && type === "LocalRedis" ? {} : { create: () => plugin.create(name, damaged) }),
        };
        for (const [operation, ask] of Object.entries(asked)) {
          const said = await ask().then(
            () => "Code: none",
            (error: Error) => error.message,
          );
          if (!/\nCode: [A-Z_]+$|^Code: none$/.test(said) || /\n\s+at /.test(said))
            strange.push(`${operation} ${JSON.stringify(damaged)}: ${said}`);
        }
      }
      expect(strange).toEqual([]);
    });
  }
});

describe("an edited PROPIQ_CACHE_EARLIER", () => {
  for (const [rounds, pass] of passes([500, 20_000], 0)) {
    it.each(rounds)("is read, or refused with a code (%i rounds)", pass, (count) => {
      const random = seeded(20261202);
      const good = encodeEarlier(EARLIER);
      for (let round = 0; round < count; round++) {
        const text =
          random() < 0.5 ? mutatedText(good, random) : JSON.stringify(mutated(JSON.parse(good), random));
        try {
          const earlier = decodeEarlier(text);
          if (earlier === undefined) continue;
          giveBack({ PROPIQ_CACHE_EARLIER: text, ...SETTINGS }, earlier);
          takeOver({ PROPIQ_CACHE_EARLIER: text, ...SETTINGS }, { wanted: SETTINGS, by: BY, at: "x" });
        } catch (error) {
          expect(error, text).toMatchObject({ code: "SETTINGS_EDITED", name: "PropiqError" });
        }
      }
    });
  }

  it("names no stack that a command or a file cannot be named after", () => {
    const by = "urn:pulumi:x\n##vso[task.complete]; rm -rf /::p::t:t:T::n";
    expect(() => decodeEarlier(encodeEarlier({ ...EARLIER, by }))).toThrow(/was edited/);
  });
});
