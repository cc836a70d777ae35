/** Which cache to check: from a stack's state, a URL, an env file or the environment. */

import { readFile } from "node:fs/promises";
import { parseEnv } from "node:util";
import { advice } from "../../base/advice.ts";
import { deploy, propiq, withInput } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { readYaml } from "../../base/yaml.ts";
import type { Subject } from "../../check/check.ts";
import { readSettings, SettingsError } from "../../infra/contract/read-settings.ts";
import { parseRedisUrl, UrlError } from "../../infra/contract/redis-url.ts";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { CATALOGUE, largerPlans, type Plan } from "../../infra/plans/catalogue.ts";
import { isLocalStack, localConfigFile } from "../stacks/local-config.ts";
import { type StackOutputs, stackOutputs } from "../stacks/outputs.ts";

const FROM_STANDARD_INPUT = withInput("REDIS_URL", propiq("verify", "--url", "-"));

/** The default of the config's schema. */
const DEFAULT_NAME = "propiq-redis";

/** A stack's cache, and what else its state says. */
export interface StackSubject {
  subject: Subject;
  outputs: StackOutputs;
  /** The settings that its apps should have. */
  settings: Readonly<Record<string, string>>;
}

/** The cache of a stack, as its state says the app reaches it. */
export async function subjectFromStack(stack: string): Promise<StackSubject> {
  const outputs = await stackOutputs(stack);
  const plan = outputs.plan as Plan | undefined;
  const facts = plan && CATALOGUE[plan];
  if (outputs.settings === undefined || facts === undefined) {
    throw new PropiqError(
      `Stack ${stack} has no cache: it has not been deployed yet, or the last deploy failed early.`,
      {
        code: "NOT_DEPLOYED",
        next: advice("Deploy it.", deploy(stack)),
      },
    );
  }
  // Only the stack's config knows the size of a cache that is not ours.
  const memoryMb = facts.memoryMb ?? outputs.limits?.memoryMb;
  const { commandsPerMonth } = facts.allowance ?? {};
  const cacheName = facts.provider === "docker" ? await nameInConfig(stack) : undefined;
  const subject: Subject = {
    ...fromSettings(outputs.settings, `the state of stack ${stack}`),
    stack,
    ...(plan === undefined ? {} : { plan, largerPlans: largerPlans(plan) }),
    provider: facts.provider,
    evictionExpected: true,
    ...(commandsPerMonth === undefined ? {} : { commandsPerMonth }),
    ...(cacheName === undefined ? {} : { cacheName }),
    ...(outputs.expect === undefined ? {} : { expect: outputs.expect }),
    ...(typeof outputs.rotatedAt === "string" ? { rotatedAt: outputs.rotatedAt } : {}),
    ...(memoryMb === undefined || memoryMb === null ? {} : { memoryLimitMb: memoryMb }),
  };
  return { subject, outputs, settings: outputs.settings };
}

/** What a local stack's config calls its container; nothing without a config. */
async function nameInConfig(stack: string): Promise<string | undefined> {
  if (!isLocalStack(stack)) return undefined;
  const text = await readFile(localConfigFile(stack), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const file = readYaml(text) as { config?: Record<string, unknown> } | null;
  return String(file?.config?.["propiq-cache:name"] ?? DEFAULT_NAME);
}

export interface Source {
  url?: string | undefined;
  envFile?: string | undefined;
}

/** The one cache of a URL, an env file or, where neither is named, of the environment. */
export async function subjectFrom({ url, envFile }: Source): Promise<Subject> {
  if (url !== undefined) return await subjectFromUrl(url);
  return envFile === undefined ? subjectFromEnvironment(process.env) : await subjectFromEnvFile(envFile);
}

/** @param words the options that name a source, each as it was written @throws PropiqError where there are several */
export function refuseSeveralSources(words: readonly string[], command: string): void {
  if (words.length <= 1) return;
  throw new PropiqError(`${words.join(" and ")} cannot go together: each says which cache to check.`, {
    code: "USAGE",
    next: advice("Name one source.", propiq(command, "--help")),
  });
}

/** @param url a URL without a password, or `-` for one from standard input */
export async function subjectFromUrl(url: string): Promise<Subject> {
  if (url !== "-") refusePassword(url);
  const text = url === "-" ? await standardInput() : url;
  if (text === "") {
    throw new PropiqError(`There is no URL${url === "-" ? " on standard input" : ""}.`, {
      code: "URL_INVALID",
      next: advice("", FROM_STANDARD_INPUT),
    });
  }
  try {
    return { enabled: true, target: parseRedisUrl(text) };
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    throw new PropiqError(`The URL ${error.message}.`, {
      code: "URL_INVALID",
      next: advice("", FROM_STANDARD_INPUT),
      cause: error,
    });
  }
}

/** Everyone on the machine can read an argument, and the shell keeps it in its history. */
function refusePassword(url: string): void {
  if (!url.includes("@")) return;
  throw new PropiqError(
    "A URL with a password must not be an argument: process lists and shell histories would keep it.",
    {
      code: "PASSWORD_IN_ARGUMENT",
      next: advice(
        "Pass it on standard input. Or set REDIS_URL, and run verify without --url.",
        FROM_STANDARD_INPUT,
        propiq("verify"),
      ),
    },
  );
}

/** The first line of standard input. @param prompt for a terminal */
export async function standardInput(prompt = "Paste the URL, then Enter: "): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(prompt);
  let text = "";
  for await (const chunk of process.stdin) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0]?.trim() ?? "";
}

export async function subjectFromEnvFile(path: string): Promise<Subject> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    throw new PropiqError(`There is no env file ${path} that can be read.`, {
      code: "FILE_UNUSABLE",
      next: advice("Create it.", propiq("dev")),
      cause: error,
    });
  }
  return { ...fromSettings(parseEnv(text), path), ...(await makerOf(text)) };
}

/** For a block that `dev` wrote, its stack's plan says who runs the cache, and so what makes it well again. */
async function makerOf(text: string): Promise<Pick<Subject, "provider">> {
  const [{ readBlock }, { readStackConfig }] = await Promise.all([
    import("../../infra/provider/env-file/block.ts"),
    import("../stacks/config-file.ts"),
  ]);
  const owner = readBlock(Buffer.from(text, "utf8").toString("latin1"))?.owner;
  if (!isLocalStack(owner)) return {};
  try {
    return { provider: CATALOGUE[(await readStackConfig(owner)).settings.plan].provider };
  } catch (error) {
    // A config with errors says nothing about the cache that is there.
    if (error instanceof PropiqError) return {};
    throw error;
  }
}

export function subjectFromEnvironment(env: Readonly<Record<string, string | undefined>>): Subject {
  return fromSettings(env, "the environment");
}

function fromSettings(settings: Readonly<Record<string, string | undefined>>, where: string): Subject {
  try {
    const fingerprint = settings[FINGERPRINT_KEY];
    return { ...readSettings(settings), ...(fingerprint ? { fingerprint } : {}) };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new PropiqError(`In ${where}, ${error.message}.`, {
      code: "SETTINGS_INVALID",
      next: advice("Name a cache with --stack, --env-file or --url.", propiq("verify", "--stack", "dev")),
      cause: error,
    });
  }
}
