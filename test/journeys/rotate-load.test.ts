/** Rotations under 200 requests a second: no request fails, and at no moment does the cache refuse the app's secret. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import type { RotateReport } from "../../operations/rotate/report.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type LoadResult, load, zipfMix } from "../examples/app/load.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { LONG } from "../support/parts.ts";
import { seeded } from "../support/random.ts";

const RATE = 200;
const ROTATIONS = [1, 2, 3, 4, 5];

describe("rotations under 200 requests a second", LONG, () => {
  let cloud: Cloud;
  let running: Promise<LoadResult>;
  let watching: Promise<string[]>;
  let distrust: () => void;
  const enough = new AbortController();

  beforeAll(async () => {
    cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
    distrust = trustInThisProcess(cloud.authority);
    await cloud.configure({ plan: "azure-managed-b0", drainSeconds: "0" });
    await cloud.up();
    await site().app.settled();
    running = load({
      url: site().url,
      connections: RATE,
      rate: RATE,
      // Longer than all rotations take: it is ended after the last.
      seconds: 3_600,
      signal: enough.signal,
      ask: zipfMix(100, seeded(15)),
    });
    watching = refusals();
  });
  afterAll(async () => {
    enough.abort();
    await running;
    distrust?.();
    await cloud?.stop();
  });

  const site = () => cloud.azure.site();

  /** Signs in with the secret of the app's settings, again and again. */
  async function refusals(): Promise<string[]> {
    const found: string[] = [];
    while (!enough.signal.aborted) {
      const { target } = readSettings(site().settings());
      if (target === undefined) found.push("no cache in the settings");
      else {
        const { checks } = await checkCache({ enabled: true, target }, { samples: 1 });
        found.push(...checks.flatMap(({ status, code }) => (status === "fail" ? [code] : [])));
      }
      await delay(100);
    }
    return found;
  }

  it.each(ROTATIONS)("serve every request (%d)", async () => {
    const { served } = site().app.counts;
    const outcome = await cloud.run("rotate", "--stack", "prod", "--yes", "--format", "json");
    expect(outcome.code, outcome.all).toBe(0);
    expect(JSON.parse(outcome.stdout) as RotateReport).toMatchObject({
      ...{ verdict: "rotated", interruptionMs: 0, oldSecretRefused: true },
    });
    expect(site().app.counts).toMatchObject({ failed: 0, refused: 0, broken: 0 });
    expect(site().app.counts.served).toBeGreaterThan(served);
  });

  it("never left the app without a secret that works, and gave every user an answer of their own", async () => {
    enough.abort();
    const { failed, mixedUp } = await running;
    expect({ failed, mixedUp, refused: await watching }).toEqual({ failed: 0, mixedUp: 0, refused: [] });
  });
});
