/** From one word to a proven cache: config, plan, cache, proof, settings of the apps, outputs. */
import { all, output, secret, unsecret } from "@pulumi/pulumi/output.js";
import { endpointOf } from "../check/target.ts";
import { watch } from "../infra/alerts/watch.ts";
import { replacementLines } from "../infra/announce.ts";
import type { Cache } from "../infra/caches/cache.ts";
import { settingsFor } from "../infra/contract/app-settings.ts";
import { previewHooks } from "../infra/hooks.ts";
import { CATALOGUE, isLocal, type Plan, type Provider } from "../infra/plans/catalogue.ts";
import { VerifiedCache } from "../infra/proof.ts";
import { stackKeyPrefix } from "../infra/settings/recorded.ts";
import { limitsOf, memoryLimitMb, type Settings } from "../infra/settings/settings.ts";
import { stackSettings } from "../infra/settings/stack-settings.ts";
import { wire } from "../infra/sinks/wire.ts";

// A plan's provider picks its row; the row loads what it needs and nothing else.
const CACHES: Readonly<Record<Provider, (settings: Settings, plan: Plan) => Promise<Cache>>> = {
  docker: async (settings) => (await import("../infra/caches/docker/cache.ts")).DockerCache.make(settings),
  native: async (settings) => new (await import("../infra/caches/native/cache.ts")).NativeCache(settings),
  external: async (settings) =>
    new (await import("../infra/caches/external/cache.ts")).ExternalCache(settings),
  upstash: async (settings, plan) =>
    (await import("../infra/caches/upstash/cache.ts")).upstashCache(settings, plan),
  azure: async (settings, plan) =>
    (await import("../infra/caches/azure/cache.ts")).azureCache(settings, plan),
  "azure-managed": async (settings, plan) =>
    (await import("../infra/caches/azure/cache.ts")).azureCache(settings, plan),
};

const config = stackSettings();
const keyPrefix = await stackKeyPrefix(config);
if (config.apps.some(({ keyVault }) => keyVault !== undefined)) {
  await (await import("../infra/sinks/assert-ready.ts")).assertVaultsReady(config);
}
const makeCache = (plan: Plan) => CACHES[CATALOGUE[plan].provider](config, plan);

const cache = await makeCache(config.plan);
// Kept running beside it, so that going back is one word too.
await Promise.all(config.standby.map(makeCache));
// The one in use alone: nobody suffers by another.
const watched = await watch(config, cache);
if (!isLocal(config.plan)) await (await import("../infra/caches/leaving.ts")).explainLeaving(config);

const appSettings = secret(
  cache.target.apply((target) =>
    settingsFor({ enabled: config.enabled, target, ttl: config.ttl, prefix: keyPrefix }),
  ),
);

const isProven = config.enabled && config.proof.mode === "direct";
const proof = makeProof();

/** Exists also where nothing is proven: from its plan a preview knows which cache is deleted. */
function makeProof(): VerifiedCache {
  const limit = memoryLimitMb(config);
  return new VerifiedCache(
    "proof",
    {
      settings: appSettings.apply((settings) => ({ ...settings })),
      plan: config.plan,
      provider: CATALOGUE[config.plan].provider,
      cache: cache.identity,
      waitSeconds: config.proof.waitSeconds,
      expect: config.expect,
      ...(limit === null ? {} : { memoryLimitMb: limit }),
      ...(isProven ? {} : { skip: true }),
    },
    {
      dependsOn: [cache.resource],
      ...(isLocal(config.plan)
        ? {}
        : { hooks: previewHooks("proof", (before = {}) => replacementLines(before, config)) }),
    },
  );
}

// On the cache too, not only on its proof: otherwise a sink that cannot be removed would not keep the cache alive. And
// on what watches it: no app uses a cache that nobody would hear of.
const dependsOn = [proof, cache.resource, ...watched.resources];

const sinks = await wire(config, { settings: appSettings, provenAt: proof.at }, { dependsOn });
// An app that proves the cache stops the update where it does not work.
const provenByApp = config.enabled && config.proof.mode === "app";
const check = isProven
  ? all([proof.verdict, proof.codes, proof.at]).apply(([verdict, codes, at]) => ({ verdict, codes, at }))
  : output({ verdict: provenByApp ? "healthy" : "disabled", codes: [], at: null });

// The stack outputs. One object, because Pulumi warns about an exported name without a value.
export default {
  sinks,
  plan: config.plan,
  provider: CATALOGUE[config.plan].provider,
  // The address of a cache is not a secret; its password is.
  endpoint: unsecret(cache.target.apply(endpointOf)),
  tls: unsecret(cache.target.apply((target) => target.tls)),
  monthlyUsd: config.monthlyUsd,
  ...(watched.dashboard === undefined ? {} : { dashboard: watched.dashboard }),
  redisUrl: appSettings.apply((settings) => settings.REDIS_URL),
  settings: appSettings,
  // What a later default of keyPrefix must not change.
  keyPrefix,
  // Later checks of this cache compare with these.
  expect: config.expect,
  limits: limitsOf(config),
  check,
  // Null where the cache has no secret: Pulumi warns about an output without a value.
  rotatedAt: proof.rotatedAt.apply((at) => at ?? null),
};
