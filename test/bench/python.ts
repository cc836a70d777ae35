/**
 * The Python example app with its cache against the same app without, and what a hit of the kit costs beside what the
 * client alone costs. Each round has an app, and a Redis, of its own.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { startRedis } from "../../rehearsal/redis-server.ts";
import { load, zipfMix } from "../examples/app/load.ts";
import type { RunningApp } from "../examples/app/running.ts";
import { hasPythonForTests, KIT, pythonForTests } from "../examples/python/python.ts";
import { startPythonApp } from "../examples/python/running.ts";
import { seeded } from "../support/random.ts";
import { CannotMeasure, type Part, type Row, type Timed } from "./row.ts";

const AGAINST = "Python app without a cache";
const HIT_SCRIPT = join(PROJECT_ROOT, "test", "bench", "python_hit.py");
const HINT = "npx vitest run test/examples/python";
const FEW = { rounds: 3, fresh: true } as const;
const HITS = 50;
/** Users and requests of the mix in `zipfMix`; the seed is always the same. */
const ZIPF_USERS = 100;
const ZIPF_REQUESTS = 1500;

/** The goals are the guide's: 100, 100 and 10 times faster, and at least half as many calls of the database. */
export function pythonRows(): Row[] {
  const faster = (page: string, goal: number): Row => ({
    name: `Python ${page}, cached`,
    against: AGAINST,
    goal,
    ...FEW,
    prepare: () => sides([answer(page, true)], [answer(page, false)]),
  });
  return [
    faster("profile", 1 / 100),
    faster("analyses", 1 / 100),
    faster("dashboard", 1 / 10),
    {
      name: "Python database calls, Zipf mix",
      against: AGAINST,
      goal: 0.5,
      unit: "calls",
      // Calls are counted, not timed, and the requests are the same each time.
      rounds: 1,
      fresh: true,
      prepare: () => sides([databaseCalls(true)], [databaseCalls(false)]),
    },
    {
      name: "hit in a Python thread",
      against: "GET by redis-py",
      goal: 1.5,
      rounds: 3,
      prepare: () => sides([hit("thread")], [hit("client")]),
    },
    {
      name: "hit in a Python event loop",
      against: "GET by redis-py's asyncio",
      goal: 1.5,
      rounds: 3,
      prepare: () => sides([hit("loop")], [hit("client-loop")]),
    },
    {
      name: "counts of a Python hit",
      against: "hit in a Python thread",
      goal: 0.02,
      rounds: 3,
      prepare: () => sides([hit("counts")], [hit("thread")]),
    },
  ];
}

async function sides(ours: Part[], baseline: Part[]) {
  if (await hasPythonForTests()) return { ours, baseline };
  throw new CannotMeasure("There is no Python 3.11 with the packages of the kit's tests.", {
    hint: HINT,
    excusable: true,
  });
}

/** The time of one answer; of cached ones the mean of many, as one is too short to be taken alone. */
function answer(page: string, cached: boolean): Part {
  return {
    what: `GET ${page}`,
    run: inApp(cached, async (app) => {
      const path = `${app.url}/users/someone/${page}`;
      if (cached) await get(path);
      const times = cached ? HITS : 1;
      const startMs = performance.now();
      for (let at = 0; at < times; at += 1) await get(path);
      return (performance.now() - startMs) / times;
    }),
  };
}

function databaseCalls(cached: boolean): Part {
  return {
    what: `${ZIPF_REQUESTS} requests`,
    run: inApp(cached, async (app) => {
      const ask = zipfMix(ZIPF_USERS, seeded(7));
      const result = await load({ url: app.url, amount: ZIPF_REQUESTS, connections: 200, ask });
      if (result.failed > 0 || result.mixedUp > 0) {
        const what = `${result.failed} requests failed, ${result.mixedUp} got another user's data.`;
        throw new CannotMeasure(what, { hint: HINT });
      }
      return (await app.health()).database.calls;
    }),
  };
}

/** Milliseconds for one, as the mean of thousands. */
function hit(what: string): Part {
  return {
    what,
    run: async () => {
      const redis = await startRedis();
      try {
        const { stdout } = await promisify(execFile)(await pythonForTests(), [HIT_SCRIPT, what], {
          env: {
            PYTHONPATH: KIT,
            PYTHONDONTWRITEBYTECODE: "1",
            REDIS_URL: `redis://127.0.0.1:${redis.port}/0`,
          },
        });
        return Number(stdout);
      } finally {
        await redis.stop();
      }
    },
  };
}

function inApp(cached: boolean, measure: (app: RunningApp) => Promise<number>): Timed {
  return async (onStart) => {
    await using ends = new AsyncDisposableStack();
    const redis = await startRedis();
    ends.defer(() => redis.stop());
    const url = `redis://127.0.0.1:${redis.port}/0`;
    const app = ends.use(await startPythonApp({ REDIS_ENABLED: String(cached), REDIS_URL: url }));
    onStart(app.pid);
    if (cached) await app.untilConnected();
    return await measure(app);
  };
}

async function get(url: string): Promise<void> {
  const response = await fetch(url);
  await response.arrayBuffer();
  if (!response.ok) throw new CannotMeasure(`${url} answered ${response.status}.`, { hint: HINT });
}
