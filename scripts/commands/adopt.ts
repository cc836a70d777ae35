/**
 * `adopt`: a cache that someone made by hand becomes a stack's. Finds it by the app's own settings, writes what the
 * config must say, and shows by a preview that nothing but ownership would change.
 */

import { EXIT, PropiqError } from "../../base/errors.ts";
import { redactor } from "../../check/redact.ts";
import type { Target } from "../../check/target.ts";
import { readSettings, SettingsError } from "../../infra/contract/read-settings.ts";
import { redisUrl } from "../../infra/contract/redis-url.ts";
import { decodeEarlier, EARLIER_KEY, ownerOf } from "../../infra/provider/app-settings/earlier.ts";
import type { AppConfig } from "../../infra/settings/schema.ts";
import { type Adoption, adoptionOf, type Change, type Found } from "../../operations/adopt/adoption.ts";
import { ownershipIn, type Step } from "../../operations/adopt/ownership.ts";
import { inWords, labelOf, openAzure, subscriptionFor } from "../../operations/stacks/azure.ts";
import { projectBackend, stackExists } from "../../operations/stacks/backend.ts";
import { changeStackConfig, readStackConfig, type StackConfig } from "../../operations/stacks/config-file.ts";
import { isLocalStack } from "../../operations/stacks/local-config.ts";
import { runPulumi } from "../../operations/stacks/run-pulumi.ts";
import { referencesIn } from "../../operations/switch/settings.ts";
import { ensurePulumi, type PulumiCli } from "../../toolchain/pulumi.ts";
import { say } from "../print.ts";
import { findCache } from "./adopt-find.ts";

export interface AdoptOptions {
  stack: string;
  appName?: string;
  resourceGroup?: string;
}

/** @returns 0 where only ownership would change, 1 where more would, or there is nothing to adopt */
export async function adopt(options: AdoptOptions): Promise<number> {
  const { stack } = options;
  const again = ["./propiq-cache adopt --stack", stack, ...wordsOf(options)].join(" ");
  const config = await readStackConfig(stack);
  const cli = await ensurePulumi({ install: "ask", say, env: process.env });
  await refuseWithoutState(stack, again);
  const { app, isNew } = appOf(config, options);
  const { held, target, found } = await look(config, app, again);
  if (target === undefined || found === undefined) return EXIT.no;

  const adoption = adoptionOf(found, held, config.own, config.settings);
  tellFound(found, app, adoption);
  const changes = [...(isNew ? appChanges(app) : []), ...adoption.changes];
  if (adoption.plan === "external") await setUrl(cli, stack, target);
  await changeStackConfig(stack, changes);
  tellWritten(changes, adoption, config);
  return await previewed(cli, stack, adoption, redactor([target.password ?? "", redisUrl(target)]));
}

function wordsOf({ appName, resourceGroup }: AdoptOptions): string[] {
  return [
    ...(appName === undefined ? [] : [`--app-name ${appName}`]),
    ...(resourceGroup === undefined ? [] : [`--resource-group ${resourceGroup}`]),
  ];
}

/** Pulumi keeps secrets and previews by stack: there has to be one. */
async function refuseWithoutState(stack: string, again: string): Promise<void> {
  if (isLocalStack(stack)) {
    throw new PropiqError(
      `Stack ${stack} is of this machine, and an App Service cannot reach a cache here.`,
      {
        hint: "Name the stack of the app: ./propiq-cache adopt --stack prod",
      },
    );
  }
  const backend = process.env["PULUMI_BACKEND_URL"] || (await projectBackend());
  if (backend === undefined || (await stackExists(backend, stack)) !== false) return;
  throw new PropiqError(`Stack ${stack} has no state yet.`, {
    hint: `Make it first (its passphrase is the team's):\nread -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE\n./propiq-cache pulumi stack init ${stack} && ${again}`,
  });
}

