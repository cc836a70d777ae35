// @module-tag pipeline
/**
 * A fault at each step of a change of plan: the app keeps a cache that works, the message says which step it was, and
 * `up` again gets there.
 *
 * In the usual pass the faults meet one change, one after the other: each `up` passes the fault before, and stops at
 * the next. In the long pass every fault meets a change to every kind of plan.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { refusals } from "../../rehearsal/azure/refusals.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type AppClient, useApp } from "../support/app-client.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { LONG, passes, STORY } from "../support/parts.ts";
import { cachesOf, foreignIn, type SettingMap } from "../support/plan-change.ts";

type Kind = "azure" | "managed" | "upstash";
const PLAN: Readonly<Record<Kind, string>> = {
  azure: "azure-c0",
  managed: "azure-managed-b0",
  upstash: "upstash-free",
};
/** From each kind of plan the change goes to the next. */
const NEXT: Readonly<Record<Kind, Kind>> = { azure: "managed", managed: "upstash", upstash: "azure" };

type Wanted = Parameters<Cloud["azure"]["fault"]>[0];
const FOREVER = 1_000_000;

/** The requests that make a cache, list its keys, and delete it. */
const CREATE: Readonly<Record<Kind, Wanted>> = {
  azure: { method: "PUT", path: /\/Microsoft\.Cache\/redis\/[^/]+$/ },
  managed: { method: "PUT", path: /\/redisEnterprise\/[^/]+$/ },
  upstash: { method: "POST", path: /\/v2\/redis\/database$/ },
};
const DELETE: Readonly<Record<Kind, Wanted>> = {
  azure: { method: "DELETE", path: /\/Microsoft\.Cache\/redis\/[^/]+$/ },
  managed: { method: "DELETE", path: /\/redisEnterprise\/[^/]+$/ },
  upstash: { method: "DELETE", path: /\/v2\/redis\/database\/[^/]+$/ },
};
const LIST_KEYS: Wanted = { method: "POST", path: /\/listKeys$/ };
const READ_SETTINGS: Wanted = { method: "POST", path: /\/config\/appsettings\/list$/ };
const WRITE_SETTINGS: Wanted = { method: "PUT", path: /\/config\/appsettings$/ };

interface Change {
  from: Kind;
  to: Kind;
}

interface Fault {
  name: string;
  /** Kinds of new cache that it can meet; all where absent. */
  to?: readonly Kind[];
  /** Lets it happen from now on. @returns takes it away again */
  order(change: Change): () => Promise<void> | void;
  /** Which step, and the way on. */
  says: readonly RegExp[];
  /** What the app has afterwards: its settings and cache as before, or the new ones where only the tidying failed. */
  app: "as before" | "changed";
}

let cloud: Cloud;
let client: AppClient;
let untrust: () => void;

beforeAll(async () => {
  cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
  untrust = trustInThisProcess(cloud.authority);
  await cloud.configure({
    plan: PLAN.azure,
    drainSeconds: "1",
    monthlyBudgetUsd: "500",
    "app.restartTimeoutSeconds": "60",
    "proof.waitSeconds": "20",
  });
  await cloud.up();
  await site().app.settled();
  client = useApp(site(), cloud.authority);
});
afterEach(() => {
  expect(client.failures()).toEqual([]);
  expect(client.gaps()).toEqual([]);
});
afterAll(async () => {
  await client?.stop();
  untrust?.();
  await cloud?.stop();
});

const site = () => cloud.azure.site();
const up = () => cloud.pulumi("up", "--yes", "--skip-preview");

/** A request of either cloud. */
function order(kind: Kind, wanted: Wanted): () => void {
  const fault = kind === "upstash" ? cloud.upstash.fault(wanted) : cloud.azure.fault(wanted);
  return () => fault.cancel();
}

const UP_AGAIN = /\.\/propiq-cache pulumi up --stack prod/;
/** What an Azure agent obeys wherever it is logged. */
const OBEYED = "##vso[task.setvariable variable=ARM_METADATA_HOSTNAME]evil.example";
const WRONG_KEYS = { primaryKey: "d3Jvbmc=", secondaryKey: "d3Jvbmc=" };

