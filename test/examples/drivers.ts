/** Both kits behind one interface: each step by name, in JSON, as `cases.json` has it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { Cache, type Cached, openCache } from "../../examples/app/cache/cache.ts";
import { assertNamespace, type Part, plainName } from "../../examples/app/cache/keys.ts";
import { fits } from "../../examples/app/cache/patterns.ts";
import { readSettings } from "../../examples/app/cache/settings.ts";
import { until } from "./app/kit.ts";
import { KIT, pythonWithPackages } from "./python/python.ts";

export type Env = Readonly<Record<string, string>>;
export interface Driver {
  /** @returns what it gives; `{refused}` with the words where the kit refuses it */
  tell(deed: string, ...args: unknown[]): Promise<{ gives?: unknown; refused?: string }>;
  stop(): Promise<void>;
}

/** @param env for a kit in a process of its own */
export const DRIVERS: Record<string, (env?: Env) => Promise<Driver>> = {
  TypeScript: async () => typescriptDriver(),
  Python: pythonDriver,
};

type Value = { call: number; of: readonly Part[] };

function typescriptDriver(): Driver {
  let cache = openCache({ REDIS_ENABLED: "false" });
  let functions = new Map<string, Cached<Part[], Value>>();
  let calls = 0;
  let gate = Promise.resolve();
  let release = () => {};
  let constant = false;
  let failing = false;
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    [gate, release] = [promise, resolve];
  };
  const functionOf = (namespace: string, options: object = {}) => {
    const made =
      functions.get(namespace) ??
      cache.cached(
        async (...parts: Part[]) => {
          calls += 1;
          const call = calls;
          await gate;
          if (failing) throw new RangeError("the database is away");
          return { call: constant ? 0 : call, of: parts };
        },
        { namespace, ttl: "short", ...options },
      );
    functions.set(namespace, made);
    return made;
  };
  const deeds = {
    open: async (env: Env, limitMs: number) => {
      cache.close();
      [cache, functions, calls] = [new Cache(env, { limitMs }), new Map(), 0];
      [constant, failing] = [false, false];
      if (env["REDIS_ENABLED"] === "false") return false;
      await until("connected", async () => (await cache.health()).connected);
      return true;
    },
    key: (namespace: string, parts: Part[]) => `propiq:v1:${plainName(namespace, parts)}`,
    namespace: (namespace: string) => {
      assertNamespace(namespace);
      return true;
    },
    fits: (pattern: string, plain: string) => fits(pattern)(plain),
    settings: (env: Env) => readSettings(env),
    set: (namespace: string, parts: Part[], value: unknown, ttl: "short" | number) =>
      cache.set(namespace, parts, value, ttl),
    get: async (namespace: string, parts: Part[]) => {
      const value = await cache.get(namespace, ...parts);
      return value === undefined ? "a miss" : { value };
    },
    delete: (namespace: string, parts: Part[]) => cache.delete(namespace, ...parts),
    clear: (namespace: string) => cache.clear(namespace),
    invalidate: (pattern: string) => cache.invalidate(pattern),
    call: (namespace: string, parts: Part[]) => functionOf(namespace)(...parts),
    callAtOnce: async (namespace: string, parts: Part[], times: number) => {
      const values = await Promise.all(Array.from({ length: times }, () => functionOf(namespace)(...parts)));
      return new Set(values.map((value) => JSON.stringify(value))).size === 1 ? values[0] : values;
    },
    callAndForgetMeanwhile: async (namespace: string, parts: Part[]) => {
      const fn = functionOf(namespace);
      hold();
      const first = fn(...parts);
      await until("called", () => calls > 0);
      await fn.invalidate(...parts);
      const second = fn(...parts);
      release();
      return await Promise.all([first, second]);
    },
    callAndChange: async (namespace: string, parts: Part[]) => {
      const fn = functionOf(namespace);
      const [one, other] = await Promise.all([fn(...parts), fn(...parts)]);
      one.call = -1;
      return [other, await fn(...parts)];
    },
    forget: (namespace: string, parts: Part[]) => functionOf(namespace).invalidate(...parts),
    counts: async () => {
      const { hits, misses } = await cache.stats();
      return { hits, misses };
    },
    define: (namespace: string, options: object) => {
      functionOf(namespace, options);
    },
    failing: (whether: boolean) => {
      failing = whether;
    },
    constant: () => {
      constant = true;
    },
    hold,
    letGo: () => release(),
    invalidateBelow: (namespace: string, parts: Part[]) => cache.invalidateBelow(namespace, ...parts),
    functions: async () => (await cache.health()).functions,
    metrics: () => cache.metrics(),
    health: () => cache.health(),
    costs: async (namespace: string, times: number) => {
      const took: number[] = [];
      for (let at = 0; at < times; at += 1) {
        const startMs = performance.now();
        await functionOf(namespace)(`${at}`);
        took.push(performance.now() - startMs);
      }
      return took.toSorted((a, b) => a - b);
    },
  };
  return {
    async tell(deed, ...args) {
      // The table's own JSON says which arguments each deed has.
      const perform = deeds[deed as keyof typeof deeds] as (...args: unknown[]) => unknown;
      try {
        return { gives: plain(await perform(...args)) };
      } catch (error) {
        if (error instanceof TypeError || error instanceof RangeError) return { refused: error.message };
        throw error;
      }
    },
    stop: async () => cache.close(),
  };
}

/** As it would come out of another process. */
function plain(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

async function pythonDriver(more: Env = {}): Promise<Driver> {
  const python = await pythonWithPackages();
  const driver = spawn(
    python,
    ["-W", "error", join(PROJECT_ROOT, "test", "examples", "python", "driver.py")],
    {
      env: { PATH: process.env["PATH"], PYTHONPATH: KIT, PYTHONDONTWRITEBYTECODE: "1", ...more },
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const answers = createInterface({ input: driver.stdout })[Symbol.asyncIterator]();
  return {
    async tell(deed, ...args) {
      driver.stdin.write(`${JSON.stringify({ do: deed, args })}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error("the Python driver ended; its traceback stands above");
      return JSON.parse(value) as { gives?: unknown; refused?: string };
    },
    async stop() {
      if (driver.exitCode !== null) return;
      const ended = once(driver, "exit");
      driver.stdin.end();
      await ended;
    },
  };
}