/** The app that is named, else the config's own. */
function appOf(
  { settings, stack }: StackConfig,
  { appName, resourceGroup }: AdoptOptions,
): { app: AppConfig; isNew: boolean } {
  const { apps } = settings;
  const [first] = apps;
  if (appName === undefined) {
    if (first !== undefined && apps.length === 1) return { app: first, isNew: false };
    throw new PropiqError(
      apps.length === 0
        ? `The config of stack ${stack} names no app.`
        : `The config of stack ${stack} names ${apps.length} apps.`,
      {
        hint: `Say which: ./propiq-cache adopt --stack ${stack} --app-name ${first?.name ?? "NAME"} --resource-group ${first?.resourceGroup ?? "propiq-rg"}`,
      },
    );
  }
  const known = apps.find(
    (app) => app.name === appName && (resourceGroup === undefined || app.resourceGroup === resourceGroup),
  );
  if (known !== undefined) return { app: known, isNew: false };
  if (apps.length > 1) {
    throw new PropiqError(`${appName} is none of the ${apps.length} apps of stack ${stack}.`, {
      hint: `Put it into the list first: propiq-cache:app in Pulumi.${stack}.yaml`,
    });
  }
  return {
    app: {
      ...{ name: appName, resourceGroup: resourceGroup ?? first?.resourceGroup ?? "propiq-rg" },
      ...{ restartTimeoutSeconds: 300, manage: true },
    },
    isNew: true,
  };
}

function appChanges({ name, resourceGroup }: AppConfig): Change[] {
  return [
    { path: ["app", "name"], value: name },
    { path: ["app", "resourceGroup"], value: resourceGroup },
  ];
}

interface Look {
  held: Readonly<Record<string, string>>;
  target?: Target;
  found?: Found;
}

async function look(config: StackConfig, app: AppConfig, again: string): Promise<Look> {
  const label = labelOf(app);
  const arm = await openAzure(config, await subscriptionFor(config, app));
  const { openAppService } = await import("../../infra/azure/app-service.ts");
  const place = { resourceGroup: app.resourceGroup, app: app.name, slot: app.slot };
  const held = await (await openAppService(arm, place)).settings().catch((error: unknown) => {
    throw inWords(error, `read the settings of ${label}`, again);
  });
  const earlier = decodeEarlier(held[EARLIER_KEY]);
  if (earlier !== undefined) {
    const { stack, project } = ownerOf(earlier.by);
    say(
      `The cache settings of ${label} are written by stack ${stack} of project ${project} already: nothing to adopt.`,
    );
    return { held };
  }
  const target = targetIn(held, label, config.stack, again);
  if (target === undefined) {
    say(
      `${label} has no cache settings, so there is no cache to adopt. A new one: ./propiq-cache pulumi up --stack ${config.stack}`,
    );
    return { held };
  }
  const subscriptionId = await subscriptionFor(config);
  const where = subscriptionId === arm.subscriptionId ? arm : await openAzure(config, subscriptionId);
  return { held, target, found: await findCache(target, where, again) };
}

/** @throws PropiqError for settings that lead nowhere */
function targetIn(
  held: Readonly<Record<string, string>>,
  label: string,
  stack: string,
  again: string,
): Target | undefined {
  if (!held["REDIS_URL"] && !held["REDIS_HOST"]) return undefined;
  const sealed = referencesIn(held).filter((key) => key.startsWith("REDIS_"));
  if (sealed.length > 0) {
    throw new PropiqError(
      `${sealed.join(" and ")} of ${label} stand in a Key Vault, and are not read from there.`,
      {
        hint: `Name the cache yourself: ./propiq-cache pulumi config set --path azure.adopt NAME --stack ${stack} (and plan), and app.keyVault, so that they stay in the vault.`,
      },
    );
  }
  try {
    return readSettings({ ...held, REDIS_ENABLED: "true" }).target;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new PropiqError(`In the settings of ${label}, ${error.message}.`, {
      hint: `Mend it in the app, then: ${again}`,
      cause: error,
    });
  }
}

