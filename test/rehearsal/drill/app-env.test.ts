import { expect, it } from "vitest";
import { readSettings } from "../../../infra/contract/read-settings.ts";
import { appEnv, secretsOf } from "../../../rehearsal/drill/app-env.ts";

const target = { host: "127.0.0.1", port: 12_345, tls: false, db: 0, password: "drill" };

it("gives the app the settings of a stack, whatever the environment and the env file say of Redis", () => {
  const env = appEnv(
    { REDIS_URL: "redis://real:6379" },
    { REDIS_HOST: "real", REDIS_TLS: "true" },
    target,
    true,
  );
  expect(readSettings(env)).toEqual({ enabled: true, target });
  expect(env["REDIS_URL"]).toBe("redis://:drill@127.0.0.1:12345/0");
});

it("says REDIS_ENABLED=false for the start without a cache", () => {
  expect(appEnv({}, {}, target, false)["REDIS_ENABLED"]).toBe("false");
});

it("adds the other lines of the env file, and lets the environment win", () => {
  const env = appEnv({ PORT: "3000" }, { PORT: "4000", GREETING: "hello" }, target, true);
  expect(env).toMatchObject({ PORT: "3000", GREETING: "hello" });
});

it("takes values for secrets by the names of their variables", () => {
  const env = { DB_PASSWORD: "hunter22", STRIPE_API_KEY: "sk_live_1", GREETING: "hello there", TOKEN: "ab" };
  expect(secretsOf(env)).toEqual(["hunter22", "sk_live_1"]);
});
