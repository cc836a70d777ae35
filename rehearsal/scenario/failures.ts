/** The failures of `--fail-at`: where the cloud fails, how, and what has to be seen. */
import { setTimeout as sleep } from "node:timers/promises";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { CATALOGUE, type Plan } from "../../infra/plans/catalogue.ts";
import type { OrderedFault } from "../azure/faults.ts";
import { refusals as azureRefusals } from "../azure/refusals.ts";
import { refusals as upstashRefusals } from "../upstash/refusals.ts";
import type { Clouds } from "./clouds.ts";
import type { FailAt } from "./options.ts";

/** The kinds of steps in which something can fail. */
export type Moment = "preflight" | "up" | "plan" | "destroy";

export interface Failure {
  /** What happens in the cloud, for the reader. */
  say: string;
  /** `absorbed`: the command repeats its requests and succeeds all the same. */
  expected: "failed" | "absorbed" | "killed";
  /** From now on. */
  arm(clouds: Clouds): Armed;
}

export interface Armed {
  /** Resolves when the command has to be killed. */
  killAt?: Promise<void>;
  disarm(): Promise<void>;
}

/** Where in the journey the cloud is to fail. */
export interface Occasion {
  /** What the step deploys. */
  plan: Plan;
  /** The plan of the cache that it deletes. */
  previous: Plan;
  /** How often this moment came before. */
  turn: number;
  /** Whether there was a failure before. */
  hasFailed: boolean;
}

type Failures = Partial<Record<Moment, (occasion: Occasion) => Failure | undefined>>;

const SETTINGS = /\/config\/appsettings$/i;
const CACHE = /\/Microsoft\.Cache\/redis(Enterprise)?\/[^/]+$/i;
const DATABASE = /^\/v2\/redis\/database/;
/** More than any client repeats. */
const ALWAYS = 1000;
const POLL_MS = 5;

const isUpstash = (plan: Plan): boolean => CATALOGUE[plan].provider === "upstash";

/** A failure that consists of answers in place of the cloud's own. */
function answers(
  say: string,
  order: (clouds: Clouds) => OrderedFault[],
  expected: Failure["expected"] = "failed",
): Failure {
  return {
    say,
    expected,
    arm(clouds) {
      const ordered = order(clouds);
      return {
        async disarm() {
          for (const fault of ordered) fault.cancel();
        },
      };
    },
  };
}

/** The command is killed as soon as a cloud has got this request. */
function kill(say: string, method: string, path: RegExp): Failure {
  return {
    say,
    expected: "killed",
    arm({ azure, upstash }) {
      const stopping = new AbortController();
      const [fromAzure, fromUpstash] = [azure.log.length, upstash.log.length];
      const isThere = () =>
        [...azure.log.slice(fromAzure), ...upstash.log.slice(fromUpstash)].some(
          (entry) => entry.method === method && path.test(entry.path),
        );
      const killAt = (async () => {
        while (!isThere()) {
          if (stopping.signal.aborted) return await new Promise<void>(() => {});
          await sleep(POLL_MS);
        }
      })();
      return { killAt, disarm: async () => stopping.abort() };
    },
  };
}

const noRight: Failure = {
  say: "Azure answers that the identity may only read.",
  expected: "failed",
  arm({ azure }) {
    const { role } = azure.conditions;
    azure.conditions.role = "Reader";
    return {
      async disarm() {
        azure.conditions.role = role;
      },
    };
  },
};

const refusedCreate = (plan: Plan): Failure =>
  isUpstash(plan)
    ? answers("Upstash refuses the database: the account's quota is used up.", ({ upstash }) => [
        upstash.fault({
          method: "POST",
          path: DATABASE,
          times: ALWAYS,
          reply: upstashRefusals.secondFree().reply,
        }),
      ])
    : answers("Azure starts to create the cache, and the creation ends as Failed.", ({ azure }) => [
        azure.fault({
          method: "PUT",
          path: CACHE,
          operation: {
            status: "Failed",
            error: { code: "InsufficientCapacity", message: azureRefusals.insufficientCapacity().message },
          },
        }),
      ]);

const throttled = (what: string, path: RegExp, method = "PUT"): Failure =>
  answers(
    `Azure throttles ${what}: the first 2 requests are answered with 429.`,
    ({ azure }) => [azure.fault({ method, path, times: 2, reply: azureRefusals.throttled(1).reply })],
    "absorbed",
  );

