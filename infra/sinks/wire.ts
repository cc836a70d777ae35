/** Who gets the settings of the cache: App Services, an env file, or both. */

import type { Output } from "@pulumi/pulumi/output.js";
import type { CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { isDryRun } from "@pulumi/pulumi/runtime/settings.js";
import { wiringLines } from "../announce.ts";
import { cloudOfStack, subscriptionOfStack } from "../azure/of-stack.ts";
import type { AppSettings as AppSettingValues } from "../contract/table.ts";
import { previewHooks } from "../hooks.ts";
import { CATALOGUE } from "../plans/catalogue.ts";
import type { AppConfig } from "../settings/schema.ts";
import { memoryLimitMb, type Settings } from "../settings/settings.ts";
import { AppSettings } from "./app-settings.ts";
import { EnvFile } from "./env-file.ts";

/** What a stack says of its sinks to anyone who checks it later. */
export interface Sink {
  kind: "app-settings" | "env-file";
  /** `app`, `app/slot`, or the path of the file. */
  target: string;
}

/** What each of them gets. */
export interface Wiring {
  /** Secret. */
  settings: Output<AppSettingValues>;
  /** Of the cache's proof. */
  provenAt: Output<string>;
}

/** @param options must name the cache and its proof in `dependsOn` */
export async function wire(
  config: Settings,
  wiring: Wiring,
  options: CustomResourceOptions,
): Promise<Sink[]> {
  const managed = config.apps.filter(({ manage }) => manage);
  const apps = managed.map((app) => wireApp(app, config, wiring, options));
  return [...(await Promise.all(apps)), ...wireEnvFile(config, wiring, options)];
}

async function wireApp(
  app: AppConfig,
  config: Settings,
  wiring: Wiring,
  options: CustomResourceOptions,
): Promise<Sink> {
  const target = app.slot === undefined ? app.name : `${app.name}/${app.slot}`;
  const given = app.subscriptionId ?? config.azure?.subscriptionId;
  const subscriptionId = await subscriptionOfStack(given, "azure.subscriptionId");
  // As people call it: with a hyphen, a slot app/x would have the name of an app app-x.
  new AppSettings(
    target,
    {
      app: app.name,
      resourceGroup: app.resourceGroup,
      subscriptionId,
      ...wiring,
      restartTimeoutSeconds: app.restartTimeoutSeconds,
      drainSeconds: config.drainSeconds,
      ...(isDryRun() ? {} : { looksForEdits: true }),
      ...cloudOfStack(),
      ...present({ slot: app.slot, sticky: app.sticky, healthUrl: app.healthUrl, keyVault: app.keyVault }),
      ...(config.enabled && config.proof.mode === "app" ? { proof: proofByApp(config) } : {}),
    },
    {
      ...options,
      hooks: previewHooks(`app-${target}`, async () => {
        // Apps with a Key Vault were asked before.
        if (app.keyVault === undefined) {
          await (await import("./assert-ready.ts")).assertReady(app, config);
        }
        return wiringLines(app, subscriptionId, process.env);
      }),
    },
  );
  return { kind: "app-settings", target };
}

function proofByApp(config: Settings) {
  const limit = memoryLimitMb(config);
  return {
    mode: "app" as const,
    waitSeconds: config.proof.waitSeconds,
    plan: config.plan,
    provider: CATALOGUE[config.plan].provider,
    ...(limit === null ? {} : { memoryLimitMb: limit }),
  };
}

function wireEnvFile({ envFile }: Settings, wiring: Wiring, options: CustomResourceOptions): Sink[] {
  if (envFile === undefined) return [];
  new EnvFile("env-file", { path: envFile, ...wiring }, options);
  return [{ kind: "env-file", target: envFile }];
}

/** The entries that have a value: an absent input and one that is undefined are not the same to a resource. */
function present<T extends Record<string, unknown>>(given: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
