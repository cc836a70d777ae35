/** Alerts and a dashboard for the cache in use, where the stack needs them and Azure can give them. */

import type { Output } from "@pulumi/pulumi/output.js";
import type { Resource } from "@pulumi/pulumi/resource.js";
import type { Cache } from "../caches/cache.ts";
import * as log from "../log.ts";
import type { Settings } from "../settings/settings.ts";
import { noAlertsLines } from "./words.ts";

export interface Watch {
  /** What has to be there before an app uses the cache. */
  resources: readonly Resource[];
  /** Where the dashboard is, in Azure's portal; absent where there is none. */
  dashboard?: Output<string>;
}

export async function watch(settings: Settings, { inAzure }: Cache): Promise<Watch> {
  if (settings.alerts === undefined) return { resources: [] };
  if (inAzure === undefined) {
    for (const line of noAlertsLines(settings)) await log.warn(line);
    return { resources: [] };
  }
  const { AzureAlerts } = await import("./azure.ts");
  const alerts = await AzureAlerts.make(settings, inAzure);
  return { resources: [alerts], dashboard: alerts.dashboard };
}