function tellFound(found: Found, app: AppConfig, { plan, notes }: Adoption): void {
  const what = {
    azure: () =>
      found.kind === "azure" &&
      `the Azure cache ${found.cache.name} (${found.cache.sku}, ${found.cache.location}, ${found.cache.resourceGroup})`,
    upstash: () =>
      found.kind === "upstash" && `the Upstash database ${found.database.name} (${found.database.id})`,
    external: () => `a cache at ${found.target.host}:${found.target.port}`,
  }[found.kind]();
  say(`${labelOf(app)} uses ${what}: plan ${plan}.`);
  for (const note of notes) say(`! ${note}`);
}

function tellWritten(changes: readonly Change[], { plan }: Adoption, { file }: StackConfig): void {
  say("");
  const nothing = changes.length === 0 && plan !== "external";
  say(nothing ? `${file} says so already; nothing was written.` : `Written to ${file}:`);
  if (plan === "external") say("  url: (secret)");
  for (const { path, value } of changes) {
    say(
      `  ${path.join(".")}: ${value === undefined ? "(taken out)" : typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    );
  }
}

/** Over standard input: an argument could be read by everyone on the machine. */
async function setUrl(cli: PulumiCli, stack: string, target: Target): Promise<void> {
  const words = ["config", "set", "--secret", "propiq-cache:url", "--stack", stack, "--non-interactive"];
  const end = await runPulumi(cli, words, { stdio: "capture", input: redisUrl(target) });
  if (end.code === 0) return;
  const redact = redactor([target.password ?? "", redisUrl(target)]);
  throw new PropiqError(
    `The URL could not be stored as a secret: ${redact(end.stderr.trim().split("\n")[0] ?? "")}`,
    {
      hint: `If Pulumi speaks of a passphrase: read -rs PULUMI_CONFIG_PASSPHRASE && export PULUMI_CONFIG_PASSPHRASE, then ./propiq-cache adopt --stack ${stack}`,
    },
  );
}

interface Preview {
  steps?: Step[];
  diagnostics?: { severity?: string; message?: string }[];
}

async function previewed(
  cli: PulumiCli,
  stack: string,
  { keys }: Adoption,
  redact: (text: string) => string,
): Promise<number> {
  const end = await runPulumi(cli, ["preview", "--json", "--stack", stack, "--non-interactive"], {
    stdio: "capture",
  });
  const preview = parsed(end.stdout);
  if (end.code !== 0 || preview === undefined) {
    const errors = (preview?.diagnostics ?? []).flatMap(({ severity, message }) =>
      severity === "error" && message !== undefined ? [message.trim()] : [],
    );
    throw new PropiqError(
      redact(errors.join("\n") || end.stderr.trim() || "Pulumi could not preview the stack."),
      {
        hint: `The config is written. Mend that, then: ./propiq-cache pulumi preview --stack ${stack}\nTo take the config back: git checkout -- Pulumi.${stack}.yaml`,
      },
    );
  }
  const { beyond, takenOver } = ownershipIn(preview.steps ?? []);
  say("");
  if (takenOver.length > 0) say(`An update takes over the cache settings of ${takenOver.join(" and ")}:`);
  for (const [words, names] of [
    ["as they are", keys.same],
    ["written in the standard form", keys.changed],
    ["added", keys.added],
  ] as const) {
    if (names.length > 0) say(`  ${words}: ${names.join(", ")}`);
  }
  if (beyond.length > 0) {
    say("And it would do more than that:");
    for (const line of beyond) say(`  ${redact(line)}`);
    say(`See all of it: ./propiq-cache pulumi preview --diff --stack ${stack}`);
    return EXIT.no;
  }
  say("Nothing else changes: the cache is read and wired, never changed and never deleted.");
  say(`Next: ./propiq-cache pulumi up --stack ${stack}`);
  return 0;
}

function parsed(text: string): Preview | undefined {
  try {
    return JSON.parse(text) as Preview;
  } catch {
    return undefined;
  }
}
