/**
 * Which hosts may get tokens. The config of a stack comes with a pull request, so it alone must not decide where the
 * credentials of a pipeline go: a host that is not Microsoft's must also stand in the environment.
 */
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";

/** Resource Manager of the public, the Chinese and the US government's cloud. */
const KNOWN: ReadonlySet<string> = new Set([
  "management.azure.com",
  "management.chinacloudapi.cn",
  "management.usgovcloudapi.net",
]);

/** Keys of azure-native's config that say where a credential goes, and the variables that must name the same host. */
export const CREDENTIAL_HOSTS = {
  "azure-native:metadataHost": ["ARM_METADATA_HOSTNAME"],
  // Gets the pipeline's own token, which any sign-in of the job is made of.
  "azure-native:oidcRequestUrl": ["ACTIONS_ID_TOKEN_REQUEST_URL", "ARM_OIDC_REQUEST_URL"],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type CredentialHostKey = keyof typeof CREDENTIAL_HOSTS;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a host of a config may get credentials. */
export function isTrustedHost(
  host: string,
  env: Environment,
  key: CredentialHostKey = "azure-native:metadataHost",
): boolean {
  const named: readonly string[] = CREDENTIAL_HOSTS[key];
  return KNOWN.has(hostOf(host)) || named.some((variable) => sameHost(host, env[variable]));
}

/** For a host that only the config names. */
export function hostNotTrusted(host: string, key: CredentialHostKey): PropiqError {
  return new PropiqError(
    `${key} is ${host}, which is not a cloud of Microsoft. Credentials are not sent there.`,
    {
      code: "HOST_NOT_TRUSTED",
      next: advice(
        `If this host is your own, set the same name in the environment: ${CREDENTIAL_HOSTS[key][0]}=${host}. Otherwise remove the key from the config of the stack, and find out who added it.`,
      ),
    },
  );
}

/** The hosts of a config that alone would get credentials, by key. A secret value is not a host that anyone can review. */
export function untrustedHosts(
  config: Readonly<Record<string, unknown>>,
  env: Environment,
): CredentialHostKey[] {
  return (Object.keys(CREDENTIAL_HOSTS) as CredentialHostKey[]).filter((key) =>
    // Pulumi also reads the older form of a key.
    [key, key.replace(":", ":config:")].some((form) => {
      const host = config[form];
      return host !== undefined && (typeof host !== "string" || !isTrustedHost(host, env, key));
    }),
  );
}

/** The base URL of a metadata host. @throws PropiqError where it is not https */
export function metadataBase(host: string): string {
  const base = host.includes("://") ? host : `https://${host}`;
  const url = URL.parse(base);
  if (url === null || url.protocol !== "https:" || url.username !== "" || url.password !== "")
    throw new PropiqError("The metadata host of the Azure cloud must be a host name, or a URL with https.", {
      code: "CONFIG_INVALID",
      next: advice("Correct ARM_METADATA_HOSTNAME, or azure-native:metadataHost in the config of the stack."),
    });
  return url.origin;
}

/**
 * Checks what the metadata names: the host itself, or hosts under its domain.
 * @throws PropiqError where a token or a secret would go elsewhere
 */
export function requireUnder(base: string, urls: readonly string[]): void {
  const metadata = new URL(base).hostname;
  const domain = KNOWN.has(metadata) ? undefined : parentOf(metadata);
  for (const text of urls) {
    const url = URL.parse(text);
    const host = url?.hostname ?? "";
    const isUnder =
      host === metadata || MICROSOFT.has(host) || (domain !== undefined && host.endsWith(`.${domain}`));
    if (url?.protocol === "https:" && isUnder) continue;
    throw new PropiqError(`${metadata} names ${host || "an unknown host"} for sign-in or Resource Manager.`, {
      code: "HOST_NOT_TRUSTED",
      next: advice(
        "Credentials are sent only to https hosts under the domain of the metadata host, or to Microsoft. Check ARM_METADATA_HOSTNAME.",
      ),
    });
  }
}

/** The sign-in and Resource Manager of Microsoft's clouds. */
const MICROSOFT: ReadonlySet<string> = new Set([
  "login.microsoftonline.com",
  "login.chinacloudapi.cn",
  "login.microsoftonline.us",
  ...KNOWN,
]);

/** `local.azurestack.external` of `management.local.azurestack.external`; nothing for a name of two labels or an address. */
function parentOf(host: string): string | undefined {
  const labels = host.split(".");
  return labels.length > 2 && !/^[\d.]+$|:/.test(host) ? labels.slice(1).join(".") : undefined;
}

function sameHost(host: string, other: string | undefined): boolean {
  return other !== undefined && originOf(host) === originOf(other);
}

/**
 * The host of a plain name, or of a URL with https. Of other spellings, such as a backslash or letters that become ASCII,
 * the provider's own parser may make another host than this one.
 */
function hostOf(text: string): string {
  const plain = /^(?:https:\/\/)?([a-z\d.-]+)(?::443)?(?:[/?]|$)/i.exec(text);
  return plain?.[1]?.toLowerCase() ?? "";
}

/** With scheme and port: the same name without TLS is another host. */
function originOf(text: string): string {
  return URL.parse(text.includes("://") ? text : `https://${text}`)?.origin ?? text;
}
