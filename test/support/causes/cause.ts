/** A cause of trouble: what makes it, really, and the code that must report it. */
import type { Code } from "../../../check/report.ts";
import { type FaultProxy, type ProxyOptions, startProxy } from "../../../rehearsal/fault-proxy.ts";
import { type RedisOptions, startRedis, type TestRedis } from "../../../rehearsal/redis-server.ts";
import type { Authority } from "../../../rehearsal/tls.ts";
import { type Answers, startRespServer } from "../resp-server.ts";

export interface Cause {
  code: Code;
  /** Of all causes with this code, which. */
  when: string;
  /** Warnings are reported, and do not fail; a skip is reported with its code. */
  status?: "fail" | "warn" | "skip";
  /** Seconds that the check is given; 3 when absent. */
  deadline?: number;
  make(stage: Stage): Promise<Scene>;
}

export interface Scene {
  /** The settings of the app. */
  env: Record<string, string>;
  /** Put before the command line, as in test/support/cli.ts. */
  within?: readonly string[];
  /** Where keys could be left behind. */
  redis?: TestRedis;
}

/** What causes are made with; all of it is removed at the end. */
export interface Stage {
  /** Every character that some encoding changes; every server that takes a password has this one. */
  password: string;
  authority: Authority;
  after(cleanup: () => unknown): void;
  /** @returns a real server with the password, unless the options say otherwise */
  redis(options?: RedisOptions): Promise<TestRedis>;
  /** @returns something between the check and a server */
  proxy(options: ProxyOptions): Promise<FaultProxy>;
  /** For what only a provider's servers say. */
  resp(answers: Answers): Promise<Scene>;
  /** Settings with the password. */
  at(port: number, change?: Record<string, string>): Record<string, string>;
}

export function makeStage(password: string, authority: Authority): Stage & { clear(): Promise<void> } {
  const cleanups: (() => unknown)[] = [];
  const after = (cleanup: () => unknown) => void cleanups.push(cleanup);
  const at: Stage["at"] = (port, change = {}) => ({
    ...{ REDIS_HOST: "127.0.0.1", REDIS_PORT: String(port), REDIS_PASSWORD: password },
    ...change,
  });
  return {
    password,
    authority,
    after,
    at,
    async redis(options = {}) {
      const redis = await startRedis({ password, ...options });
      after(redis.stop);
      return redis;
    },
    async proxy(options) {
      const proxy = await startProxy(options);
      after(proxy.stop);
      return proxy;
    },
    async resp(answers) {
      const server = await startRespServer(answers);
      after(server.stop);
      return { env: at(server.port) };
    },
    async clear() {
      for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
    },
  };
}
