import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_EXPECTATIONS } from "../../../../check/expectations.ts";
import { settingsFor } from "../../../../infra/contract/app-settings.ts";
import { DEFAULT_TTL } from "../../../../infra/contract/table.ts";
import { freePort } from "../../../../rehearsal/ports.ts";
import { startRedis, type TestRedis } from "../../../../rehearsal/redis-server.ts";
import { type ProviderUnderTest, startProvider } from "../../../support/provider.ts";

const TYPE = "propiq:index:VerifiedCache";
const password = 'c4n/4ry+"%&<';

let provider: ProviderUnderTest;
let redis: TestRedis | undefined;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());
afterEach(async () => {
  await redis?.stop();
  redis = undefined;
  provider.logged.length = 0;
});

const inputs = (port: number, secret: string | undefined, more: object = {}) => ({
  settings: {
    ...settingsFor({
      enabled: true,
      target: {
        host: "127.0.0.1",
        port,
        tls: false,
        db: 0,
        ...(secret === undefined ? {} : { password: secret }),
      },
      ttl: DEFAULT_TTL,
    }),
  } as Record<string, string>,
  plan: "external",
  provider: "external",
  cache: "1",
  waitSeconds: 0,
  expect: { ...DEFAULT_EXPECTATIONS },
  ...more,
});

describe("VerifiedCache", () => {
  it("proves a cache with the settings of the app, shows what it does, and keeps them secret", async () => {
    redis = await startRedis({ password });
    const { state } = await provider.create(TYPE, inputs(redis.port, password), ["settings"]);
    expect(state.values).toMatchObject({
      verdict: expect.stringMatching(/healthy|degraded/),
      at: expect.any(String),
    });
    expect(state.secrets).toContain("settings");
    const shown = provider.logged.filter(({ severity }) => severity === "info");
    expect(shown.map(({ message }) => message)).toEqual([expect.stringMatching(/^proving the cache: /)]);
    expect(JSON.stringify(provider.logged)).not.toContain("c4n");
  });

  it("fails at once for a wrong password, however long it might wait, and repeats none", async () => {
    redis = await startRedis({ password });
    const failing = provider.create(TYPE, inputs(redis.port, "wr0ng", { waitSeconds: 600 }));
    await expect(failing).rejects.toThrow(/AUTH_WRONG(?![\s\S]*wr0ng)[\s\S]*settings were not changed/);
  });

  it("waits for a cache that is only starting", async () => {
    const port = await freePort();
    const proof = provider.create(TYPE, inputs(port, undefined, { waitSeconds: 200 }));
    await expect
      .poll(() => provider.logged.some(({ message }) => /^waiting for the cache: TCP_REFUSED$/.test(message)))
      .toBe(true);
    redis = await startRedis({ port });
    expect((await proof).state.values["verdict"]).toMatch(/healthy|degraded/);
  });

  it("gives up when its patience ends, and says what to do", async () => {
    const port = await freePort();
    await expect(provider.create(TYPE, inputs(port, undefined))).rejects.toThrow(/TCP_REFUSED/);
  });

  it("stops waiting when the update is cancelled", async () => {
    const own = await startProvider();
    const proof = own.create(TYPE, inputs(await freePort(), undefined, { waitSeconds: 600 }));
    const refused = expect(proof).rejects.toThrow(
      /^(?![\s\S]*bug in propiq-cache)[\s\S]*The update was cancelled during this step\.[\s\S]*same command again/,
    );
    await expect.poll(() => own.logged.length).toBeGreaterThan(0);
    await own.cancel();
    await refused;
    await own.stop();
  });

  it("knows since when the cache has its secret, however often it is proven again", async () => {
    redis = await startRedis({ password });
    const { state, id } = await provider.create(TYPE, inputs(redis.port, password), ["settings"]);
    const rotatedAt = state.values["rotatedAt"];
    expect(rotatedAt).toBe(state.values["at"]);
    const again = await provider.update(TYPE, id, state, inputs(redis.port, password, { cache: "2" }));
    expect(again.values).toMatchObject({ rotatedAt, cache: "2" });
    expect(again.values["at"]).not.toBe(rotatedAt);
    await redis.stop();
    redis = await startRedis({ port: redis.port, password: "an0ther" });
    const rotated = await provider.update(TYPE, id, again, inputs(redis.port, "an0ther", { cache: "2" }));
    expect(rotated.values["rotatedAt"]).toBe(rotated.values["at"]);
  });

  it("keeps the time of a secret that returns with its cache after another cache was used", async () => {
    redis = await startRedis({ password });
    const other = await startRedis({ password: "an0ther" });
    const { state, id } = await provider.create(TYPE, inputs(redis.port, password));
    const { rotatedAt } = state.values;
    const moved = await provider.update(TYPE, id, state, inputs(other.port, "an0ther"));
    expect(moved.values["rotatedAt"]).toBe(moved.values["at"]);
    const back = await provider.update(TYPE, id, moved, inputs(redis.port, password));
    expect(back.values).toMatchObject({ rotatedAt });
    expect(back.secrets).toContain("earlierSecrets");
    expect(JSON.stringify(back.values["earlierSecrets"])).not.toContain("an0ther");
    const again = await provider.update(TYPE, id, back, inputs(other.port, "an0ther"));
    expect(again.values["rotatedAt"]).toBe(moved.values["rotatedAt"]);
    await other.stop();
  });

  it("claims no age for a cache without a secret, or of a state that knows none", async () => {
    redis = await startRedis({ password });
    const { state, id } = await provider.create(TYPE, inputs(redis.port, password));
    const { rotatedAt: _, ...earlier } = state.values;
    const again = await provider.update(
      TYPE,
      id,
      { ...state, values: earlier },
      inputs(redis.port, password, { cache: "2" }),
    );
    expect(again.values).not.toHaveProperty("rotatedAt");
    await redis.stop();
    redis = await startRedis();
    const open = await provider.create(TYPE, inputs(redis.port, undefined));
    expect(open.state.values).not.toHaveProperty("rotatedAt");
  });

  it("does not stop an update for a threshold, but warns", async () => {
    redis = await startRedis({ args: ["--maxmemory", "100mb", "--maxmemory-policy", "noeviction"] });
    const { state } = await provider.create(TYPE, inputs(redis.port, undefined));
    expect(state.values).toMatchObject({ verdict: "degraded", codes: ["EVICTION_OFF"] });
    expect(provider.logged).toContainEqual(
      expect.objectContaining({ severity: "warning", message: expect.stringMatching(/^EVICTION_OFF: /) }),
    );
  });

  it("is made again when the cache, its settings or what is expected of it change", async () => {
    const before = inputs(6379, "a");
    expect((await provider.diff(TYPE, before, before)).changes).toBe(false);
    expect((await provider.diff(TYPE, before, inputs(6379, "b"))).detailed).toMatchObject({
      "settings.REDIS_PASSWORD": "UPDATE",
    });
    expect((await provider.diff(TYPE, before, { ...before, cache: "2" })).detailed).toEqual({
      cache: "UPDATE",
    });
    const stricter = { ...before, expect: { ...before.expect, memoryMaxMb: 400 } };
    expect((await provider.diff(TYPE, before, stricter)).detailed).toEqual({
      "expect.memoryMaxMb": "UPDATE",
    });
  });
});
