/**
 * Rotations under 200 requests a second: no request fails, and at no moment does the cache refuse the app's secret. An
 * update of Pulumi takes seconds in which nothing happens to the app. So two rotations run as users start them, and fifty
 * run their steps by the same plan, keyring, provider and proof without an engine between them.
 */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { openArm } from "../../infra/azure/arm.ts";
import { settingsFor } from "../../infra/contract/app-settings.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import { DEFAULT_TTL } from "../../infra/contract/table.ts";
import { type AzureKeyring, keyringOf } from "../../operations/rotate/azure-keys.ts";
import { type KeySlot, planAzure } from "../../operations/rotate/plan.ts";
import type { RotateReport } from "../../operations/rotate/report.ts";
import { proveRefused } from "../../operations/rotate/run.ts";
import { type Azure, startAzure } from "../../rehearsal/azure/emulator.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type LoadResult, load, zipfMix } from "../examples/app/load.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { LONG } from "../support/parts.ts";
import { startProvider } from "../support/provider.ts";
import { seeded } from "../support/random.ts";

const RATE = 200;
const BY_COMMAND = [1, 2];
const BY_STEPS = Array.from({ length: 50 }, (_, index) => index + 1);
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

describe("rotations by command under 200 requests a second", LONG, () => {
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

  it.each(BY_COMMAND)("serve every request (%d)", async () => {
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

describe("the steps of rotations under 200 requests a second", LONG, () => {
  const API = "2025-07-01";
  let azure: Azure;
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let keyring: AzureKeyring;
  let wired: { id: string; state: Awaited<ReturnType<typeof provider.create>>["state"] };
  let traffic: Traffic;
  let distrust: () => void;

  const site = () => azure.site("luntra-outreach-app");
  const targetWith = (password: string) => {
    const [cache] = azure.caches();
    if (cache === undefined) throw new Error("there is no cache");
    return { ...cache.target, password };
  };
  const inputs = (password: string) => ({
    ...{ app: "luntra-outreach-app", resourceGroup: "propiq-rg", subscriptionId: azure.subscriptionId },
    ...{ restartTimeoutSeconds: 100, drainSeconds: 0 },
    settings: Object.fromEntries(
      Object.entries(settingsFor({ enabled: true, target: targetWith(password), ttl: DEFAULT_TTL })).flatMap(
        ([key, value]) => (value === undefined ? [] : [[key, value] as const]),
      ),
    ),
  });

  beforeAll(async () => {
    azure = await startAzure({ app: APP });
    distrust = trustInThisProcess(azure.authority);
    provider = await startProvider({ ...process.env, ...azure.env });
    const arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
    const id = `/subscriptions/${azure.subscriptionId}/resourceGroups/propiq-rg/providers/Microsoft.Cache/redisEnterprise/one`;
    const put = (path: string, body: object) =>
      arm.request({ method: "PUT", path, apiVersion: API, body: { ...body } });
    const state = async (path: string) => {
      const { body } = await arm.request({ method: "GET", path, apiVersion: API });
      return (body as { properties?: { provisioningState?: string } }).properties?.provisioningState;
    };
    await put(id, {
      location: "eastus",
      sku: { name: "Balanced_B0" },
      properties: { minimumTlsVersion: "1.2", publicNetworkAccess: "Enabled" },
    });
    const made = async (path: string) => {
      while ((await state(path)) !== "Succeeded") await delay(50);
    };
    await made(id);
    await put(`${id}/databases/default`, {
      properties: {
        ...{ clientProtocol: "Encrypted", clusteringPolicy: "NoCluster", evictionPolicy: "AllKeysLRU" },
        accessKeysAuthentication: "Enabled",
      },
    });
    await made(`${id}/databases/default`);
    keyring = keyringOf(arm, id);
    await site().app.isUp();
    wired = await provider.create("propiq:index:AppSettings", inputs((await keyring.list()).primary));
    await site().app.settled();
    traffic = startTraffic(site);
  });
  afterAll(async () => {
    await traffic?.end();
    await provider?.stop();
    distrust?.();
    await azure?.stop();
  });

  async function moveTo(slot: KeySlot): Promise<void> {
    const password = (await keyring.list())[slot];
    // As the resource VerifiedCache: no settings are written before their secret works.
    const { verdict, checks } = await checkCache({ enabled: true, target: targetWith(password) });
    expect(verdict, JSON.stringify(checks)).toBe("healthy");
    const state = await provider.update("propiq:index:AppSettings", wired.id, wired.state, inputs(password));
    wired = { ...wired, state };
  }

  it.each(BY_STEPS)("serve every request (%d)", async () => {
    const { served } = site().app.counts;
    const keys = await keyring.list();
    const held = [readSettings(site().settings()).target?.password ?? ""];
    for (const step of planAzure({ configured: "primary", keys, held })) {
      if (step.kind === "regenerate") await keyring.regenerate(step.slot);
      if (step.kind === "move") await moveTo(step.slot);
    }
    await proveRefused([keys.primary, keys.secondary].map(targetWith), "prod");
    expect(readSettings(site().settings()).target?.password).toBe((await keyring.list()).primary);
    expectNoneFailed(site(), served);
  });

  it("never left the app without a secret that works, and gave every user an answer of their own", async () => {
    expect(await traffic.end()).toEqual(NOTHING_WRONG);
  });
});
