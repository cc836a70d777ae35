import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { usersOf } from "../../../../infra/caches/azure/users.ts";
import type { AppConfig } from "../../../../infra/settings/schema.ts";
import { AZURE_DEFAULTS } from "../../../../infra/settings/schema.ts";
import { type Azure, startAzure } from "../../../../rehearsal/azure/emulator.ts";
import { trustInThisProcess } from "../../../../rehearsal/azure/trust.ts";

const HOST = "cache.redis.cache.windows.net";
const app: AppConfig = {
  ...{ name: "luntra-outreach-app", resourceGroup: "propiq-rg" },
  ...{ restartTimeoutSeconds: 300, manage: true },
};

let azure: Azure;
let distrust: () => void;
beforeEach(async () => {
  azure = await startAzure();
  distrust = trustInThisProcess(azure.authority);
  for (const [name, value] of Object.entries(azure.env)) vi.stubEnv(name, value);
  azure.site(app.name).setSettings({ REDIS_HOST: HOST });
});
afterEach(async () => {
  vi.unstubAllEnvs();
  distrust();
  await azure.stop();
});

describe("usersOf", () => {
  it("finds an app in a subscription of its own, which is not the cache's", async () => {
    const apps = [{ ...app, subscriptionId: azure.subscriptionId }];
    const others = { ...AZURE_DEFAULTS, subscriptionId: randomUUID() };
    expect(await usersOf(HOST, { apps, azure: others })).toEqual(["the app luntra-outreach-app"]);
  });

  it("names no app where the app's settings name another cache, or the app does not exist", async () => {
    expect(await usersOf("other.redis.cache.windows.net", { apps: [app] })).toEqual([]);
    expect(await usersOf(HOST, { apps: [{ ...app, name: "no-such-app" }] })).toEqual([]);
  });
});
