/** What users read of an app's settings: names of keys, never a value. */
import { PropiqError } from "../../../base/errors.ts";
import type { AppSettingsInputs } from "./inputs.ts";
import type { ForeignEdits } from "./merge.ts";

export interface Whose {
  /** The app as people call it. */
  label: string;
  stack: string;
  urn: string;
}

/** @throws PropiqError where somebody else has changed settings of ours */
export function stopOnForeignEdits({ changed, removed, allGone }: ForeignEdits, whose: Whose): void {
  const { label, stack, urn } = whose;
  const hint = [
    "Two ways on:",
    `- have propiq-cache write its own again: ./propiq-cache pulumi refresh --stack ${stack}, then ./propiq-cache pulumi up --stack ${stack}`,
    `- leave the app as it is: manage: false for this app in Pulumi.${stack}.yaml, then ./propiq-cache pulumi state delete '${urn}' --stack ${stack}`,
  ].join("\n");
  if (allGone)
    throw new PropiqError(`${removedWords(label)} Nothing was written.`, {
      hint: `${REPLACING_TOOL}\n${hint}`,
    });
  const edits = [
    ...(changed.length === 0 ? [] : [`${changed.join(", ")} changed`]),
    ...(removed.length === 0 ? [] : [`${removed.join(", ")} removed`]),
  ];
  if (edits.length === 0) return;
  throw new PropiqError(
    `Somebody else has edited the settings of ${label}: ${edits.join("; ")}. Nothing was written.`,
    { hint },
  );
}

export function removedWords(label: string): string {
  return `All cache settings of ${label} are gone at once (SETTINGS_REMOVED): a tool that replaces the whole set has written it without them.`;
}

export const REPLACING_TOOL =
  "It will do so again at its next run. Terraform: put these names into lifecycle ignore_changes (app_settings), or hand the app's settings over to one side; Bicep: merge with list(appsettings) instead of a fixed set.";

/** Beside a write that takes values over. */
export function takenOverWords(label: string, keys: readonly string[]): string {
  return `${label} had ${keys.join(", ")} of its own: they come back when this app is no longer wired (destroy, or app taken out of the config).`;
}

/** What a swap of slots will do to the settings; nothing where there is no slot in play. */
export function swapWords(label: string, slot: string | undefined, sticky: boolean): string | undefined {
  if (sticky) return `A swap of slots leaves the cache settings of ${label} where they are (sticky).`;
  if (slot === undefined) return undefined;
  return `A swap of slots takes the cache settings of ${label} along into production, and production's into ${slot}: set sticky: true for this app where each slot is to keep its own cache.`;
}

export function noSuchApp(label: string, resourceGroup: string, subscriptionId: string): PropiqError {
  return new PropiqError(
    `There is no App Service ${label} in resource group ${resourceGroup} (subscription ${subscriptionId}).`,
    {
      hint: `Correct app.name, app.resourceGroup, app.slot or azure.subscriptionId in the stack's config. The apps there: az webapp list --subscription ${subscriptionId} --query '[].{name:name,group:resourceGroup}' --output table`,
    },
  );
}

export function otherOwner(label: string, owner: { stack: string; project: string }): PropiqError {
  return new PropiqError(
    `The cache settings of ${label} belong to stack ${owner.stack} of project ${owner.project}. Nothing was written.`,
    {
      hint: `Take the app out of that stack first: remove app from Pulumi.${owner.stack}.yaml, then ./propiq-cache pulumi up --stack ${owner.stack}. Where that stack no longer exists, or is this one under its name of before, remove the setting PROPIQ_CACHE_EARLIER from the app.`,
    },
  );
}

export function noIdentity({ app, resourceGroup, slot }: AppSettingsInputs, label: string): PropiqError {
  const inSlot = slot === undefined ? "" : ` --slot ${slot}`;
  return new PropiqError(
    `${label} has no identity of its own, so it could not read the Key Vault (MSINotEnabled).`,
    {
      hint: `Give it one, and the role Key Vault Secrets User on the vault: az webapp identity assign --name ${app} --resource-group ${resourceGroup}${inSlot}`,
    },
  );
}

/** The app is to prove the cache (proof.mode: app), and does not run. */
export function cannotProve(
  { app, resourceGroup, slot }: AppSettingsInputs,
  label: string,
  stack: string,
): PropiqError {
  const inSlot = slot === undefined ? "" : ` --slot ${slot}`;
  return new PropiqError(
    `${label} is stopped, so it cannot prove the cache (proof.mode is app). Its settings were not changed.`,
    {
      hint: [
        `Start it: az webapp start --name ${app} --resource-group ${resourceGroup}${inSlot}`,
        `or go without a proof: ./propiq-cache pulumi config set --path proof.mode off --stack ${stack}`,
        `Then: ./propiq-cache pulumi up --stack ${stack}`,
      ].join("\n"),
    },
  );
}

export function notSeen(label: string, url: string, inputs: AppSettingsInputs, words: string): PropiqError {
  const { app, resourceGroup, slot } = inputs;
  const inSlot = slot === undefined ? "" : ` --slot ${slot}`;
  // Without its query, which may hold a key.
  const { origin, pathname } = new URL(url);
  return new PropiqError(`${label} does not work with its new settings: ${words}.`, {
    hint: `See its log (az webapp log tail --name ${app} --resource-group ${resourceGroup}${inSlot}) and its health at ${origin}${pathname}; where it only needs longer, raise app.restartTimeoutSeconds.`,
  });
}

const STOP_THE_RIVAL =
  "Find out which pipeline or tool writes this app's settings all the time, stop it, and try again.";

export function takenAway(label: string): PropiqError {
  return new PropiqError(
    `Somebody else keeps taking the cache settings of ${label} away while the app restarts.`,
    { hint: STOP_THE_RIVAL },
  );
}

/** The cache has to stay: the app is wired to it. */
export function broughtBack(label: string): PropiqError {
  return new PropiqError(
    `Somebody else keeps bringing the cache settings of ${label} back while they are taken out. The cache that they name stays.`,
    { hint: STOP_THE_RIVAL },
  );
}
