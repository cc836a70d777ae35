/**
 * Secret settings in a Key Vault, and references to them in the app. A reference names a version, so that a new
 * value is a new setting (the app takes it at once), and the setting before still resolves when it is put back.
 */

import { createHash } from "node:crypto";
import { advice } from "../../../base/advice.ts";
import { PropiqError } from "../../../base/errors.ts";
import { API_VERSIONS } from "../../azure/api-versions.ts";
import { type AppService, type SettingMap, type SiteName, siteId } from "../../azure/app-service.ts";
import { type Arm, ArmError } from "../../azure/arm.ts";
import { ifThere } from "../../azure/if-there.ts";
import { wait } from "../../azure/retry.ts";
import { findVault } from "../../azure/vault-access.ts";
import { FINGERPRINT_KEY, SECRET_SETTINGS } from "../../contract/table.ts";
import type { Operation } from "../protocol/resource.ts";
import type { AppSettingsInputs } from "./inputs.ts";
import { noVault } from "./words.ts";

const API_VERSION = API_VERSIONS.vaults;
/** On the secret: which settings its newest version belongs to. */
const TAG = "propiq-cache-fingerprint";
/** On the secret as `managed-by`: ours to disable. */
const MARK = "propiq-cache";
/** How long a reference may take to be resolved after a write. */
const RESOLVE_MS = 60_000;
const RESOLVE_PAUSE_MS = 1000;
/** A refusal that stays this long is one: access that was only just given takes a while to be known. */
const REFUSED_MS = 20_000;

/**
 * Puts the secret ones of the settings into the vault; a secret that already exists is not written again.
 * @returns the references, by setting
 * @throws ArmError, PropiqError; the signal's reason
 */
export async function putSecrets(
  arm: Arm,
  { app, slot, resourceGroup, settings, keyVault }: AppSettingsInputs,
  signal: AbortSignal,
): Promise<SettingMap> {
  if (keyVault === undefined) return {};
  const { id, label } = siteOf(arm, { app, slot, resourceGroup });
  const vault = await vaultId(arm, resourceGroup, keyVault, signal);
  const references: Record<string, string> = {};
  for (const key of SECRET_SETTINGS) {
    const value = settings[key];
    if (value === undefined) continue;
    const path = `${vault}/secrets/${secretName(key, id, label)}`;
    const digest = createHash("sha256").update(`${settings[FINGERPRINT_KEY]}`).digest("hex").slice(0, 32);
    const uri =
      (await uriOf(arm, path, digest, signal)) ?? (await putSecret(arm, path, value, digest, signal));
    references[key] = `@Microsoft.KeyVault(SecretUri=${uri})`;
  }
  return references;
}

function siteOf({ subscriptionId }: Arm, { app, slot, resourceGroup }: SiteName) {
  const id = siteId(subscriptionId, { resourceGroup, app, slot });
  return { id, label: slot === undefined ? app : `${app}-${slot}` };
}

/**
 * Letters, digits and hyphens, at most 127. The hash distinguishes a slot `app/x` from an app `app-x`, whose names read
 * alike.
 * @param id of the site or slot
 */
export function secretName(key: string, id: string, label: string): string {
  const hash = createHash("sha256").update(id.toLowerCase()).digest("hex").slice(0, 8);
  const end = `-${key.toLowerCase().replaceAll("_", "-")}-${hash}`;
  return `${`propiq-cache-${label}`.slice(0, 127 - end.length)}${end}`;
}

async function vaultId(arm: Arm, group: string, name: string, signal: AbortSignal): Promise<string> {
  const found = await findVault(arm, group, name, signal);
  if (found !== undefined) return found.id;
  throw noVault(name, group, arm.subscriptionId);
}

interface Secret {
  tags?: Record<string, string>;
  properties?: { secretUriWithVersion?: string; attributes?: { enabled?: boolean } };
}

/** The newest version's address where it belongs to these very settings. */
async function uriOf(
  arm: Arm,
  path: string,
  digest: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { tags, properties } = (await secretAt(arm, path, signal)) ?? {};
  const isCurrent = tags?.[TAG] === digest && properties?.attributes?.enabled !== false;
  return isCurrent ? properties?.secretUriWithVersion : undefined;
}

async function secretAt(arm: Arm, path: string, signal: AbortSignal): Promise<Secret | undefined> {
  const found = await ifThere(arm.request({ method: "GET", path, apiVersion: API_VERSION, signal }));
  return found === undefined ? undefined : ((found.body ?? {}) as Secret);
}

