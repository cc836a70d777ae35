import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type AppEvent, type AppOptions, RunningApp } from "../../../rehearsal/azure/app-runner.ts";
import { askHttps, type Reply } from "../../../rehearsal/azure/app-runner-ask.ts";
import { type Authority, makeAuthority } from "../../../rehearsal/tls.ts";

let authority: Authority;
let app: RunningApp;
let events: AppEvent[];

beforeAll(async () => {
  authority = await makeAuthority();
});
afterEach(() => app.close());
afterAll(() => authority.remove());

const OFF = { REDIS_ENABLED: "false" };
const named = (fingerprint: string) => ({ ...OFF, PROPIQ_CACHE_FINGERPRINT: fingerprint });

async function start(options: AppOptions = {}, settings: Record<string, string> = named("one")) {
  events = [];
  app = await RunningApp.run({
    authority,
    site: "app",
    settings,
    options: { alwaysOn: true, ...options },
    record: (event) => events.push(event),
  });
  await app.settled();
}

const health = (): Promise<Reply> => askHttps(app.healthUrl, { ca: authority.certificate });
async function fingerprint(): Promise<unknown> {
  const { status, body } = await health();
  return status === 200 ? JSON.parse(body).cache.fingerprint : status;
}

/** What the health document echoes until the restart is over, in order, each once. */
async function echoesDuring(change: () => void): Promise<unknown[]> {
  const seen: unknown[] = [];
  change();
  let over = false;
  const end = app.settled().then(() => {
    over = true;
  });
  while (!over) {
    seen.push(await fingerprint());
    await sleep(10);
  }
  await end;
  return seen;
}
const changes = (seen: unknown[]) => seen.filter((value, index) => value !== seen[index - 1]);

describe("the app behind a site", () => {
  it("answers at its own host name with the fingerprint of its settings", async () => {
    await start();

    expect(app.host).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await fingerprint()).toBe("one");
    expect(app.restarts()).toBe(0);
  });

  it("answers from old and new for a while, and never fails, where workers overlap", async () => {
    await start({ mode: "overlapping", restartMs: 400 });

    const seen = await echoesDuring(() => app.apply(named("two")));

    expect(new Set(seen)).toEqual(new Set(["one", "two"]));
    expect(changes(seen).length).toBeGreaterThan(2);
    expect(await fingerprint()).toBe("two");
    expect(app.restarts()).toBe(1);
    expect(events.map(({ kind, fingerprint: of }) => `${kind} ${of}`)).toEqual([
      "worker started one",
      "worker started two",
      "worker stopped one",
    ]);
  });

  it("delays requests where it restarts slowly", async () => {
    await start({ mode: "slow", restartMs: 800 });
    const before = Date.now();

    const seen = await echoesDuring(() => app.apply(named("two")));

    expect(changes(seen).filter((value) => value !== "one")).toEqual(["two"]);
    expect(Date.now() - before).toBeGreaterThan(750);
  });

  it("refuses requests for a while where it restarts hard, and counts them", async () => {
    await start({ mode: "hard", restartMs: 300 });
    const page = () => askHttps(`https://${app.host}/`, { ca: authority.certificate });
    await page();

    const seen = await echoesDuring(() => {
      app.apply(named("two"));
      void page();
    });

    expect(changes(seen)).toContain(503);
    expect(seen.at(-1)).not.toBe("one");
    expect(await fingerprint()).toBe("two");
    expect(app.counts).toMatchObject({ served: 1, failed: 0 });
    expect(app.counts.refused + app.counts.broken).toBe(1);
  });

  it("starts with the first request, as a site does that is not always on", async () => {
    await start({ alwaysOn: false });
    app.apply(named("two"));
    await app.settled();
    expect(events).toEqual([]);

    expect(await fingerprint()).toBe("two");
    expect(events).toMatchObject([{ kind: "worker started", fingerprint: "two" }]);
  });

  it("starts a worker again that ends by itself", async () => {
    await start();
    process.kill(events[0]?.pid ?? 0, "SIGKILL");

    await expect.poll(() => events.filter(({ kind }) => kind === "worker started").length).toBe(2);
    expect(await fingerprint()).toBe("one");
  });

  it("gathers changes that come during a restart into one more", async () => {
    await start();
    for (const name of ["two", "three", "four"]) app.apply(named(name));
    await app.settled();

    expect(await fingerprint()).toBe("four");
    expect(events.filter(({ kind }) => kind === "worker started").length).toBeLessThanOrEqual(3);
  });

  it("answers 503 while the app ends at its start, and works again with other settings", async () => {
    await start({ start: ({ BROKEN }) => (BROKEN === undefined ? "fine" : "crash-loop") });
    app.apply({ ...named("two"), BROKEN: "yes" });
    await expect.poll(fingerprint).toBe(503);
    await app.settled();
    expect(app.output()).toContain("the app ended as it started");

    app.apply(named("three"));

    await expect.poll(fingerprint).toBe("three");
  });

  it("keeps its old worker where new settings never reach one", async () => {
    await start({ start: "stuck" });
    app.apply(named("two"));
    await app.settled();

    expect(await fingerprint()).toBe("one");
    expect(app.restarts()).toBe(1);
  });

  it("gives the app its settings and its platform, and nothing of the tests' environment", async () => {
    process.env["OF_THE_TESTS"] = "yes";
    await start(
      { file: new URL("../../../rehearsal/azure/app-runner-environment.ts", import.meta.url).pathname },
      { A: "1", PORT: "80" },
    );
    delete process.env["OF_THE_TESTS"];

    const { body } = await askHttps(`https://${app.host}/`, { ca: authority.certificate });

    const { PATH: _, PORT, ...env } = JSON.parse(body);
    expect(PORT).not.toBe("80");
    expect(env).toEqual({
      A: "1",
      NODE_EXTRA_CA_CERTS: authority.own.cert,
      WEBSITE_SITE_NAME: "app",
      WEBSITE_SLOT_NAME: "Production",
      WEBSITE_HOSTNAME: app.host,
    });
  });

  it("stops and starts", async () => {
    await start();
    await app.stop();
    expect(await fingerprint()).toBe(503);

    app.start();
    await app.settled();

    expect(await fingerprint()).toBe("one");
  });

  it.each([
    ["no-fingerprint", 200, { status: "healthy", cache: { enabled: false } }],
    ["bare", 200, { status: "healthy" }],
    ["null-fields", 200, { cache: { enabled: null, hit_rate: null, fingerprint: null } }],
    ["cache-off", 200, { cache: { enabled: false, connected: false } }],
    ["unhealthy", 200, { status: "unhealthy" }],
    ["error", 500, {}],
    ["missing", 404, {}],
  ] as const)("answers with a health document of the kind %s", async (kind, status, document) => {
    await start({ health: kind });

    const reply = await health();

    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toMatchObject(document);
  });

  it.each([
    ["forbidden", 403],
    ["page", 200],
  ] as const)("answers with no health document at all: %s", async (kind, status) => {
    await start({ health: kind });

    const reply = await health();

    expect(reply.status).toBe(status);
    expect(() => JSON.parse(reply.body)).toThrow();
  });
});
