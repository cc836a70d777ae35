/**
 * `adopt`: a stack takes over a cache that was made by hand. The command finds the cache by the app's settings, writes
 * the config, and shows with a preview that only the ownership would change.
 */

import { advice, adviceLines, adviceText } from "../../base/advice.ts";
import { type Command, deploy, ENTER_PASSPHRASE, program, propiq, pulumi } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { parseJson } from "../../base/json.ts";
import { redactor } from "../../check/redact.ts";
import type { Target } from "../../check/target.ts";
import { readSettings, SettingsError } from "../../infra/contract/read-settings.ts";
import { redisUrl } from "../../infra/contract/redis-url.ts";
import { decodeEarlier, EARLIER_KEY, ownerOf } from "../../infra/provider/app-settings/earlier.ts";
import { APP_DEFAULTS, type AppConfig } from "../../infra/settings/schema.ts";
import { type Adoption, adoptionOf, type Change, type Found } from "../../operations/adopt/adoption.ts";
import { ownershipIn, type Step } from "../../operations/adopt/ownership.ts";
import { inWords, labelOf, openAzure, subscriptionFor } from "../../operations/stacks/azure.ts";
import { projectBackend, stackExists } from "../../operations/stacks/backend.ts";
import { changeStackConfig } from "../../operations/stacks/config-edit.ts";
import { readStackConfig, type StackConfig } from "../../operations/stacks/config-file.ts";
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

/** @returns 0 if only the ownership would change; 1 if more would, or if there is nothing to adopt */
export async function adopt(options: AdoptOptions): Promise<number> {
  const { stack } = options;
  const again = propiq("adopt", "--stack", stack, ...wordsOf(options));
  const config = await readStackConfig(stack);
  const cli = await ensurePulumi({ install: "ask", say, env: process.env });
  await refuseWithoutState(stack, again);
  const { app, isNew } = appOf(config, options);
  const { held, target, found } = await look(config, app, again);
  if (target === undefined || found === undefined) return EXIT.no;

  const adoption = adoptionOf(found, held, config.own, config.settings);
  sayFound(found, app, adoption);
  const changes = [...(isNew ? appChanges(app) : []), ...adoption.changes];
  if (adoption.plan === "external") await setUrl(cli, stack, target);
  await changeStackConfig(stack, changes);
  sayWritten(changes, adoption, config);
  return await previewed(cli, stack, adoption, redactor([target.password ?? "", redisUrl(target)]));
}

function wordsOf({ appName, resourceGroup }: AdoptOptions): string[] {
  return [
    ...(appName === undefined ? [] : ["--app-name", appName]),
    ...(resourceGroup === undefined ? [] : ["--resource-group", resourceGroup]),
  ];
}

/** Pulumi stores secrets and previews per stack, so the stack must exist. */
async function refuseWithoutState(stack: string, again: Command): Promise<void> {
  if (isLocalStack(stack)) {
    throw new PropiqError(
      `Stack ${stack} runs on this machine, and an App Service cannot reach a cache here.`,
      {
        code: "USAGE",
        next: advice("Name the stack of the app.", propiq("adopt", "--stack", "prod")),
      },
    );
  }
  const backend = process.env["PULUMI_BACKEND_URL"] || (await projectBackend());
  if (backend === undefined || (await stackExists(backend, stack)) !== false) return;
  throw new PropiqError(`Stack ${stack} has no state yet.`, {
    code: "NOT_DEPLOYED",
    next: advice(
      "Create it first, with the passphrase of the team.",
      ENTER_PASSPHRASE,
      propiq("pulumi", "stack", "init", stack),
      again,
    ),
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
        code: "APP_NOT_NAMED",
        next: advice(
          "Name the app.",
          propiq(
            ...["adopt", "--stack", stack, "--app-name", first?.name ?? "NAME"],
            ...["--resource-group", first?.resourceGroup ?? APP_DEFAULTS.resourceGroup],
          ),
        ),
      },
    );
  }
  const known = apps.find(
    (app) => app.name === appName && (resourceGroup === undefined || app.resourceGroup === resourceGroup),
  );
  if (known !== undefined) return { app: known, isNew: false };
  if (apps.length > 1) {
    throw new PropiqError(`${appName} is not one of the ${apps.length} apps of stack ${stack}.`, {
      code: "APP_NOT_NAMED",
      next: advice(`Add it to the list first: propiq-cache:app in Pulumi.${stack}.yaml.`),
    });
  }
  return {
    app: {
      ...APP_DEFAULTS,
      name: appName,
      resourceGroup: resourceGroup ?? first?.resourceGroup ?? APP_DEFAULTS.resourceGroup,
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

async function look(config: StackConfig, app: AppConfig, again: Command): Promise<Look> {
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
      `Stack ${stack} of project ${project} already writes the cache settings of ${label}. There is nothing to adopt.`,
    );
    return { held };
  }
  const target = targetIn(held, label, config.stack, again);
  if (target === undefined) {
    say(
      `${label} has no cache settings, so there is no cache to adopt. To create one:\n${adviceText(advice("", deploy(config.stack)))}`,
    );
    return { held };
  }
  const subscriptionId = await subscriptionFor(config);
  const where = subscriptionId === arm.subscriptionId ? arm : await openAzure(config, subscriptionId);
  return { held, target, found: await findCache(target, where, again) };
}

