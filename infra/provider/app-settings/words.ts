/** What users read about an app's settings: names of keys, never a value. */
import { advice } from "../../../base/advice.ts";
import { webapp } from "../../../base/azure-cli.ts";
import { type Command, onStack, program, pulumi } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import type { SiteName } from "../../azure/app-service.ts";
import { assignRoleCommand } from "../../azure/roles.ts";
import type { ForeignEdits } from "./merge.ts";

export interface Whose {
  /** The app as people call it. */
  label: string;
  stack: string;
  urn: string;
}

/** @throws PropiqError where another writer changed settings of ours */
export function stopOnForeignEdits({ changed, removed, allGone }: ForeignEdits, whose: Whose): void {
  const { label, stack, urn } = whose;
  const options = advice(
    `To write the stack's values again, run the first command. To keep the app as it is, set manage: false for this app in Pulumi.${stack}.yaml and run the second one.`,
    onStack(stack, "repair"),
    pulumi(stack, "state", "delete", urn),
  );
  if (allGone) {
    throw new PropiqError(`${removedWords(label)} Nothing was written.`, {
      code: "SETTINGS_EDITED",
      next: { ...options, say: `${REPLACING_TOOL}\n${options.say}` },
    });
  }
  const edits = [
    ...(changed.length === 0 ? [] : [`${changed.join(", ")} changed`]),
    ...(removed.length === 0 ? [] : [`${removed.join(", ")} removed`]),
  ];
  if (edits.length === 0) return;
  throw new PropiqError(
    `Another writer edited the settings of ${label}: ${edits.join("; ")}. Nothing was written.`,
    { code: "SETTINGS_EDITED", next: options },
  );
}

export function removedWords(label: string): string {
  return `All cache settings of ${label} were removed at once (SETTINGS_REMOVED): a tool that replaces the whole set wrote it without them.`;
}

export const REPLACING_TOOL =
  "The tool will do so again at its next run. Terraform: put these names into lifecycle ignore_changes (app_settings), or let only one side manage the app's settings. Bicep: merge with list(appsettings) instead of a fixed set.";

/** Beside a write that replaces values of the app's own. */
export function takenOverWords(label: string, keys: readonly string[]): string {
  return `${label} had its own ${keys.join(", ")}. They are restored when this app is no longer wired (destroy, or app removed from the config).`;
}

/** What a swap of slots does to the settings; undefined where no slot is involved. */
export function swapWords(label: string, slot: string | undefined, sticky: boolean): string | undefined {
  if (sticky) return `A swap of slots leaves the cache settings of ${label} where they are (sticky).`;
  if (slot === undefined) return undefined;
  return `A swap of slots moves the cache settings of ${label} into production, and those of production into ${slot}. Set sticky: true for this app if each slot must keep its own cache.`;
}

/** @param names of the apps in the resource group, or of the slots of the app, as far as they are known */
export function noSuchApp(
  site: SiteName,
  subscriptionId: string,
  names: readonly string[] = [],
): PropiqError {
  const { app, slot, resourceGroup } = site;
  const what =
    slot === undefined
      ? `No App Service ${app} exists in resource group ${resourceGroup} (subscription ${subscriptionId}).`
      : `The App Service ${app} has no slot ${slot}, or does not exist in resource group ${resourceGroup} (subscription ${subscriptionId}).`;
  const there = names.length === 0 ? "" : `\nIt has: ${names.slice(0, MOST_NAMES).join(", ")}.`;
  const list = program(
    ...["az", "webapp", "list", "--subscription", subscriptionId],
    ...["--query", "[].{name:name,group:resourceGroup}", "--output", "table"],
  );
  return new PropiqError(`${what}${there}`, {
    code: "APP_NOT_FOUND",
    next: advice(
      "Correct app.name, app.resourceGroup, app.slot or azure.subscriptionId in the stack's config. To see every app:",
      list,
    ),
  });
}
const MOST_NAMES = 20;

