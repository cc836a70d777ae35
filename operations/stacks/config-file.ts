/**
 * A stack's config as its file says it, without Pulumi: for commands that must work whatever the state back end, the
 * passphrase or the cloud are doing. Secrets stay what they are: nothing here can read them.
 */
import { readdir, readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { readYaml, readYamlAsWritten, YamlError } from "../../base/yaml.ts";
import { hostNotTrusted, untrustedHosts } from "../../infra/azure/cloud-host.ts";
import { ConfigError, type Context } from "../../infra/settings/problems.ts";
import { parseSettings, type Settings } from "../../infra/settings/settings.ts";
import { isLocalStack, localConfigFile, syncLocalConfig } from "./local-config.ts";

export const NAMESPACE = "propiq-cache:";

export interface StackConfig {
  stack: string;
  /** For messages: relative to the project's root. */
  file: string;
  /** Keys below our namespace, as they stand there; secrets are `{ secure }`. */
  own: Readonly<Record<string, unknown>>;
  settings: Settings;
  /** The other subscription or cloud of the stock Azure provider. */
  provider: { subscriptionId?: string; metadataHost?: string; environment?: string };
  /** How its secrets are kept: by a passphrase, or by a provider of the team's (a key vault), which the file names. */
  encrypted: "by-passphrase" | "by-provider";
}

/** @throws PropiqError where the stack does not exist, or with every error of its config */
export async function readStackConfig(stack: string): Promise<StackConfig> {
  const { path, text } = await stackFile(stack);
  return stackConfigIn(text, path, stack);
}

/**
 * The config that a deployment would use, before anything is started.
 * @param file in place of the stack's own
 * @throws PropiqError with every error; a file that does not exist is left to Pulumi
 */
export async function refuseWrongConfig(stack: string, file: string | undefined): Promise<void> {
  const isNamed = isLocalStack(stack) || /^[\w.-]{1,100}$/.test(stack);
  if (file === undefined && !isNamed) return;
  const path = file === undefined ? await fileOf(stack) : resolve(file);
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text !== undefined) stackConfigIn(text, path, stack);
}

/**
 * Refuses a config that alone would send credentials to a host, before a plugin signs in: an import, a refresh and a
 * destroy never run the program, which refuses it too.
 * @param file in place of the stack's own
 * @throws PropiqError
 */
export async function refuseForeignHosts(stack: string, file: string | undefined): Promise<void> {
  const path = file === undefined ? join(PROJECT_ROOT, `Pulumi.${stack}.yaml`) : resolve(file);
  const text = await readFile(path, "utf8").catch(() => undefined);
  const config = text === undefined ? {} : configIn(text, path);
  const [key] = untrustedHosts(config, process.env);
  if (key === undefined) return;
  const host = config[key] ?? config[key.replace(":", ":config:")];
  throw hostNotTrusted(typeof host === "string" ? host : "HIDDEN", key);
}

/** @throws PropiqError with every error of the config, and with a ConfigError as its cause */
function stackConfigIn(text: string, path: string, stack: string): StackConfig {
  const config = configIn(text, path);
  const own = ownIn(config);
  const file = relative(PROJECT_ROOT, path);
  const encrypted = /^secretsprovider:(?!\s*passphrase)/m.test(text) ? "by-provider" : "by-passphrase";
  return {
    stack,
    file,
    own,
    settings: settingsIn(textsOf(own), contextOf(own, config, stack), file),
    provider: providerIn(config),
    encrypted,
  };
}

/** The stack's file and what stands there. @throws PropiqError where there is none */
export async function stackFile(stack: string): Promise<{ path: string; text: string }> {
  const path = await fileOf(stack);
  const text = await readFile(path, "utf8").catch((error: unknown) => noStack(stack, error));
  return { path, text };
}

/** The path of the stack's file. @throws PropiqError where the name cannot be a stack's */
export async function fileOf(stack: string): Promise<string> {
  if (isLocalStack(stack)) {
    await syncLocalConfig(stack);
    return localConfigFile(stack);
  }
  if (!/^[\w.-]{1,100}$/.test(stack)) return await noStack(stack);
  return join(PROJECT_ROOT, `Pulumi.${stack}.yaml`);
}

async function noStack(stack: string, cause?: unknown): Promise<never> {
  const names = (await readdir(PROJECT_ROOT)).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  throw new PropiqError(`There is no stack ${JSON.stringify(stack)}: it has no Pulumi.<name>.yaml here.`, {
    code: "STACK_NOT_FOUND",
    next: advice(`Stacks here: ${names.toSorted().join(", ")}`),
    cause,
  });
}

export function configIn(text: string, path: string): Record<string, unknown> {
  try {
    // Scalars as they are written, as Pulumi takes them; what is nested has types.
    const written = (readYamlAsWritten(text) as { config?: unknown } | null)?.config ?? {};
    const typed = (readYaml(text) as { config?: unknown } | null)?.config ?? {};
    return { ...objectsOf(typed), ...scalarsOf(written) };
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new PropiqError(`${relative(PROJECT_ROOT, path)} cannot be read: it is not YAML.`, {
      code: "CONFIG_UNREADABLE",
      next: advice(`Fix the file: ${error.message}.`),
      cause: error,
    });
  }
}

const entriesOf = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null ? Object.entries(value) : [];
const objectsOf = (config: unknown) =>
  Object.fromEntries(entriesOf(config).filter(([, value]) => typeof value === "object"));
const scalarsOf = (config: unknown) =>
  Object.fromEntries(entriesOf(config).filter(([, value]) => typeof value === "string"));

const isSecret = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "secure" in value;

/** Stands for a URL that only the stack's passphrase opens. */
const SEALED_URL = "rediss://sealed.invalid:6380/0";

type Values = Readonly<Record<string, unknown>>;

export function ownIn(config: Values): Values {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(NAMESPACE))
      .map(([key, value]) => [key.slice(NAMESPACE.length), value]),
  );
}

/** As Pulumi hands them to the program. */
export function textsOf(own: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(own).flatMap(([key, value]): [string, string][] => {
      if (isSecret(value)) return key === "url" ? [[key, SEALED_URL]] : [];
      return [[key, typeof value === "string" ? value : JSON.stringify(value)]];
    }),
  );
}

export function contextOf(own: Values, config: Values, stack: string): Context {
  const otherKeys = Object.keys(config).filter((key) => !key.startsWith(NAMESPACE));
  return { stack, isSecret: (key) => isSecret(own[key]), otherKeys };
}

function settingsIn(texts: Readonly<Record<string, string>>, context: Context, file: string): Settings {
  try {
    return parseSettings(texts, context);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new PropiqError(error.message, {
      code: "CONFIG_INVALID",
      next: advice(`The config is in ${file}.`),
      cause: error,
    });
  }
}

function providerIn(config: Readonly<Record<string, unknown>>): StackConfig["provider"] {
  const text = (key: string) => {
    const value = config[`azure-native:${key}`];
    return typeof value === "string" && value !== "" ? { [key]: value } : {};
  };
  return { ...text("subscriptionId"), ...text("metadataHost"), ...text("environment") };
}
