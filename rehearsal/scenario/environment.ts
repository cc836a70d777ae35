/** The environment of every command of a rehearsal: nothing of the user's accounts, all of the emulated ones. Pure. */
import { delimiter, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a program needs of the user's own environment. Everything else may hold a credential or change a meaning. */
const KEPT = /^(PATH|LANG|LANGUAGE|LC_\w+|TERM|TZ|USER|LOGNAME|SHELL|COLORTERM)$/;
/** What the team's own app does not get: settings of a cache, and accounts that only deployments use. */
const NOT_FOR_APPS = /^(REDIS_|CACHE_|PROPIQ_|PULUMI_|ARM_|UPSTASH_|PORT$|NODE_OPTIONS$|npm_)/;

export interface Surroundings {
  /** Of the user's shell. */
  env: Environment;
  /** The rehearsal's folder: home, temporary files and everything else is below it. */
  folder: string;
  /** Marks every process of this rehearsal. */
  marker: string;
  /** The folder of the Pulumi CLI. */
  cliFolder: string;
  /** Where our own programs write down what they refused to connect to. */
  attempts: string;
  /** The Node module that makes them refuse. */
  hook: string;
}

/** The variable by which the processes of a rehearsal are found. */
export const MARKER = "PROPIQ_REHEARSAL";

/** Of the rehearsal's own process, before any cloud exists. */
export function basicEnvironment({
  env,
  folder,
  marker,
  cliFolder,
  attempts,
  hook,
}: Surroundings): Record<string, string> {
  return {
    ...kept(env, (name) => KEPT.test(name)),
    PATH: [cliFolder, env["PATH"] ?? ""].join(delimiter),
    HOME: join(folder, "home"),
    TMPDIR: join(folder, "tmp"),
    [MARKER]: marker,
    PROPIQ_REHEARSAL_ATTEMPTS: attempts,
    NODE_OPTIONS: `--require "${hook.replace(/["\\]/g, "\\$&")}"`,
  };
}

export interface SignedIn {
  pulumiHome: string;
  passphrase: string;
  /** PEM file of the authority that signed every certificate here. */
  caFile: string;
  /** Of the emulators. */
  clouds: Environment;
  /** Refuses every host but the emulated ones. */
  proxy: string;
}

/** Of every command in the copy of the project. */
export function commandEnvironment(
  basic: Readonly<Record<string, string>>,
  { pulumiHome, passphrase, caFile, clouds, proxy }: SignedIn,
): Record<string, string> {
  const noProxy = "127.0.0.1,localhost";
  return {
    ...basic,
    ...kept(clouds, () => true),
    PULUMI_HOME: pulumiHome,
    PULUMI_CONFIG_PASSPHRASE: passphrase,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // For the real plugins, which are written in Go.
    SSL_CERT_FILE: caFile,
    HTTPS_PROXY: proxy,
    HTTP_PROXY: proxy,
    https_proxy: proxy,
    http_proxy: proxy,
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  };
}

/** Of the team's own app, in addition to its settings. */
export function appEnvironment(env: Environment, marker: string, caFile: string): Record<string, string> {
  return {
    ...kept(env, (name) => !NOT_FOR_APPS.test(name)),
    [MARKER]: marker,
    // The emulated caches are signed by an authority that no machine knows.
    SSL_CERT_FILE: caFile,
    NODE_EXTRA_CA_CERTS: caFile,
  };
}

function kept(env: Environment, isKept: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && isKept(name) ? [[name, value]] : [],
    ),
  );
}