export function otherOwner(label: string, owner: { stack: string; project: string }): PropiqError {
  return new PropiqError(
    `The cache settings of ${label} belong to stack ${owner.stack} of project ${owner.project}. Nothing was written.`,
    {
      code: "OTHER_STACK",
      next: advice(
        `Remove app from Pulumi.${owner.stack}.yaml and update that stack first. If that stack no longer exists, or is this one under its previous name, remove the setting PROPIQ_CACHE_EARLIER from the app instead.`,
        pulumi(owner.stack, "up"),
      ),
    },
  );
}

export function noIdentity(site: SiteName, label: string): PropiqError {
  return new PropiqError(
    `${label} has no managed identity, so it cannot read the Key Vault (MSINotEnabled).`,
    {
      code: "APP_NO_IDENTITY",
      next: advice(
        "Give it an identity, and then the role Key Vault Secrets User on the vault.",
        onSite(site, "identity", "assign"),
      ),
    },
  );
}

export function noVault(name: string, resourceGroup: string, subscriptionId: string): PropiqError {
  return new PropiqError(`No Key Vault ${name} exists in subscription ${subscriptionId}.`, {
    code: "VAULT_NOT_FOUND",
    next: advice(
      "Correct app.keyVault in the stack's config, or make the vault.",
      program(
        ...["az", "keyvault", "create", "--name", name, "--resource-group", resourceGroup],
        "--enable-rbac-authorization",
      ),
    ),
  });
}

/** @param reader the object id of the app's identity */
export function mayNotRead(
  label: string,
  vault: { id: string; name: string; isByRoles: boolean },
  reader: string,
): PropiqError {
  const grant = vault.isByRoles
    ? assignRoleCommand("Key Vault Secrets User", reader, vault.id)
    : program(
        ...["az", "keyvault", "set-policy", "--name", vault.name],
        ...["--object-id", reader, "--secret-permissions", "get"],
      );
  return new PropiqError(
    `The identity of ${label} may not read secrets of the Key Vault ${vault.name} (AccessToKeyVaultDenied).`,
    {
      code: "VAULT_REFUSED",
      next: advice("Grant it the access. It takes effect after a minute or two.", grant),
    },
  );
}

/** The app must prove the cache (proof.mode: app), and it is stopped. */
export function cannotProve(site: SiteName, label: string, stack: string): PropiqError {
  return new PropiqError(
    `${label} is stopped, so it cannot prove the cache (proof.mode is app). Its settings were not changed.`,
    {
      code: "APP_STOPPED_NO_PROOF",
      next: advice(
        "Start the app, or set proof.mode to off in the stack's config.",
        onSite(site, "start"),
        pulumi(stack, "up"),
      ),
    },
  );
}

export function notSeen(label: string, url: string, site: SiteName, words: string): PropiqError {
  // Without its query, which may hold a key.
  const { origin, pathname } = new URL(url);
  return new PropiqError(`${label} does not work with its new settings: ${words}.`, {
    code: "APP_UNHEALTHY",
    next: advice(
      `See its log, and its health at ${origin}${pathname}. If it only needs longer, raise app.restartTimeoutSeconds.`,
      onSite(site, "log", "tail"),
    ),
  });
}

const STOP_THE_WRITER = advice(
  "Find out which pipeline or tool writes this app's settings all the time, stop it, and try again.",
);

export function takenAway(label: string): PropiqError {
  return new PropiqError(
    `Another writer keeps removing the cache settings of ${label} while the app restarts.`,
    {
      code: "SETTINGS_FOUGHT",
      next: STOP_THE_WRITER,
    },
  );
}

/** The cache must stay: the app is wired to it. */
export function broughtBack(label: string): PropiqError {
  return new PropiqError(
    `Another writer keeps restoring the cache settings of ${label} while an update removes them. The cache that they name remains.`,
    { code: "SETTINGS_FOUGHT", next: STOP_THE_WRITER },
  );
}

export function overwritten(puts: number): PropiqError {
  return new PropiqError(`Another writer overwrote the app's settings after each of ${puts} writes.`, {
    code: "SETTINGS_FOUGHT",
    next: STOP_THE_WRITER,
  });
}

function onSite({ app, ...place }: SiteName, ...action: string[]): Command {
  return webapp(action, { ...place, name: app });
}