/** In the order of the steps, so that each `up` gets further than the one before. */
const FAULTS: readonly Fault[] = [
  {
    name: "the new cache ends as Failed",
    to: ["azure", "managed"],
    order: ({ to }) => order(to, { ...CREATE[to], operation: { status: "Failed" } }),
    says: [/Azure failed while it worked on propiq-redis-/, UP_AGAIN],
    app: "as before",
  },
  {
    name: "the new cache cannot be made: 500, again and again",
    order: ({ to }) => order(to, { ...CREATE[to], times: FOREVER, reply: { status: 500, body: "" } }),
    says: [/Azure failed while it worked on|Upstash is busy/, UP_AGAIN],
    app: "as before",
  },
  {
    name: "the new cache has a certificate of another host",
    order: misfitCertificates,
    says: [/TLS_HOSTNAME/, /The app's settings were not changed/],
    app: "as before",
  },
  {
    name: "its keys cannot be had: 500, again and again",
    to: ["azure", "managed"],
    order: () => order("azure", { ...LIST_KEYS, times: FOREVER, reply: refusals.serverError().reply }),
    says: [/The keys of propiq-redis-\S+ could not be read\. Azure failed while/, UP_AGAIN],
    app: "as before",
  },
  {
    name: "another key than the cache's is listed",
    to: ["azure", "managed"],
    order: () =>
      order("azure", {
        ...LIST_KEYS,
        times: FOREVER,
        reply: { status: 200, body: WRONG_KEYS },
      }),
    says: [/AUTH_WRONG/, /The app's settings were not changed/],
    app: "as before",
  },
  {
    name: "the app's settings may not be read",
    order: () =>
      order("azure", {
        ...READ_SETTINGS,
        times: FOREVER,
        reply: refusals.unauthorized("pipeline", "pipeline", "Microsoft.Web/sites/config/list/action", "/s")
          .reply,
      }),
    says: [/failed while reading the app's settings/, /az role assignment create/, UP_AGAIN],
    app: "as before",
  },
  {
    name: "the settings are not taken",
    order: () =>
      order("azure", { ...WRITE_SETTINGS, times: FOREVER, reply: refusals.badRequest("no").reply }),
    says: [/failed while writing the app's settings/, /has its previous settings again/, UP_AGAIN],
    app: "as before",
  },
  {
    name: "the app is unhealthy on its new settings",
    order() {
      const { [FINGERPRINT_KEY]: old } = site().settings();
      site().app.behave({
        health: (settings) => (settings[FINGERPRINT_KEY] === old ? "guide" : "unhealthy"),
      });
      return () => site().app.behave({ health: "guide" });
    },
    says: [/failed while waiting for the app/, /has its previous settings again/],
    app: "as before",
  },
  {
    name: "the old cache cannot be deleted",
    order: ({ from }) =>
      order(from, { ...DELETE[from], times: FOREVER, reply: { status: 500, body: OBEYED } }),
    // Pulumi's own provider quotes the cloud.
    says: [/deleting failed/, /# #vso\[task\.setvariable/],
    app: "changed",
  },
];

/** From the Azure plan that the stack is on to the other one. */
function betweenAzurePlans(): Change {
  return cloud.azure.caches()[0]?.kind === "redis"
    ? { from: "azure", to: "managed" }
    : { from: "managed", to: "azure" };
}

/** Every cache that is made meanwhile is mended afterwards, as a cloud would do it. */
function misfitCertificates(): () => Promise<void> {
  const { authority } = cloud;
  const { issue } = authority;
  const before = cachesOf(cloud).map(({ host }) => host);
  authority.issue = (_, days) => issue("IP:127.9.9.9", days);
  return async () => {
    authority.issue = issue;
    for (const { host, redis } of cachesOf(cloud)) {
      if (before.includes(host)) continue;
      const { cert, key } = await issue(`IP:${host}`);
      await redis.call("CONFIG", "SET", "tls-cert-file", cert, "tls-key-file", key);
    }
  };
}

/** The app's settings lead to a cache that works, by the check that users have. */
async function expectWorking(settings: SettingMap): Promise<void> {
  const { target } = readSettings(settings);
  expect(target).toBeDefined();
  if (target === undefined) return;
  const { verdict, checks } = await checkCache({ enabled: true, target }, { samples: 1 });
  expect(verdict, JSON.stringify(checks.filter(({ status }) => status === "fail"))).not.toBe("failed");
}

async function meet(fault: Fault, change: Change): Promise<void> {
  const before = site().settings();
  const end = fault.order(change);
  const failed = await up();
  await end();
  expect(failed.code, failed.all).not.toBe(0);
  // Words for people: no stack of ours or of the SDK's.
  expect(failed.all).not.toMatch(/\n\s+at .*\.[jt]s:\d+/);
  expect(failed.all).not.toContain("##vso[");
  for (const words of fault.says) expect(failed.all).toMatch(words);
  const after = site().settings();
  if (fault.app === "as before") expect(after).toEqual(before);
  else expect(after["REDIS_URL"]).not.toBe(before["REDIS_URL"]);
  expect(foreignIn(after)).toEqual(foreignIn(before));
  await expectWorking(after);
}

async function getThere(before: SettingMap): Promise<void> {
  const again = await up();
  expect(again.code, again.all).toBe(0);
  const after = site().settings();
  const [cache, ...others] = cachesOf(cloud);
  expect(others).toEqual([]);
  expect(after["REDIS_HOST"]).toBe(cache?.host);
  expect(after["REDIS_HOST"]).not.toBe(before["REDIS_HOST"]);
  expect(foreignIn(after)).toEqual(foreignIn(before));
  await expectWorking(after);
}

const meets = ({ to: kinds }: Fault, to: Kind) => kinds === undefined || kinds.includes(to);

describe("a change of plan that meets one fault after the other", STORY, () => {
  let change: Change;
  let first: SettingMap;
  beforeAll(async () => {
    change = betweenAzurePlans();
    first = site().settings();
    await cloud.configure({ plan: PLAN[change.to] });
  });

  it.each(FAULTS)("stops where $name", (fault) => meet(fault, change));

  it("succeeds in the end", () => getThere(first));
});

/** What Azure's clients make up for by themselves, at every step in turn: throttled, in trouble, cut off. */
const PASSING = [
  { status: 429, headers: { "retry-after": "1" }, body: "" },
  { status: 500, body: "" },
].map((reply): Partial<Wanted> => ({ reply }));
const CUT_OFF = ([true, "after"] as const).map((drop): Partial<Wanted> => ({ drop }));
const UNREST = [...PASSING, ...CUT_OFF];

describe("a change of plan while each request to Azure meets a fault", () => {
  for (const [turns, pass] of passes([...UNREST.keys()], 0)) {
    it.each(turns)("passes every temporary fault, without a second up (%i)", pass, async (turn) => {
      const { from, to } = betweenAzurePlans();
      const before = site().settings();
      const steps = [CREATE[to], LIST_KEYS, READ_SETTINGS, WRITE_SETTINGS, DELETE[from]];
      const faults = steps.map((step, at) =>
        cloud.azure.fault({ ...step, ...UNREST[(turn + at) % UNREST.length] }),
      );
      await cloud.configure({ plan: PLAN[to] });
      await getThere(before);
      expect(faults.map(({ met }) => met)).toEqual(steps.map(() => 1));
    });
  }
});

describe("a change of plan that the app itself has to prove", LONG, () => {
  it("is rolled back where the app says that it is not connected, and succeeds with the next up", async () => {
    const { from, to } = betweenAzurePlans();
    const before = site().settings();
    await cloud.configure({ plan: PLAN[to], "proof.mode": "app", "app.restartTimeoutSeconds": "30" });
    const wrong: Fault = {
      name: "another key than the cache's is listed",
      order: () => order("azure", { ...LIST_KEYS, times: FOREVER, reply: { status: 200, body: WRONG_KEYS } }),
      says: [/failed while waiting for the app/, /not connected/, /has its previous settings again/],
      app: "as before",
    };
    await meet(wrong, { from, to });
    await getThere(before);
    await cloud.configure({ "proof.mode": "direct", "app.restartTimeoutSeconds": "60" });
  });
});

describe("a change of plan that meets a fault", LONG, () => {
  let now: Kind = "azure";
  beforeAll(async () => {
    now = betweenAzurePlans().from;
  });
  const cases = FAULTS.flatMap((fault) =>
    (["managed", "upstash", "azure"] as const).map((to) => ({ fault, to })),
  );

  it.each(cases.filter(({ fault, to }) => meets(fault, to)))(
    "to $to: stops where $fault.name, and succeeds with the next up",
    async ({ fault, to }) => {
      while (NEXT[now] !== to) {
        now = NEXT[now];
        await cloud.configure({ plan: PLAN[now] });
        await cloud.up();
      }
      const before = site().settings();
      await cloud.configure({ plan: PLAN[to] });
      await meet(fault, { from: now, to });
      await getThere(before);
      now = to;
    },
  );
});
