/** The App Services that are to use a cache: what they hold, and where their health is. Reads only. */

import { advice } from "../../base/advice.ts";
import { listApps } from "../../base/azure-cli.ts";
import { type Command, onStack, program, propiq, pulumi, withOption } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import type { App, AppSettingsSeen } from "../../check/app/app.ts";
import { compareSettings, type Held, isOff, settingsAlone } from "../../check/app/compare.ts";
import type { Subject } from "../../check/subject.ts";
import type { AppService, Site } from "../../infra/azure/app-service.ts";
import { type Arm, ArmError } from "../../infra/azure/arm.ts";
import { subscriptionOf } from "../../infra/azure/subscription.ts";
import { fingerprintOf } from "../../infra/contract/fingerprint.ts";
import { readSettings, SettingsError } from "../../infra/contract/read-settings.ts";
import { FINGERPRINT_KEY, SETTING_NAMES } from "../../infra/contract/table.ts";
import type { Earlier } from "../../infra/provider/app-settings/earlier.ts";
import type { AppConfig } from "../../infra/settings/schema.ts";
import { inWords, labelOf, openAzure, subscriptionFor } from "../stacks/azure.ts";
import { switched } from "../switch/settings.ts";
import { editsSince, recordIn, stackOf } from "./owner.ts";

type Settings = Readonly<Record<string, string>>;

/** What a stack's config adds to its state: its apps, and whether its cache is on by now. */
export interface StackApps {
  apps: App[];
  configuredPlan: string;
  enabled: boolean;
}

/**
 * @param settings that the apps should hold, as the state says
 * @throws PropiqError where one of them cannot be asked
 */
export async function appsOfStack(
  stack: string,
  settings: Settings,
  { healthUrl, signal, typed }: { healthUrl?: string | undefined; signal: AbortSignal; typed: Command },
): Promise<StackApps> {
  const { readStackConfig } = await import("../stacks/config-file.ts");
  const config = await readStackConfig(stack);
  const { apps, plan, enabled } = config.settings;
  if (apps.length === 0) {
    throw new PropiqError(`Stack ${stack} has no app: its config names none.`, {
      code: "APP_NOT_NAMED",
      next: advice(
        "Name the app in the config, or check the cache alone.",
        pulumi(stack, "config", "set", "--path", "app.name", "NAME"),
        propiq("verify", "--stack", stack),
      ),
    });
  }
  // As `off` and `on` leave them, whichever the last update saw.
  const expected: Settings = enabled ? switched(settings, true) : { REDIS_ENABLED: "false" };
  const fingerprint = enabled ? expected[FINGERPRINT_KEY] : settings[FINGERPRINT_KEY];
  const ask = async (app: AppConfig): Promise<App> => {
    const place = { app: app.name, resourceGroup: app.resourceGroup, slot: app.slot };
    const arm = await openAzure(config, await subscriptionFor(config, app));
    const { site, held } = await look(arm, place, typed, signal);
    return {
      ...appAt(labelOf(app), site, healthUrl ?? app.healthUrl),
      resourceGroup: app.resourceGroup,
      settings: compareSettings(expected, held),
      ...(fingerprint === undefined ? {} : { fingerprint }),
    };
  };
  return { apps: await Promise.all(apps.map(ask)), configuredPlan: plan, enabled };
}

export interface NamedApp {
  appName: string;
  resourceGroup: string;
  slot?: string | undefined;
  healthUrl?: string | undefined;
  /** Signed in to its subscription; by default, to the one of the environment. */
  arm?: Arm;
}

/** The cache that an App Service's own settings lead to: no state and no config of a stack is needed. */
export async function subjectFromApp(
  named: NamedApp,
  { signal, typed }: { signal: AbortSignal; typed: Command },
): Promise<Subject> {
  const { appName: app, resourceGroup, slot, healthUrl } = named;
  const arm = named.arm ?? (await openEnvironment(typed));
  const { site, held, values } = await look(arm, { app, resourceGroup, slot }, typed, signal, true);
  const record = recordIn(settingsIn(held));
  const stack = await stackOf({ app, resourceGroup, slot }, record);
  const seen = { ...settingsAlone(held, SETTING_NAMES, wordsOf(values)), ...editsIn(held, record) };
  const isUnexplained = seen.unresolved.length + seen.missing.length + seen.different.length === 0;
  const fingerprint = held.settings[FINGERPRINT_KEY];
  const whole: App = {
    ...appAt(slot === undefined ? app : `${app}/${slot}`, site, healthUrl),
    resourceGroup,
    settings: { ...seen, edited: isUnexplained && isEdited(values) },
    ...(stack === undefined ? {} : { stack }),
    ...(fingerprint === undefined ? {} : { fingerprint }),
  };
  return {
    ...cacheIn(values, seen.missing.length > 0 || seen.unresolved.length > 0, typed, stack),
    apps: [whole],
  };
}

/** @param typed the command to repeat after the sign-in @throws PropiqError where no subscription is chosen */
export async function openEnvironment(typed: Command, signal?: AbortSignal): Promise<Arm> {
  const subscriptionId = await subscriptionOf(undefined, process.env);
  if (subscriptionId !== undefined) return await openAzure({ provider: {} }, subscriptionId, signal);
  throw new PropiqError("No Azure subscription is chosen.", {
    code: "NO_SUBSCRIPTION",
    next: advice("Sign in, or set ARM_SUBSCRIPTION_ID.", program("az", "login"), typed),
  });
}

