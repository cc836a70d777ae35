import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { askRedis } from "../../../rehearsal/azure/ask-redis.ts";
import {
  type CacheServer,
  startCacheServer,
  WITHHELD_BY_AZURE_CACHE,
} from "../../../rehearsal/azure/cache-server.ts";
import { randomLoopback } from "../../../rehearsal/azure/loopback.ts";
import { type Authority, makeAuthority } from "../../../rehearsal/tls.ts";

const KEYS = { primary: "first/key+=", secondary: "second&key=" };
let authority: Authority;
let server: CacheServer;
beforeAll(async () => {
  authority = await makeAuthority();
  server = await startCacheServer({
    authority,
    host: randomLoopback(),
    port: 6380,
    withheld: WITHHELD_BY_AZURE_CACHE,
    memoryBytes: 5_000_000,
    policy: "allkeys-lru",
  });
});
beforeEach(() => server.setKeys(KEYS));
afterAll(async () => {
  await server.stop();
  await authority.remove();
});

const ask = (password: string, command: string, ...args: string[]) =>
  askRedis({ host: server.host, port: server.port, password, authority }, command, ...args);

it("lets nobody in before it has keys", async () => {
  await server.setKeys(undefined);
  expect(await ask("", "PING")).toMatch(/NOAUTH|closed/);
  expect(await ask("guess", "PING")).toContain("WRONGPASS");
});

it("takes both keys over TLS, and an exchanged one no longer", async () => {
  expect(await ask(KEYS.primary, "PING")).toBe("PONG");
  expect(await ask(KEYS.secondary, "PING")).toBe("PONG");
  await server.setKeys({ ...KEYS, primary: "third" });
  expect(await ask(KEYS.primary, "PING")).toContain("WRONGPASS");
  expect(await ask("third", "PING")).toBe("PONG");
});

it.each(WITHHELD_BY_AZURE_CACHE)("does not know %s", async (command) => {
  expect(await ask(KEYS.secondary, command, "GET", "x")).toMatch(/ERR unknown command/);
});

it("can be configured by the one who runs it, and forgets its data but not its settings when it is replaced", async () => {
  await server.configure("maxmemory", "6000000");
  await server.redis.call("SET", "a", "1");
  await server.replace();
  expect(await server.redis.call("CONFIG", "GET", "maxmemory")).toContain("6000000");
  expect(await ask(KEYS.secondary, "GET", "a")).toBeNull();
});

it("can be out of reach", async () => {
  await server.setReachable(false);
  expect(await ask(KEYS.secondary, "PING")).toContain("ECONNREFUSED");
  await server.setReachable(true);
  expect(await ask(KEYS.secondary, "PING")).toBe("PONG");
});
