/** One table of cases, `examples/cases.json`, for the kit in TypeScript and the kit in Python: they share a Redis. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";
import type Cases from "../../examples/cases.json";
import { settingsFor } from "../../infra/contract/app-settings.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { makeAuthority } from "../../rehearsal/tls.ts";
import { lacks } from "../support/parts.ts";
import { until } from "./app/kit.ts";
import { DRIVERS, type Driver, type Env } from "./drivers.ts";
import { hasPython } from "./python/python.ts";

const WITHOUT: Readonly<Record<string, boolean>> = {
  Python: lacks("Python 3.11 with venv", await hasPython()),
};
// Not imported: Vite's own parser refuses the lone surrogates in it.
const cases = JSON.parse(readFileSync(join(PROJECT_ROOT, "examples", "cases.json"), "utf8")) as typeof Cases;

/** Machines under test are busy. */
const LIMIT_MS = 300;

interface Step {
  /** One of the driver's deeds, or the test's own: `store` a text as it is, look at the `keys`, how long one `lives`. */
  do: string;
  args: unknown[];
  gives?: unknown;
  refused?: boolean;
  /** Not at once, but before long. */
  soon?: boolean;
}

let redis: TestRedis;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());
beforeEach(() => redis.call("FLUSHALL"));

const urlOf = ({ port }: TestRedis) => ({ REDIS_URL: `redis://127.0.0.1:${port}/0` });
const keys = async () => ((await redis.call("KEYS", "*")) as string[]).toSorted();

