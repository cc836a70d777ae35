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

/** Whether a metadata host of a config may be asked. */
export function isTrustedHost(host: string, env: Readonly<Record<string, string | undefined>>): boolean {
  return KNOWN.has(hostOf(host)) || sameHost(host, env["ARM_METADATA_HOSTNAME"]);
}

/** @throws PropiqError for a host that only the config names */
export function requireTrustedHost(host: string, env: Readonly<Record<string, string | undefined>>): void {
  if (isTrustedHost(host, env)) return;
  throw new PropiqError(
    `azure-native:metadataHost is ${host}, which is not a cloud of Microsoft. Credentials are not sent there.`,
    {
      code: "HOST_NOT_TRUSTED",
      next: advice(
        `If this host is your own cloud, set the same name in the environment: ARM_METADATA_HOSTNAME=${host}. Otherwise remove the key from the config of the stack, and find out who added it.`,
      ),
    },
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
  return other !== undefined && hostWithPort(host) === hostWithPort(other);
}

function hostOf(text: string): string {
  return URL.parse(text.includes("://") ? text : `https://${text}`)?.hostname ?? "";
}

function hostWithPort(text: string): string {
  return URL.parse(text.includes("://") ? text : `https://${text}`)?.host ?? text;
}