/** The password that the cloud reported is not the password of the cache any more. */
const wrongKey: Failure = {
  say: "The new cache refuses the password that the cloud has given for it.",
  expected: "failed",
  arm({ azure, upstash }) {
    const known = new Set([...azure.caches(), ...upstash.databases()].map(({ host }) => host));
    const fresh = () =>
      [
        ...azure.caches().map(({ host, redis, keys }) => ({ host, redis, passwords: Object.values(keys) })),
        ...upstash.databases().map(({ host, redis, password }) => ({ host, redis, passwords: [password] })),
      ].filter(({ host }) => !known.has(host));
    const setPasswords = ({ redis }: ReturnType<typeof fresh>[number], passwords: readonly string[]) =>
      redis
        .call("ACL", "SETUSER", "default", "resetpass", ...passwords.map((each) => `>${each}`))
        .catch(() => {});
    const stopping = new AbortController();
    const work = (async () => {
      while (!stopping.signal.aborted) {
        for (const cache of fresh()) await setPasswords(cache, ["another"]);
        await sleep(POLL_MS);
      }
    })();
    return {
      async disarm() {
        stopping.abort();
        await work;
        for (const cache of fresh()) await setPasswords(cache, cache.passwords);
      },
    };
  },
};

const refusedSettings = answers("Azure refuses to write the app's settings.", ({ azure, sites }) => [
  azure.fault({
    method: "PUT",
    path: SETTINGS,
    times: ALWAYS,
    reply: azureRefusals.unauthorized(
      "the pipeline",
      azure.principal,
      "Microsoft.Web/sites/config/write",
      sites[0]?.id ?? "",
    ).reply,
  }),
]);

const crashLoop: Failure = {
  say: "The app ends as soon as it starts with the new settings, again and again.",
  expected: "failed",
  arm({ sites }) {
    const before = new Map(sites.map((site) => [site, site.settings()[FINGERPRINT_KEY]]));
    for (const site of sites) {
      site.app.behave({
        start: ({ [FINGERPRINT_KEY]: fingerprint }) =>
          fingerprint === undefined || fingerprint === before.get(site) ? "fine" : "crash-loop",
      });
    }
    return {
      async disarm() {
        for (const site of sites) site.app.behave({ start: "fine" });
        // A worker that is about to be given up is not waited for.
        for (const { app } of sites) await app.isUp();
      },
    };
  },
};

/** https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources */
const locked = (id: string) => ({
  status: 409,
  body: {
    error: {
      code: "ScopeLocked",
      message: `The scope '${id}' cannot perform delete operation because following scope(s) are locked: '${id}'. Please remove the lock and try again.`,
    },
  },
});

const refusedDelete = (previous: Plan): Failure =>
  isUpstash(previous)
    ? answers("Upstash answers the deletion of the previous database with an error.", ({ upstash }) => [
        upstash.fault({
          method: "DELETE",
          path: DATABASE,
          times: ALWAYS,
          reply: { status: 500, body: "internal error" },
        }),
      ])
    : answers("A lock keeps Azure from deleting the previous cache.", ({ azure }) => [
        azure.fault({ method: "DELETE", path: CACHE, times: ALWAYS, reply: locked("the cache") }),
      ]);

const CREATES_IT = /(\/redis(Enterprise)?\/[^/]+|\/v2\/redis\/database)$/i;
const CREATED_BY = (plan: Plan) => (isUpstash(plan) ? "POST" : "PUT");

/** By step of `--fail-at`. */
export const FAILURES: Readonly<Record<FailAt, Failures>> = {
  preflight: { preflight: () => noRight },
  create: {
    up: ({ plan }) => refusedCreate(plan),
    plan: ({ plan, turn }) =>
      [
        refusedCreate(plan),
        kill("The update is killed while the cloud creates the cache.", CREATED_BY(plan), CREATES_IT),
        isUpstash(plan) ? undefined : throttled("the creation", CACHE),
      ][turn],
  },
  proof: { up: () => wrongKey },
  settings: {
    up: () => refusedSettings,
    plan: ({ turn }) =>
      [
        kill("The update is killed while the app restarts with its new settings.", "PUT", SETTINGS),
        throttled("the app's settings", SETTINGS),
      ][turn],
  },
  restart: { up: () => crashLoop },
  delete: {
    plan: ({ previous, turn }) => (turn === 0 ? refusedDelete(previous) : undefined),
    destroy: ({ plan, hasFailed }) => (hasFailed ? undefined : refusedDelete(plan)),
  },
};
