/** Asks apps for their health, and then the cache who is on it. */
import type { Finding } from "../finding.ts";
import type { FunctionUse } from "../functions/use.ts";
import { type Run, roundMs } from "../probe/run.ts";
import type { Connection } from "../wire/connection.ts";
import type { App } from "./app.ts";
import { type Health, readHealth } from "./health.ts";
import { type AppSeen, judgeApp, mergeApps, type Others } from "./judge.ts";

export interface AppLook {
  /**
   * Asks the apps once more, and the cache at once after that. On the check's own connection, and as the last thing
   * on it: all others then belong to other clients.
   * @throws Fault when the connection fails
   */
  lookForOthers(connection: Connection): Promise<void>;
  /** What the apps count of their functions, all apps together; waits for them. @throws nothing */
  functions(): Promise<FunctionUse[]>;
  /** What all apps come to; waits for those that have not answered yet. @throws nothing */
  findings(): Promise<Finding[]>;
}

type Limits = Pick<Run, "deadline"> & { redact: (text: string) => string };

/** Begins to ask: an app that has to be started first answers while the cache is being checked. */
export function startLook(apps: readonly App[], limits: Limits): AppLook {
  const startedAt = performance.now();
  const asked = Promise.all(apps.map((app) => ask(app, limits)));
  let others: Others | undefined;
  return {
    async lookForOthers(connection) {
      const seen = (await asked).filter(needsOthers);
      if (seen.length === 0) return;
      await Promise.all(seen.map(({ app }) => ask(app, limits)));
      const [own, list] = await connection.exchange(["CLIENT", "ID"], ["CLIENT", "LIST"]);
      if (typeof own === "number" && typeof list === "string") others = othersIn(list, own);
    },
    functions: async () => (await asked).flatMap(({ health }) => [...(health?.cache?.functions ?? [])]),
    async findings() {
      const byApp = (await asked).map((seen) => ({
        name: seen.app.name,
        findings: judgeApp(others === undefined ? seen : { ...seen, others }),
      }));
      const durationMs = roundMs(performance.now() - startedAt);
      return mergeApps(byApp).map((finding) => ({ ...finding, durationMs }));
    },
  };
}

async function ask(app: App, { deadline, redact }: Limits): Promise<AppSeen> {
  if (app.healthUrl === undefined || app.down !== undefined) return { app };
  const timeoutMs = Math.max(1, Math.round(deadline.leftMs()));
  return { app, health: await readHealth(app.healthUrl, { timeoutMs, redact }) };
}

/** An app that echoes its settings has said all; one that does not answer has nobody on the cache to be looked for. */
function needsOthers({ app, health }: AppSeen): boolean {
  return health?.answer === "document" && !(echoes(health) && app.fingerprint !== undefined);
}

function echoes({ cache }: Health): boolean {
  return cache?.fingerprint !== undefined;
}

/** A client of Redis as CLIENT LIST describes it (redis.io/docs/latest/commands/client-list). */
const CLIENT = /\bid=(\d+)\b.* idle=(\d+) flags=(\S+)/;
/** Seconds of rest after which a connection was not used by what was just asked. */
const ACTIVE_SECONDS = 1;
/** A replica, a primary, or a user who watches with MONITOR: no app. */
const NO_APP = /[SMO]/;

/** @param own the id of the connection that asked */
export function othersIn(list: string, own: number): Others {
  const idle = list.split("\n").flatMap((line) => {
    const [, id, seconds, flags = ""] = CLIENT.exec(line) ?? [];
    return id === undefined || Number(id) === own || NO_APP.test(flags) ? [] : [Number(seconds)];
  });
  return { connections: idle.length, active: idle.filter((seconds) => seconds <= ACTIVE_SECONDS).length };
}
