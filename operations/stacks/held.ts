/** What an App Service of a stack holds now: its settings, with the vault's values in the place of references. */

import type { Target } from "../../check/target.ts";
import type { AppService, SettingMap, Site } from "../../infra/azure/app-service.ts";
import { ifThere } from "../../infra/azure/if-there.ts";
import { readSettings, SettingsError } from "../../infra/contract/read-settings.ts";
import { decodeEarlier, digestOf, EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import type { AppConfig } from "../../infra/settings/schema.ts";
import { labelOf, openAzure, subscriptionFor } from "./azure.ts";
import type { StackConfig } from "./config-file.ts";

export interface HeldApp {
  app: AppConfig;
  label: string;
  /** Absent where there is no such app, or slot. */
  found?: {
    service: AppService;
    site: Site;
    settings: SettingMap;
    /** The same with the values of a Key Vault, as far as this identity may read them. */
    values: SettingMap;
  };
}

/** @throws ArmError, PropiqError, the signal's reason */
export async function readHeld(config: StackConfig, app: AppConfig, signal: AbortSignal): Promise<HeldApp> {
  const label = labelOf(app);
  const arm = await openAzure(config, await subscriptionFor(config, app));
  const [{ openAppService }, { valuesOf }] = await Promise.all([
    import("../../infra/azure/app-service.ts"),
    import("../../infra/azure/vault-values.ts"),
  ]);
  const service = await openAppService(arm, {
    resourceGroup: app.resourceGroup,
    app: app.name,
    slot: app.slot,
  });
  const [site, settings] = await Promise.all([
    ifThere(service.site(signal)),
    ifThere(service.settings(signal)),
  ]);
  if (site === undefined || settings === undefined) return { app, label };
  const { settings: values } = await valuesOf(arm, settings, ["REDIS_URL", "REDIS_PASSWORD"], signal);
  return { app, label, found: { service, site, settings, values } };
}

/** The cache that settings lead to, enabled or not; nothing where they lead to none. */
export function targetIn(values: SettingMap): Target | undefined {
  try {
    return readSettings({ ...values, REDIS_ENABLED: "true" }).target;
  } catch (error) {
    if (error instanceof SettingsError) return undefined;
    throw error;
  }
}

/**
 * Names of our settings that another writer has changed or removed since we wrote them; `undefined` where the record of
 * what we wrote is missing: the app is not wired, or its whole set was replaced.
 * @throws PropiqError where the record cannot be read
 */
export function editedKeys(settings: SettingMap): string[] | undefined {
  const record = decodeEarlier(settings[EARLIER_KEY]);
  if (record === undefined) return undefined;
  return record.keys.filter((key) => {
    const value = settings[key];
    return record.wrote[key] !== (value === undefined ? undefined : digestOf(value));
  });
}
