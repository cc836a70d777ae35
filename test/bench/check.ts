/** The bench's rows for the check: whole processes, against the least that does the same. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { checkCache } from "../../check/check.ts";
import { startProxy } from "../../rehearsal/fault-proxy.ts";
import { startRedis } from "../../rehearsal/redis-server.ts";
import { makeAuthority } from "../../rehearsal/tls.ts";
import { someRuns } from "../support/history.ts";
import { timed } from "./command.ts";
import { CannotMeasure, type Row, type Sides, type Timed } from "./row.ts";
import type { Workshop } from "./workshop.ts";

const BASELINES = join(import.meta.dirname, "baselines");
const CLI = join(PROJECT_ROOT, "scripts", "propiq-cache.mjs");
const PASSWORD = "bench/0815";
const ROUND_TRIP_MS = 50;
const STACKS = 50;
const RUNS = 10_000;

export function checkRows(workshop: Workshop): Row[] {
  const against = "script that sends the same one by one";
  return [
    { name: "verify, fast link", against, goal: 1.6, prepare: () => besideScript(workshop, nearby) },
    {
      name: "verify, 50 ms and TLS",
      against,
      goal: 0.65,
      // Mostly round trips of a set length.
      rounds: 5,
      prepare: () => besideScript(workshop, distant),
    },
    {
      name: "connecting, 50 ms and TLS",
      against: "its round trips: TLS, AUTH",
      goal: 1.2,
      prepare: () => connecting(workshop),
    },
    { name: "check of 50 URLs", against: "check of one", goal: 4, prepare: () => many(workshop) },
    {
      name: "report over 10,000 runs",
      against: "reading and parsing them",
      goal: 4,
      prepare: () => longHistory(workshop),
    },
  ];
}

interface Link {
  url: string;
  env: Record<string, string>;
}

async function nearby({ atEnd }: Workshop): Promise<Link> {
  const redis = await startRedis({ password: PASSWORD });
  atEnd(redis.stop);
  return { url: `redis://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${redis.port}/0`, env: {} };
}

/** Behind something that hands on each piece of an answer later: TLS and Redis wait for it, the TCP handshake does not. */
async function distant({ atEnd }: Workshop): Promise<Link & { ca: string; port: number }> {
  const authority = await makeAuthority();
  atEnd(authority.remove);
  const redis = await startRedis({ password: PASSWORD, tls: await authority.issue("IP:127.0.0.1") });
  atEnd(redis.stop);
  const proxy = await startProxy({ to: redis.port, delayMs: ROUND_TRIP_MS });
  atEnd(proxy.stop);
  return {
    url: `rediss://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}/0`,
    env: { NODE_EXTRA_CA_CERTS: authority.own.ca },
    ca: authority.certificate,
    port: proxy.port,
  };
}

async function besideScript(workshop: Workshop, link: (workshop: Workshop) => Promise<Link>): Promise<Sides> {
  const { url, env } = await link(workshop);
  const both = { cwd: PROJECT_ROOT, env: { ...workshop.env, ...env, REDIS_URL: url } };
  const script = join(BASELINES, "one-by-one.ts");
  return {
    ours: [{ what: "verify", run: timed({ words: [process.execPath, CLI, "verify"], ...both }) }],
    baseline: [{ what: "one by one", run: timed({ words: [process.execPath, script], ...both }) }],
  };
}

/** The report's own figures: DNS has nothing to do here. */
async function connecting(workshop: Workshop): Promise<Sides> {
  const { ca, port } = await distant(workshop);
  const { getCACertificates, setDefaultCACertificates } = await import("node:tls");
  setDefaultCACertificates([...getCACertificates("default"), ca]);
  const target = { host: "127.0.0.1", port, tls: true, db: 0, password: PASSWORD };
  const connect: Timed = async () => {
    const { verdict, measurements } = await checkCache({ enabled: true, target }, { samples: 1 });
    if (verdict === "failed") {
      throw new CannotMeasure("The check of the distant cache failed.", { hint: "Again: npm run bench" });
    }
    const { tcp = 0, tls = 0, auth = 0 } = measurements.connectMs ?? {};
    return tcp + tls + auth;
  };
  // TLS 1.3 takes one round trip, AUTH another.
  const floor: Timed = async () => 2 * ROUND_TRIP_MS;
  return { ours: [{ what: "connect", run: connect }], baseline: [{ what: "round trips", run: floor }] };
}

async function many(workshop: Workshop): Promise<Sides> {
  const { url } = await nearby(workshop);
  const run = (count: number) =>
    timed({
      words: [
        process.execPath,
        join(BASELINES, "check-many.ts"),
        ...Array.from({ length: count }, () => url),
      ],
      cwd: PROJECT_ROOT,
      env: workshop.env,
    });
  return { ours: [{ what: "50 checks", run: run(STACKS) }], baseline: [{ what: "one check", run: run(1) }] };
}

async function longHistory({ folder, env }: Workshop): Promise<Sides> {
  const path = join(folder, "history.jsonl");
  await writeFile(
    path,
    someRuns(RUNS)
      .map((run) => `${JSON.stringify(run)}\n`)
      .join(""),
  );
  const script = join(BASELINES, "parse-history.ts");
  const words = ["report", "--history", path, "--format", "html", "--output", join(folder, "report.html")];
  return {
    ours: [
      { what: "report", run: timed({ words: [process.execPath, CLI, ...words], cwd: PROJECT_ROOT, env }) },
    ],
    baseline: [
      { what: "parse", run: timed({ words: [process.execPath, script, path], cwd: PROJECT_ROOT, env }) },
    ],
  };
}
