/** What the tests of AppSettings share: an Azure, the provider signed in to it, and settings for a real cache. */

import { test } from "vitest";
import type { SettingMap } from "../../../../infra/azure/app-service.ts";
import { settingsFor } from "../../../../infra/contract/app-settings.ts";
import { DEFAULT_TTL } from "../../../../infra/contract/table.ts";
import { EARLIER_KEY } from "../../../../infra/provider/app-settings/earlier.ts";
import { ownedKeys } from "../../../../infra/provider/app-settings/merge.ts";
import type { Value } from "../../../../infra/provider/protocol/values.ts";
import { type Azure, type AzureOptions, startAzure } from "../../../../rehearsal/azure/emulator.ts";
import { startRedis, type TestRedis } from "../../../../rehearsal/redis-server.ts";
import { type ProviderUnderTest, startProvider } from "../../../support/provider.ts";

export const TYPE = "propiq:index:AppSettings";
export const APP = "luntra-outreach-app";
/** Characters that are easily damaged on their way. */
export const PASSWORD = 'c4n/4ry+"%&<';

export interface Wired {
  azure: Azure;
  provider: ProviderUnderTest;
  /** The app that all of it is about. */
  site(): ReturnType<Azure["site"]>;
  /** Two caches with a password: to be moved from one to the other. */
  caches: [TestRedis, TestRedis];
  /** Settings that lead to one of them. */
  settings(cache: 0 | 1, enabled?: boolean): Record<string, string>;
  inputs(settings: SettingMap, more?: Record<string, Value>): Record<string, Value>;
  /** A provider of its own, as the next run of Pulumi has it. */
  another(): Promise<ProviderUnderTest>;
  stop(): Promise<void>;
}

export async function startWired(options: AzureOptions = {}): Promise<Wired> {
  const azure = await startAzure(options);
  const env = { ...process.env, ...azure.env };
  const [provider, first, second] = await Promise.all([
    startProvider(env),
    startRedis({ password: PASSWORD }),
    startRedis({ password: PASSWORD }),
    // How it answers before a write is its standard: on a busy machine its start takes longer than those looks.
    azure.site(APP).app.isUp(),
  ]);
  const caches: Wired["caches"] = [first, second];
  return {
    azure,
    provider,
    site: () => azure.site(APP),
    caches,
    settings: (cache, enabled = true) => ({
      ...(settingsFor({
        enabled,
        target: { ...caches[cache].target, password: PASSWORD },
        ttl: DEFAULT_TTL,
      }) as Record<string, string>),
    }),
    inputs: (settings, more = {}) => ({
      app: APP,
      resourceGroup: "propiq-rg",
      subscriptionId: azure.subscriptionId,
      settings: { ...settings },
      // Well beyond what a busy machine needs to start a worker; tests that wait for the end say so.
      restartTimeoutSeconds: 100,
      drainSeconds: 0,
      ...more,
    }),
    another: () => startProvider(env),
    async stop() {
      await provider.stop();
      await Promise.all(caches.map((cache) => cache.stop()));
      await azure.stop();
    },
  };
}

/** Settings of an app without ours. */
export function foreignOf(settings: SettingMap): Record<string, string> {
  const ours = new Set([...ownedKeys({}), EARLIER_KEY]);
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !ours.has(key)));
}

/** Ours among the settings of an app, without the record of earlier values. */
export function oursIn(settings: SettingMap): Record<string, string> {
  const ours = new Set(ownedKeys({}));
  return Object.fromEntries(Object.entries(settings).filter(([key]) => ours.has(key)));
}

/** How often all settings were replaced. */
export function putsIn(azure: Azure): number {
  return azure.log.filter(({ method, path }) => method === "PUT" && /\/config\/appsettings$/i.test(path))
    .length;
}

export function warningsOf(provider: ProviderUnderTest): string[] {
  return provider.logged.filter(({ severity }) => severity === "warning").map(({ message }) => message);
}

/** `it` for a test with an Azure and a provider of its own: most of their time is waiting, so they run side by side. */
export const itWith = (options: AzureOptions) =>
  test.extend<{ wired: Wired }>({
    wired: async ({ onTestFailed }, use) => {
      const wired = await startWired(options);
      onTestFailed(() => console.error(story(wired)));
      await use(wired);
      await wired.stop();
    },
  });
export const it = itWith({});

/** What was shown, asked and started, for the analysis of a test that failed. */
function story({ azure, provider, site }: Wired): string {
  const lines = [
    ...azure.log.map(({ at, method, path, status }) => ({ at, text: `${method} ${path} ${status}` })),
    ...azure.events.map(({ at, what, id }) => ({ at, text: `${what} ${id}` })),
    ...site().workers.map(({ at, kind, fingerprint }) => ({ at, text: `${kind} on ${fingerprint}` })),
  ];
  const told = lines
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }) => `${new Date(at).toISOString()} ${text}`);
  const shown = provider.logged.slice(-20).map(({ severity, message }) => `${severity}: ${message}`);
  return [...told.slice(-60), ...shown].join("\n");
}