/** @throws PropiqError for settings that name no cache */
function targetIn(
  held: Readonly<Record<string, string>>,
  label: string,
  stack: string,
  again: Command,
): Target | undefined {
  if (!held["REDIS_URL"] && !held["REDIS_HOST"]) return undefined;
  const sealed = referencesIn(held).filter((key) => key.startsWith("REDIS_"));
  if (sealed.length > 0) {
    throw new PropiqError(
      `${sealed.join(" and ")} of ${label} are in a Key Vault, and adopt does not read them there.`,
      {
        code: "VAULT_UNREADABLE",
        next: advice(
          "Name the cache and its plan yourself. Set app.keyVault too, so that the secrets remain in the vault.",
          pulumi(stack, "config", "set", "--path", "azure.adopt", "NAME"),
        ),
      },
    );
  }
  try {
    return readSettings({ ...held, REDIS_ENABLED: "true" }).target;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new PropiqError(`In the settings of ${label}, ${error.message}.`, {
      code: "SETTINGS_INVALID",
      next: advice("Fix it in the app, then run this again.", again),
      cause: error,
    });
  }
}

function sayFound(found: Found, app: AppConfig, { plan, notes }: Adoption): void {
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

function sayWritten(changes: readonly Change[], { plan }: Adoption, { file }: StackConfig): void {
  say("");
  const nothing = changes.length === 0 && plan !== "external";
  say(nothing ? `${file} already says so. Nothing was written.` : `Written to ${file}:`);
  if (plan === "external") say("  url: (secret)");
  for (const { path, value } of changes) {
    say(
      `  ${path.join(".")}: ${value === undefined ? "(removed)" : typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    );
  }
}

/** On standard input: everyone on the machine could read an argument. */
async function setUrl(cli: PulumiCli, stack: string, target: Target): Promise<void> {
  const words = ["config", "set", "--secret", "propiq-cache:url", "--stack", stack, "--non-interactive"];
  const end = await runPulumi(cli, words, { stdio: "capture", input: redisUrl(target) });
  if (end.code === 0) return;
  const redact = redactor([target.password ?? "", redisUrl(target)]);
  throw new PropiqError(
    `The URL could not be stored as a secret: ${redact(end.stderr.trim().split("\n")[0] ?? "")}`,
    {
      code: "SECRET_NOT_STORED",
      next: advice(
        "If Pulumi names a passphrase, enter the one of the stack, and run this again.",
        ENTER_PASSPHRASE,
        propiq("adopt", "--stack", stack),
      ),
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
  const preview = parseJson(end.stdout) as Preview | undefined;
  if (end.code !== 0 || preview === undefined) {
    const errors = (preview?.diagnostics ?? []).flatMap(({ severity, message }) =>
      severity === "error" && message !== undefined ? [message.trim()] : [],
    );
    throw new PropiqError(
      redact(errors.join("\n") || end.stderr.trim() || "Pulumi could not preview the stack."),
      {
        code: "PULUMI_FAILED",
        next: advice(
          "The config is written. Fix this, then preview again. Or restore the config.",
          pulumi(stack, "preview"),
          program("git", "checkout", "--", `Pulumi.${stack}.yaml`),
        ),
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
    say("It would also change:");
    for (const line of beyond) say(`  ${redact(line)}`);
    for (const line of adviceLines(advice("See the details.", pulumi(stack, "preview", "--diff")))) say(line);
    return EXIT.no;
  }
  say("Nothing else changes: the cache is read and wired, never changed and never deleted.");
  for (const line of adviceLines(advice("", deploy(stack)))) say(line);
  return 0;
}
