import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { Redis } from "ioredis";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { App } from "../../../check/app/app.ts";
import { checkCache } from "../../../check/check.ts";
import { startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";

let redis: TestRedis;
const cleanups: (() => unknown)[] = [];
beforeEach(async () => {
  redis = await startRedis();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await redis.stop();
});

async function appThat(answers: RequestListener): Promise<App> {
  const server = createServer(answers);
  await once(server.listen(0, "127.0.0.1"), "listening");
  cleanups.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return { name: "app", healthUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/health` };
}
const says = (cache: object): RequestListener => {
  return (_request, response) => response.end(JSON.stringify({ status: "healthy", cache }));
};
const checked = async (app: App, deadlineMs = 5000) => {
  const report = await checkCache({ enabled: true, target: redis.target, apps: [app] }, { deadlineMs });
  return { report, of: (id: string) => report.checks.find((check) => check.id === id) };
};

describe("an app that does not echo its settings", () => {
  it("is seen by its connection, used as it answers", async () => {
    const client = new Redis({ port: redis.port });
    cleanups.push(() => client.disconnect());
    await client.ping();
    const app = await appThat(async (request, response) => {
      await client.ping();
      says({ enabled: true, connected: true })(request, response);
    });
    const { report, of } = await checked(app);
    expect(of("app-uses-cache")).toMatchObject({ status: "pass" });
    expect(report.verdict).toBe("healthy");
    expect(report.commandsUsed).toBeLessThanOrEqual(30);
  });

  it("is asked once more before the cache is asked who is on it, which one that echoes is not", async () => {
    let asked = 0;
    const app = await appThat((request, response) => {
      asked++;
      says({ enabled: true, connected: true, fingerprint: "f1" })(request, response);
    });
    await checked(app);
    expect(asked).toBe(2);
    await checked({ ...app, fingerprint: "f1" });
    expect(asked).toBe(3);
  });

  it("is missed where nobody but the check is on the cache", async () => {
    const { report, of } = await checked(await appThat(says({ enabled: true, connected: true })));
    expect(of("app-uses-cache")).toMatchObject({ status: "fail", code: "APP_NOT_USING_CACHE" });
    expect([report.verdict, report.impact]).toEqual(["failed", "slower"]);
  });
});

it("an app that never answers delays the check only until the deadline", async () => {
  const { report, of } = await checked(await appThat(() => {}), 700);
  expect(report.durationMs).toBeLessThan(700 + 500);
  expect(of("app-health")).toMatchObject({ status: "fail", code: "APP_UNREACHABLE" });
  expect(report.impact).toBe("users-affected");
});

it("an app that answers and uses its cache has spoken for its users, whatever is seen from here", async () => {
  const app = { ...(await appThat(says({ connected: true, fingerprint: "f1" }))), fingerprint: "f1" };
  redis.signal("SIGSTOP");
  const { report } = await checked(app, 700);
  expect([report.verdict, report.impact]).toEqual(["failed", "slower"]);
  const unreachable = { host: "127.0.0.1", port: redis.port, tls: true, db: 0 };
  redis.signal("SIGCONT");
  const other = await checkCache({ enabled: true, target: unreachable, apps: [app] });
  expect(other.verdict).toBe("failed");
  expect(other.impact).toBe("slower");
});

it("what the app says is foreign: it shows short, clean and without the password", async () => {
  const password = "s3cret-0815";
  const reason = `\u001b[31m::error:: ${password} ${"x".repeat(5000)}`;
  const app = await appThat(says({ enabled: true, connected: false, reason }));
  const subject = { enabled: true, target: { ...redis.target, password }, apps: [app] };
  const { checks } = await checkCache(subject);
  const observed = checks.find(({ id }) => id === "app-uses-cache")?.observed ?? "";
  expect(observed).toContain("[secret]");
  expect(observed).not.toMatch(/s3cret|\p{Cc}/u);
  expect(observed.length).toBeLessThanOrEqual(200);
});