const KITS = Object.entries(DRIVERS);
for (const [language, start] of KITS) {
  describe.skipIf(WITHOUT[language] ?? false)(`the kit in ${language}`, () => {
    let kit: Driver;
    beforeAll(async () => {
      kit = await start();
    });
    afterAll(() => kit?.stop());
    const open = (server = redis, limitMs = LIMIT_MS, env: Env = {}) =>
      kit.tell("open", { ...urlOf(server), ...env }, limitMs);

    it.each(cases.keys)("makes the key $key", async ({ namespace, parts, key }) => {
      expect(await kit.tell("key", namespace, parts)).toEqual({ gives: key });
    });

    it.each(cases.noParts.map((part) => [part]))("makes no key of %j", async (part) => {
      expect(await kit.tell("key", "user", [part])).toEqual({ refused: expect.stringContaining("`key`") });
    });

    it.each(cases.namespaces.fine)("accepts %j as a namespace", async (namespace) => {
      expect(await kit.tell("namespace", namespace)).toEqual({ gives: true });
    });

    it.each(cases.namespaces.none)("refuses %j as a namespace", async (namespace) => {
      expect(await kit.tell("namespace", namespace)).toEqual({
        refused: expect.stringContaining("not a namespace"),
      });
    });

    it.each(cases.namespaces.never)("never caches %s", async (namespace) => {
      expect(await kit.tell("namespace", namespace)).toEqual({
        refused: expect.stringMatching(new RegExp(`^${namespace} must not be cached`)),
      });
    });

    it.each(cases.patterns)("fits names to the pattern $pattern", async ({ pattern, fits, not }) => {
      for (const plain of fits)
        expect(await kit.tell("fits", pattern, plain), plain).toEqual({ gives: true });
      for (const plain of not)
        expect(await kit.tell("fits", pattern, plain), plain).toEqual({ gives: false });
    });

    it.each(cases.settings)("reads the settings $env", async ({ env, enabled, server, problem, ...more }) => {
      const { gives } = await kit.tell("settings", env);
      const { note, ...others } = more as { note?: string };
      expect(gives).toMatchObject({ enabled, ...others });
      const read = gives as { server?: unknown; problem?: string | null; notes: string[] };
      expect(read.notes).toEqual(note === undefined ? [] : [expect.stringContaining(note)]);
      expect(read.server ?? undefined).toEqual(server);
      if (problem === undefined) expect(read.problem ?? null).toBeNull();
      else expect(read.problem).toContain(problem);
      // No secret of any case is in what is said of it.
      expect(read.problem ?? "").not.toMatch(/hunter/);
    });

    it.each(cases.stories)("$name", async ({ steps, ...story }) => {
      await open(redis, LIMIT_MS, (story as { env?: Env }).env);
      for (const step of steps as Step[]) {
        const told = `${step.do}(${JSON.stringify(step.args)})`;
        const tell = () => kit.tell(step.do, ...step.args);
        if (step.do === "store") await redis.call("SET", ...(step.args as string[]));
        else if (step.do === "keys") await expect.poll(keys, { message: told }).toEqual(step.gives);
        else if (step.do === "lives") {
          const [key = "", least = 0, most = 0] = step.args as [string, number, number];
          const seconds = Number(await redis.call("PTTL", key)) / 1000;
          expect(seconds, told).toBeGreaterThan(least);
          expect(seconds, told).toBeLessThanOrEqual(most);
        } else if (step.refused) expect(await tell(), told).toEqual({ refused: expect.any(String) });
        else if (step.soon) await expect.poll(tell, { message: told }).toMatchObject({ gives: step.gives });
        else expect(await tell(), told).toMatchObject({ gives: step.gives ?? null });
      }
    });

    it("counts the bytes that Redis holds of a function's values", async () => {
      await open();
      for (const id of ["1", "2"]) await kit.tell("call", "user:profile", [id]);
      const held = async (...ids: string[]) => {
        const sizes = await Promise.all(
          ids.map((id) => redis.call("STRLEN", `propiq:v1:user:profile:${id}`)),
        );
        return sizes.reduce<number>((sum, size) => sum + Number(size), 0);
      };
      const counted = async () => (await kit.tell("functions")).gives;
      await expect.poll(keys).toHaveLength(2);
      await expect.poll(counted).toMatchObject([{ memoryBytes: await held("1", "2") }]);
      await kit.tell("delete", "user:profile", ["1"]);
      await expect.poll(counted).toMatchObject([{ memoryBytes: await held("2") }]);
      await kit.tell("invalidate", "user:*");
      await expect.poll(counted).toMatchObject([{ memoryBytes: 0 }]);
    });

    it.each(cases.stored)("finds $is in $text", async ({ text, is, value }) => {
      await open();
      await redis.call("SET", "propiq:v1:user:42", text);
      const gives = is === "a miss" ? is : { value };
      expect(await kit.tell("get", "user", ["42"])).toEqual({ gives });
    });

    it("connects to nothing when disabled, and calls the function", async () => {
      expect(await kit.tell("open", { ...urlOf(redis), REDIS_ENABLED: "false" }, LIMIT_MS)).toEqual({
        gives: false,
      });
      expect(await kit.tell("call", "user", ["42"])).toEqual({ gives: { call: 1, of: ["42"] } });
      expect(await kit.tell("call", "user", ["42"])).toEqual({ gives: { call: 2, of: ["42"] } });
      expect((await kit.tell("health")).gives).toMatchObject({
        enabled: false,
        connected: false,
        hit_rate: null,
        memory_used: null,
        reason: "REDIS_ENABLED is false",
        fingerprint: null,
      });
      expect(await keys()).toEqual([]);
    });

    it.each<[string, (own: TestRedis) => unknown, (own: TestRedis) => unknown]>([
      ["hangs", (own) => own.signal("SIGSTOP"), (own) => own.signal("SIGCONT")],
      [
        "is killed",
        (own) => own.stop(),
        async ({ port }) => {
          const next = await startRedis({ port });
          onTestFinished(() => next.stop());
        },
      ],
    ])("continues while Redis %s, and uses it again soon after it recovers", async (_name, breakIt, mend) => {
      const own = await startRedis();
      onTestFinished(() => own.stop());
      await open(own, 100);
      await kit.tell("costs", "user", 5);
      await breakIt(own);
      const { gives } = await kit.tell("costs", "user", 50);
      const costs = gives as number[];
      // Three may wait as long as they must, in turn, until it is given up.
      expect(costs.slice(0, -3).filter((ms) => ms > 50)).toEqual([]);
      await sleep(1500);
      expect((await kit.tell("health")).gives).toMatchObject({ connected: false });
      await mend(own);
      const connected = async () => ((await kit.tell("health")).gives as { connected: boolean }).connected;
      expect(await until("connected again", connected)).toBeLessThan(2000);
    });

    it("sends a missed invalidation before it reads again", async () => {
      const own = await startRedis();
      onTestFinished(() => own.stop());
      await open(own, 100);
      expect(await kit.tell("set", "user", ["42"], "old", 60)).toEqual({ gives: true });
      own.signal("SIGSTOP");
      // Until Redis is given up: else the command would be sent, and be done as soon as Redis continues.
      await kit.tell("costs", "other", 10);
      await kit.tell("delete", "user", ["42"]);
      own.signal("SIGCONT");
      const connected = async () => {
        expect(await kit.tell("get", "user", ["42"])).toEqual({ gives: "a miss" });
        return ((await kit.tell("health")).gives as { connected: boolean }).connected;
      };
      await until("connected again", connected);
      expect(await kit.tell("get", "user", ["42"])).toEqual({ gives: "a miss" });
    });
  });
}

