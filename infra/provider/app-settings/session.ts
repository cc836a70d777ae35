/** Signed in, at the app: what every operation on its settings begins with. */

import { redactor } from "../../../check/redact.ts";
import { type AppService, openAppService, type Site } from "../../azure/app-service.ts";
import { type Arm, openArm } from "../../azure/arm.ts";
import { ifThere } from "../../azure/if-there.ts";
import { SECRET_SETTINGS } from "../../contract/table.ts";
import type { Operation } from "../protocol/resource.ts";
import type { AppSettingsInputs, AppSettingsState } from "./inputs.ts";
import type { Watched } from "./watch.ts";

export interface Session {
  arm: Arm;
  app: AppService;
  site: Site;
  /** The app as people call it: `name`, or `name/slot`. */
  label: string;
  watched: Watched;
}

/** @returns nothing where there is no such app (or group, or slot) @throws ArmError, PropiqError */
export async function openSession(
  inputs: AppSettingsInputs,
  operation: Operation,
): Promise<Session | undefined> {
  const { app: name, resourceGroup, slot, subscriptionId, metadataHost, environment } = inputs;
  const arm = await openArm({ env: process.env, subscriptionId, metadataHost, environment });
  const app = await openAppService(arm, { resourceGroup, app: name, slot });
  const site = await ifThere(app.site(operation.signal));
  if (site === undefined) return undefined;
  return {
    arm,
    app,
    site,
    label: labelOf(inputs),
    watched: {
      url: inputs.healthUrl ?? `https://${site.hostName}/health`,
      signal: operation.signal,
      redact: redactorOf(inputs),
    },
  };
}

export function labelOf({ app, slot }: Pick<AppSettingsInputs, "app" | "slot">): string {
  return slot === undefined ? app : `${app}/${slot}`;
}

/** For texts of others: without the secrets that the app gets, has, or had before us. */
export function redactorOf(inputs: AppSettingsInputs, state?: AppSettingsState): (text: string) => string {
  const { earlier } = state ?? (inputs as Partial<AppSettingsState>);
  const maps = [inputs.settings, state?.settings ?? {}, earlier?.values ?? {}];
  return redactor(maps.flatMap((settings) => SECRET_SETTINGS.flatMap((key) => settings[key] ?? [])));
}
