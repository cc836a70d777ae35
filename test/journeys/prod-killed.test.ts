// @module-tag pipeline
/**
 * A plan change of stack `prod` that is killed at any moment, on a machine that says nothing more: the app stays on a
 * cache that is there, and anyone who runs the line that recovers it gets to the end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { endpointOf } from "../../check/target.ts";
import { fingerprintOf } from "../../infra/contract/fingerprint.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import { ownedKeys, pick } from "../../infra/provider/app-settings/merge.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { FIRST_STEPS, passes, STORY } from "../support/parts.ts";
import { endAllWith, processesWith } from "../support/processes.ts";

const SETTINGS_PUT = /^PUT .*\/config\/appsettings$/;
const CACHE_PUT = /^(PUT .*\/redis(Enterprise)?\/[^/]+|POST \/v2\/redis\/database)$/i;
const CACHE_DELETE = /^DELETE .*\/redis(Enterprise)?\/(database\/)?[^/]+$/i;

/** So many milliseconds after the first request of a kind since the update began. */
interface Point {
  after: string;
  ms: number;
}
const STEPS: Readonly<Record<string, RegExp>> = {
  "the first request": /^/,
  "a cache was asked for": CACHE_PUT,
  "the app was first asked for its settings": /\/config\/appsettings\/list$/,
  "the settings were sent": SETTINGS_PUT,
  "the old cache was given up": CACHE_DELETE,
};
const at = (after: string, ...times: number[]): Point[] => times.map((ms) => ({ after, ms }));
/** From the first request to the last: each step of a change, and between the steps. */
const POINTS: Point[] = [
  ...at("the first request", 0, 50),
  ...at("a cache was asked for", 0, 30, 100, 200, 500, 1000),
  ...at("the app was first asked for its settings", 0, 10, 20),
  ...at("the settings were sent", 0, 2, 10, 30, 200, 500, 1000, 1500),
  ...at("the old cache was given up", 0, 2, 10),
];
/** One of each step, for the usual pass. */
const USUAL_POINTS = [3, 8, 11, 17, 19];
/** The share of the points that may come too late on a quick machine. */
const LATE_AT_MOST = 0.2;
const PLANS = ["azure-managed-b0", "azure-c0", "upstash-free"] as const;
const WHOM = ["machine", "process", "group"] as const;

let cloud: Cloud;
let distrust: () => void;
let first: Record<string, string>;
let reached = 0;
let [tried, late] = [0, 0];

beforeAll(async () => {
  cloud = await makeCloud();
  distrust = trustInThisProcess(cloud.authority);
  first = site().settings();
  await cloud.configure({ drainSeconds: "1", plan: PLANS[0] });
  await cloud.up();
});
afterAll(async () => {
  distrust?.();
  await cloud?.stop();
});

const site = () => cloud.azure.site();
const ours = () => pick(site().settings(), ownedKeys({}));
const theirs = () =>
  Object.fromEntries(
    Object.entries(site().settings()).filter(([key]) => ![...ownedKeys({}), EARLIER_KEY].includes(key)),
  );
const requests = () =>
  [...cloud.azure.log, ...cloud.upstash.log]
    .toSorted((a, b) => a.at - b.at)
    .map(({ method, path }) => `${method} ${path}`);
/** What changes something in a cloud. */
const changes = () => requests().filter((request) => /^(PUT|PATCH|DELETE)|^POST \/v2/.test(request)).length;
const ownProcesses = async () =>
  (await processesWith("PULUMI_HOME", cloud.env["PULUMI_HOME"] ?? "")).map(({ command }) => command);

/** @returns whether it was still at work */
async function killAt({ after, ms }: Point, whom: (typeof WHOM)[number]): Promise<boolean> {
  const before = requests().length;
  const step = STEPS[after] ?? /^$/;
  const come = () =>
    requests()
      .slice(before)
      .some((request) => step.test(request));
  const up = ["up", "--yes", "--skip-preview", "--non-interactive"];
  const running = cloud.start("pulumi", ...up, "--stack", "prod");
  const ended = running.ended.then(() => "ended" as const);
  while (!come() && (await Promise.race([ended, sleep(1)])) !== "ended");
  await Promise.race([ended, sleep(ms)]);
  if (whom === "machine") await endAllWith("PULUMI_HOME", cloud.env["PULUMI_HOME"] ?? "");
  else running.kill("SIGKILL", whom);
  return (await running.ended).code !== 0;
}

/** All settings of ours belong together, and the cache that they name takes them. */
async function expectWhole(): Promise<void> {
  expect(theirs()).toEqual(first);
  const held = ours();
  expect(fingerprintOf(held)).toBe(held[FINGERPRINT_KEY]);
  const { target } = readSettings(held);
  if (target === undefined) throw new Error("the app has no cache");
  const { verdict } = await checkCache({ enabled: true, target }, { deadlineMs: 5000, samples: 1 });
  expect({ [endpointOf(target)]: verdict }).not.toEqual({ [endpointOf(target)]: "failed" });
}

async function unlock(): Promise<void> {
  const { code, all } = await cloud.run("pulumi", "cancel", "--yes", "--stack", "prod");
  expect(code, all).toBe(0);
}

describe("a plan change that is killed", STORY, () => {
  for (const [points, pass] of passes(POINTS, ...USUAL_POINTS)) {
    it.each(points.map((point, index) => ({ ...point, whom: WHOM[index % 3] ?? "machine" })))(
      "$ms ms after $after ($whom) leaves the app on a whole cache, and writes nothing more",
      pass,
      async ({ whom, ...point }) => {
        const before = ours();
        const plan = PLANS[(reached + 1) % PLANS.length] ?? PLANS[0];
        await cloud.configure({ plan });
        tried += 1;
        if (!(await killAt(point, whom))) {
          late += 1;
          reached += 1;
          return await expectWhole();
        }
        await expect.poll(ownProcesses, { interval: 20 }).toEqual([]);
        const count = changes();
        const held = ours();
        await sleep(300);
        expect(changes()).toBe(count);
        expect(ours()).toEqual(held);
        if (held[FINGERPRINT_KEY] === before[FINGERPRINT_KEY]) expect(held).toEqual(before);
        await expectWhole();

        // Where the cache is not recorded yet, the next update is killed as well, before anyone recovers this one.
        if (point.after === "a cache was asked for" && point.ms < 50) return await unlock();
        const repaired = await cloud.run("repair", "--stack", "prod", "--yes");
        expect(repaired.code, repaired.all).toBe(0);
        reached += 1;
        await expectWhole();
        const caches = [...cloud.azure.caches(), ...cloud.upstash.databases()].map(({ host }) => host);
        expect(caches).toEqual([ours()["REDIS_HOST"]]);
      },
    );
  }

  it("was running in nearly all of these moments", FIRST_STEPS, () => {
    expect(late).toBeLessThanOrEqual(tried * LATE_AT_MOST);
  });

  it(
    "changes nothing of the app's own: after destroy all settings are as they were at the start",
    FIRST_STEPS,
    async () => {
      const destroyed = await cloud.pulumi("destroy", "--yes", "--skip-preview");
      expect(destroyed.code, destroyed.all).toBe(0);
      expect(site().settings()).toEqual(first);
      expect([...cloud.azure.caches(), ...cloud.upstash.databases()]).toEqual([]);
    },
  );
});
