/** Rotations under 200 requests a second: no request fails, and at no moment does the cache refuse the app's secret. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import type { RotateReport } from "../../operations/rotate/report.ts";
import type { Azure } from "../../rehearsal/azure/emulator.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type LoadResult, load, zipfMix } from "../examples/app/load.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { LONG } from "../support/parts.ts";
import { seeded } from "../support/random.ts";

const RATE = 200;
const ROTATIONS = Array.from({ length: 50 }, (_, index) => index + 1);
/** However long a busy machine takes to start a worker: the old one serves until then. */
const APP = { alwaysOn: true, startLimitMs: 3_600_000 };

interface Traffic {
  /** Ends the load. @returns what went wrong for users, and what the cache said to the app's secret */
  end(): Promise<Pick<LoadResult, "failed" | "mixedUp"> & { refused: string[] }>;
}

/** Loads the app, and signs in with the secret of its settings, again and again. */
function startTraffic(site: () => ReturnType<Azure["site"]>): Traffic {
  const enough = new AbortController();
  const running = load({
    ...{ url: site().url, connections: RATE, rate: RATE, ask: zipfMix(100, seeded(15)) },
    // Longer than all rotations take: it is ended after the last.
    ...{ seconds: 3_600, signal: enough.signal },
  });
  const watching = (async () => {
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
  })();
  return {
    async end() {
      enough.abort();
      const { failed, mixedUp } = await running;
      return { failed, mixedUp, refused: await watching };
    },
  };
}

const NOTHING_WRONG = { failed: 0, mixedUp: 0, refused: [] };

function expectNoneFailed({ app }: ReturnType<Azure["site"]>, servedBefore: number): void {
  expect(app.counts).toMatchObject({ failed: 0, refused: 0, broken: 0 });
  expect(app.counts.served).toBeGreaterThan(servedBefore);
}

describe("rotations under 200 requests a second", LONG, () => {
  let cloud: Cloud;
  let traffic: Traffic;
  let distrust: () => void;

  beforeAll(async () => {
    cloud = await makeCloud({ azure: { app: APP } });
    distrust = trustInThisProcess(cloud.authority);
    await cloud.configure({ plan: "azure-managed-b0", drainSeconds: "0" });
    await cloud.up();
    await cloud.azure.site().app.settled();
    traffic = startTraffic(() => cloud.azure.site());
  });
  afterAll(async () => {
    await traffic?.end();
    distrust?.();
    await cloud?.stop();
  });

  it.each(ROTATIONS)("serve every request (%d)", async () => {
    const { served } = cloud.azure.site().app.counts;
    const outcome = await cloud.run("rotate", "--stack", "prod", "--yes", "--format", "json");
    expect(outcome.code, outcome.all).toBe(0);
    expect(JSON.parse(outcome.stdout) as RotateReport).toMatchObject({
      ...{ verdict: "rotated", interruptionMs: 0, oldSecretRefused: true },
    });
    expectNoneFailed(cloud.azure.site(), served);
  });

  it("never left the app without a secret that works, and gave every user an answer of their own", async () => {
    expect(await traffic.end()).toEqual(NOTHING_WRONG);
  });
});