describe.skipIf(WITHOUT["Python"] ?? false)("the app's own cache in Python", () => {
  it("needs a decorator and a pattern", async () => {
    const kit = await (DRIVERS["Python"] as () => Promise<Driver>)();
    onTestFinished(() => kit.stop());
    const profile = (detail: string) => ({ id: 42, detail });
    expect(
      (await kit.tell("guide", { ...urlOf(redis), PROPIQ_CACHE_FINGERPRINT: "abc" })).gives,
    ).toMatchObject({
      values: [profile("short"), profile("short"), profile("short"), profile("long"), [7], [7]],
      before: [42, 42, -7],
      after: [42, 42, -7, 42],
      name: "profile",
      health: {
        enabled: true,
        connected: true,
        hit_rate: 0.4286,
        memory_used: expect.stringMatching(/^[\d.]+[KM]$/),
        reason: null,
        fingerprint: "abc",
      },
    });
    expect(await keys()).toEqual(["propiq:v1:user:profile:42:short"]);
  });
});

describe.skipIf(WITHOUT["Python"] ?? false)("a connection with TLS in Python", () => {
  it("is verified, whatever the URL says", async () => {
    const authority = await makeAuthority();
    onTestFinished(() => authority.remove());
    const tls = await authority.issue("IP:127.0.0.1");
    const own = await startRedis({ tls, password: "p@ss/w%rd" });
    onTestFinished(() => own.stop());
    const url = `rediss://:${encodeURIComponent("p@ss/w%rd")}@127.0.0.1:${own.port}/0?ssl_cert_reqs=none`;
    for (const trusted of [true, false]) {
      const start = DRIVERS["Python"] as (env?: Env) => Promise<Driver>;
      const kit = await start(trusted ? { SSL_CERT_FILE: tls.ca } : {});
      onTestFinished(() => kit.stop());
      expect(await kit.tell("open", { REDIS_URL: url }, LIMIT_MS, trusted ? 10 : 1)).toEqual({
        gives: trusted,
      });
      expect(await kit.tell("set", "user", ["42"], 1, 60)).toEqual({ gives: trusted });
    }
  });
});

describe.skipIf(WITHOUT["Python"] ?? false)("two kits on one Redis", () => {
  it("read each other's values", async () => {
    const kits = await Promise.all(KITS.map(([, start]) => start()));
    onTestFinished(async () => {
      await Promise.all(kits.map((kit) => kit.stop()));
    });
    for (const kit of kits) await kit.tell("open", urlOf(redis), LIMIT_MS);
    for (const [at, value] of cases.values.entries()) {
      for (const [writer, reader] of [kits, kits.toReversed()] as [Driver, Driver][]) {
        expect(await writer.tell("set", "user", [at], value, 60)).toEqual({ gives: true });
        expect(await reader.tell("get", "user", [at])).toEqual({ gives: { value } });
      }
    }
  });
});

describe.skipIf(WITHOUT["Python"] ?? false)("the metrics of both kits", () => {
  it("have the same families, and the counts of the same calls", async () => {
    const texts = await Promise.all(
      KITS.map(async ([, start], at) => {
        const kit = await start();
        onTestFinished(() => kit.stop());
        await kit.tell("open", { ...urlOf(redis), CACHE_PREFIX: `kit-${at}` }, LIMIT_MS);
        for (let call = 0; call < 3; call += 1) await kit.tell("call", "user:profile", ["42"]);
        return String((await kit.tell("metrics")).gives);
      }),
    );
    // How long it took differs, and a stored value holds that time: its digits count as bytes.
    const [one, other] = texts.map((text) =>
      text.replace(/^(\w+_(?:seconds|memory_bytes)\w*\{.*\}) \d.*/gm, "$1"),
    );
    expect(one).toBe(other);
    expect(one).toContain('propiq_cache_hits_total{namespace="user:profile"} 2\n');
    expect(one).toContain("propiq_cache_connected 1\n");
    expect(one?.endsWith("# EOF\n")).toBe(true);
  });
});

describe("the settings that a stack writes", () => {
  it.each([
    { host: "127.0.0.1", port: 6379, tls: false, db: 0 },
    { host: "::1", port: 6380, tls: true, db: 3, username: "app", password: "p@ss/w%rd ü" },
  ])("are read by the kit as by this project: $host", async (target) => {
    const settings = settingsFor({ enabled: true, target, ttl: { short: 1, medium: 2, long: 3, day: 4 } });
    const kit = await (DRIVERS["TypeScript"] as () => Promise<Driver>)();
    expect((await kit.tell("settings", settings)).gives).toMatchObject({
      enabled: true,
      server: readSettings(settings).target,
      ttl: { short: 1, medium: 2, long: 3, day: 4 },
      fingerprint: settings.PROPIQ_CACHE_FINGERPRINT,
    });
    await kit.stop();
  });
});
