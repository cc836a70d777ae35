/** What keeps an app from being wired: asked before an update changes anything. */
import type { PropiqError } from "../../base/errors.ts";
import { namesBeside, openAppService, type SiteName } from "../azure/app-service.ts";
import { type Arm, ArmError } from "../azure/arm.ts";
import { ifThere } from "../azure/if-there.ts";
import { findVault, vaultAccess } from "../azure/vault-access.ts";
import { mayNotRead, noIdentity, noSuchApp, noVault } from "../provider/app-settings/words.ts";

export interface WiredApp extends SiteName {
  /** The name of the Key Vault for its secrets; absent where the settings hold them. */
  keyVault?: string | undefined;
}

/**
 * @returns every obstacle that is known; none where the app can be wired
 * @throws ArmError, PropiqError where Azure does not answer
 */
export async function obstaclesOf(arm: Arm, wired: WiredApp, signal: AbortSignal): Promise<PropiqError[]> {
  const { app, slot, resourceGroup, keyVault } = wired;
  const label = slot === undefined ? app : `${app}/${slot}`;
  const site = await ifThere((await openAppService(arm, wired)).site(signal));
  if (site === undefined) {
    return [noSuchApp(wired, arm.subscriptionId, await namesThere(arm, wired, signal))];
  }
  if (keyVault === undefined) return [];
  const identity = site.hasIdentity ? [] : [noIdentity(wired, label)];
  const vault = await findVault(arm, resourceGroup, keyVault, signal);
  if (vault === undefined) return [noVault(keyVault, resourceGroup, arm.subscriptionId), ...identity];
  if (site.readerId === undefined) return identity;
  if ((await vaultAccess(arm, vault, site.readerId, signal)) !== "refused") return identity;
  const isByRoles = vault.properties?.enableRbacAuthorization === true;
  return [...identity, mayNotRead(label, { id: vault.id, name: keyVault, isByRoles }, site.readerId)];
}

/** Only to help: an identity that may not list them gets the message without names. */
async function namesThere(arm: Arm, site: SiteName, signal: AbortSignal): Promise<string[]> {
  try {
    return await namesBeside(arm, site, signal);
  } catch (error) {
    if (error instanceof ArmError) return [];
    throw error;
  }
}