async function putSecret(
  arm: Arm,
  path: string,
  value: string,
  digest: string,
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const body = {
    tags: { [TAG]: digest, "managed-by": MARK },
    properties: { value, contentType: "text/plain", attributes: { enabled: true } },
  };
  // The same value once more is only one more version: harmless to repeat.
  const reply = await arm.request({
    method: "PUT",
    path,
    apiVersion: API_VERSION,
    body,
    signal,
    repeatable: true,
  });
  const uri = (reply.body as Secret | undefined)?.properties?.secretUriWithVersion;
  if (uri === undefined)
    throw new ArmError("Key Vault did not say where it put a secret.", { code: "NoSecretUri" });
  return uri;
}

/** The secrets of a vault that the app no longer references are disabled. A failure is only reported. */
export async function retireOrTell(
  { arm, label }: { arm: Arm; label: string },
  state: AppSettingsInputs,
  { signal, warn }: Pick<Operation, "signal" | "warn">,
): Promise<void> {
  try {
    await retireSecrets(arm, state, signal);
  } catch (error) {
    signal.throwIfAborted();
    warn(
      `The secrets of ${label} in Key Vault ${state.keyVault} could not be disabled (${error instanceof Error ? error.message : String(error)}): remove them by hand.`,
    );
  }
}

/** Switches the newest versions off; their names stay, as a vault keeps removed ones for days and blocks them. */
async function retireSecrets(
  arm: Arm,
  { app, slot, resourceGroup, keyVault }: AppSettingsInputs,
  signal: AbortSignal,
): Promise<void> {
  if (keyVault === undefined) return;
  const { id, label } = siteOf(arm, { app, slot, resourceGroup });
  const vault = await vaultId(arm, resourceGroup, keyVault, signal);
  for (const key of SECRET_SETTINGS) {
    const path = `${vault}/secrets/${secretName(key, id, label)}`;
    const { tags, properties } = (await secretAt(arm, path, signal)) ?? {};
    if (tags?.["managed-by"] !== MARK || properties?.attributes?.enabled === false) continue;
    signal.throwIfAborted();
    const body = {
      tags: { "managed-by": MARK },
      properties: { value: "removed", attributes: { enabled: false } },
    };
    await arm.request({ method: "PUT", path, apiVersion: API_VERSION, body, signal, repeatable: true });
  }
}

/** What Azure's statuses mean for anyone who has to fix them. `Initialized`: not looked at yet. */
const REFUSALS: Readonly<Record<string, string>> = {
  MSINotEnabled:
    "the app has no identity of its own: az webapp identity assign --name APP --resource-group GROUP",
  AccessToKeyVaultDenied:
    "the app's identity may not read the vault: give it the role Key Vault Secrets User, and let the vault's firewall pass the app",
  UnauthorizedClient:
    "the app's identity may not read the vault: give it the role Key Vault Secrets User, and let the vault's firewall pass the app",
  VaultNotFound: "the app does not find the vault: check its name, and its private network's DNS",
  SecretNotFound: "the secret does not exist in the vault",
  SecretVersionNotFound: "this version of the secret does not exist in the vault",
  InvalidSyntax: "Azure does not take the reference for one",
};

/**
 * Waits until Azure has resolved the references.
 * @throws PropiqError naming the first that it cannot resolve; the signal's reason
 */
export async function awaitReferences(
  app: AppService,
  references: SettingMap,
  site: { app: string; resourceGroup: string },
  signal: AbortSignal,
): Promise<void> {
  const startedAt = performance.now();
  const keys = Object.keys(references);
  while (keys.length > 0) {
    const found = new Map(
      (await app.references(signal)).map((reference) => [reference.key, reference.status]),
    );
    const open = keys.filter((key) => found.get(key) !== "Resolved");
    if (open.length === 0) return;
    const refused = open.find((key) => REFUSALS[found.get(key) ?? ""] !== undefined);
    const forMs = performance.now() - startedAt;
    if ((refused !== undefined && forMs > REFUSED_MS) || forMs > RESOLVE_MS) {
      const key = refused ?? open[0] ?? "";
      throw unresolved(key, found.get(key) ?? "not listed", site);
    }
    await wait(RESOLVE_PAUSE_MS, signal);
  }
}

function unresolved(key: string, status: string, site: { app: string; resourceGroup: string }): PropiqError {
  const why = REFUSALS[status]?.replace("APP", site.app).replace("GROUP", site.resourceGroup);
  return new PropiqError(`The app's reference to Key Vault for ${key} is not resolved (${status}).`, {
    code: "REFERENCE_UNRESOLVED",
    next: advice(
      why === undefined
        ? "See the app's settings in the Azure portal for the reason, then try again."
        : `${why} Then try again.`,
    ),
  });
}