/** Names of the settings that differ from what propiq-cache wrote, where the app still has the record of that. */
function editsIn(held: Held, record: Earlier | undefined): Partial<AppSettingsSeen> {
  if (record === undefined) return {};
  const edits = editsSince(record, settingsIn(held));
  const isSwitchedOff = edits.different.includes("REDIS_ENABLED") && isOff(held.settings["REDIS_ENABLED"]);
  return {
    ...edits,
    expected: Object.keys(record.wrote),
    ...(isSwitchedOff ? { switchedOff: true } : {}),
  };
}

function settingsIn({ settings }: Held): Settings {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );
}

interface Look {
  site: Site;
  held: Held;
  /** With the vault's values in the place of references, where they were asked for. */
  values: Settings;
}

async function look(
  arm: Arm,
  place: { app: string; resourceGroup: string; slot?: string | undefined },
  again: Command,
  signal: AbortSignal,
  needsValues = false,
): Promise<Look> {
  const { openAppService } = await import("../../infra/azure/app-service.ts");
  const service = await openAppService(arm, place);
  try {
    const [site, settings] = await Promise.all([service.site(signal), service.settings(signal)]);
    const references = await referencesOf(service, settings, signal);
    return {
      site,
      held: { settings, references },
      values: needsValues ? await valuesIn(arm, { settings, references }, again, signal) : {},
    };
  } catch (error) {
    if (signal.aborted) {
      throw new PropiqError("Azure did not answer in time.", {
        code: "AZURE_TIMEOUT",
        next: advice("Allow more time.", withOption(again, "--deadline", "60")),
        cause: error,
      });
    }
    if (error instanceof ArmError && error.status === 404) {
      throw new PropiqError(
        `There is no App Service ${place.app}${place.slot === undefined ? "" : ` with a slot ${place.slot}`} in the resource group ${place.resourceGroup}.`,
        {
          code: "APP_NOT_FOUND",
          next: advice("List the App Services that exist.", listApps()),
          cause: error,
        },
      );
    }
    throw inWords(error, `read the settings of ${place.app}`, again);
  }
}

async function referencesOf(
  service: AppService,
  settings: Settings,
  signal: AbortSignal,
): Promise<Held["references"]> {
  const { isReference } = await import("../../check/app/compare.ts");
  return SETTING_NAMES.some((name) => isReference(settings[name])) ? await service.references(signal) : [];
}

/** @returns the settings with the vault's values; without those that the app itself cannot read, which is a finding */
async function valuesIn(arm: Arm, held: Held, again: Command, signal: AbortSignal): Promise<Settings> {
  const { valuesOf } = await import("../../infra/azure/vault-values.ts");
  const broken = new Set(held.references.flatMap(({ key, status }) => (status === "Resolved" ? [] : [key])));
  const readable = Object.fromEntries(
    Object.entries(held.settings).flatMap(([key, value]) =>
      value === undefined || broken.has(key) ? [] : [[key, value] as const],
    ),
  );
  const { settings, unread } = await valuesOf(arm, readable, ["REDIS_URL", "REDIS_PASSWORD"], signal);
  const [first] = unread;
  if (first === undefined) return settings;
  throw new PropiqError(`${first.name} is in a Key Vault that cannot be read from here (${first.why}).`, {
    code: "VAULT_UNREADABLE",
    next: advice(
      'The identity that signs in needs the role "Key Vault Secrets User" on that vault, and the network of the vault must allow this machine. Then check again.',
      again,
    ),
  });
}

function appAt(name: string, { hostName, state }: Site, healthUrl: string | undefined): App {
  return {
    name,
    healthUrl: healthUrl ?? `https://${hostName}/health`,
    ...(state === "Running" ? {} : { down: downIn(state) }),
  };
}

/** @param state as Azure reports it */
function downIn(state: string): NonNullable<App["down"]> {
  const code = state.toLowerCase() === "stopped" ? "APP_STOPPED" : "APP_UNREACHABLE";
  return { code, words: `the App Service is ${state.toLowerCase()}` };
}

/** A fingerprint names the settings that it was written with: another one means that the settings were edited. */
function isEdited(values: Settings): boolean {
  const written = values[FINGERPRINT_KEY];
  return written !== undefined && fingerprintOf(values) !== written;
}

function wordsOf(values: Settings): string {
  const written = values[FINGERPRINT_KEY];
  return written === undefined
    ? "there, not written by propiq-cache"
    : `as propiq-cache wrote them (${written})`;
}

/** @param isBroken what the settings lack is a finding already: then there may be no cache to connect to */
function cacheIn(values: Settings, isBroken: boolean, again: Command, stack?: string): Subject {
  try {
    return readSettings(values);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    if (isBroken) return { enabled: true };
    throw new PropiqError(`In the app's settings, ${error.message}.`, {
      code: "SETTINGS_INVALID",
      next: advice(
        "Fix that setting in the Azure portal, or write all of them again. Then check again.",
        onStack(stack ?? "NAME", "repair"),
        again,
      ),
      cause: error,
    });
  }
}
