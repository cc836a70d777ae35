/** Which Azure it is: the public one, a national one by name, or any other by its metadata host. */
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { hostNotTrusted, isTrustedHost, metadataBase, requireUnder } from "./cloud-host.ts";

export interface AzureCloud {
  /** As `az cloud list` names it. */
  name: string;
  /** Base URL of Azure Resource Manager, without a slash at its end. */
  resourceManager: string;
  /** Base URL of the sign-in service. */
  authorityHost: string;
  /** What tokens for Resource Manager are asked for. */
  audience: string;
  /** Domain of the vaults, without a dot in front. */
  keyVaultDns: string;
  /** Base URL of the portal, without a slash at its end. */
  portal: string;
}

const PUBLIC: AzureCloud = {
  name: "AzureCloud",
  resourceManager: "https://management.azure.com",
  authorityHost: "https://login.microsoftonline.com",
  audience: "https://management.azure.com",
  keyVaultDns: "vault.azure.net",
  portal: "https://portal.azure.com",
};
const CHINA: AzureCloud = {
  name: "AzureChinaCloud",
  resourceManager: "https://management.chinacloudapi.cn",
  authorityHost: "https://login.chinacloudapi.cn",
  audience: "https://management.core.chinacloudapi.cn",
  keyVaultDns: "vault.azure.cn",
  portal: "https://portal.azure.cn",
};
const US_GOVERNMENT: AzureCloud = {
  name: "AzureUSGovernment",
  resourceManager: "https://management.usgovcloudapi.net",
  authorityHost: "https://login.microsoftonline.us",
  audience: "https://management.core.usgovcloudapi.net",
  keyVaultDns: "vault.usgovcloudapi.net",
  portal: "https://portal.azure.us",
};

/** The names that azure-native takes (pulumi-azure-native, provider/pkg/azure/cloud/cloud.go). */
const BY_NAME: Readonly<Record<string, AzureCloud>> = {
  public: PUBLIC,
  azurecloud: PUBLIC,
  china: CHINA,
  azurechinacloud: CHINA,
  usgov: US_GOVERNMENT,
  usgovernment: US_GOVERNMENT,
  usgovernmentl4: US_GOVERNMENT,
  azureusgovernment: US_GOVERNMENT,
  azureusgovernmentcloud: US_GOVERNMENT,
};

export interface GivenCloud {
  /** Host, or host:port, that answers `/metadata/endpoints`; wins over `environment`. */
  metadataHost?: string | undefined;
  /** `public`, `china` or `usgovernment`. */
  environment?: string | undefined;
  /** Ends the question to a metadata host earlier than its own patience. */
  signal?: AbortSignal | undefined;
}

const METADATA_MS = 30_000;

/**
 * The cloud to talk to: what is given, else ARM_METADATA_HOSTNAME, ARM_ENVIRONMENT or AZURE_ENVIRONMENT, else the
 * public one.
 * @throws PropiqError for an unknown name, for a metadata host that does not answer, and for one of a config that the
 * environment does not name too; the signal's reason
 */
export async function azureCloud(env: NodeJS.ProcessEnv, given: GivenCloud = {}): Promise<AzureCloud> {
  if (given.metadataHost && !isTrustedHost(given.metadataHost, env))
    throw hostNotTrusted(given.metadataHost, "azure-native:metadataHost");
  const host = given.metadataHost || env["ARM_METADATA_HOSTNAME"];
  if (host) return await fromMetadata(host, given.signal);
  const name = given.environment || env["ARM_ENVIRONMENT"] || env["AZURE_ENVIRONMENT"] || "public";
  const cloud = BY_NAME[name.toLowerCase()];
  if (cloud === undefined) {
    throw new PropiqError(`No Azure cloud is named ${name}.`, {
      code: "CONFIG_INVALID",
      next: advice("Set ARM_ENVIRONMENT to public, china or usgovernment, or leave it out."),
    });
  }
  return cloud;
}

interface Metadata {
  name?: string;
  portal?: string;
  resourceManager?: string;
  authentication?: { loginEndpoint?: string; audiences?: string[] };
  suffixes?: { keyVaultDns?: string };
}

async function fromMetadata(host: string, signal?: AbortSignal): Promise<AzureCloud> {
  const base = metadataBase(host);
  const found = await metadataOf(base, signal);
  const { name, portal, resourceManager, authentication, suffixes } = found;
  const audience = authentication?.audiences?.[0];
  if (!resourceManager || !authentication?.loginEndpoint || !audience) throw noMetadata(base);
  requireUnder(base, [resourceManager, authentication.loginEndpoint]);
  return {
    name: name ?? "custom",
    resourceManager: resourceManager.replace(/\/+$/, ""),
    authorityHost: authentication.loginEndpoint.replace(/\/+$/, ""),
    audience: audience.replace(/\/+$/, ""),
    keyVaultDns: (suffixes?.keyVaultDns ?? PUBLIC.keyVaultDns).replace(/^\./, ""),
    portal: (portal ?? PUBLIC.portal).replace(/\/+$/, ""),
  };
}

async function metadataOf(base: string, signal?: AbortSignal): Promise<Metadata> {
  const patience = AbortSignal.timeout(METADATA_MS);
  try {
    const reply = await fetch(`${base}/metadata/endpoints?api-version=2022-09-01`, {
      // Another host would answer in its place.
      redirect: "error",
      signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
    });
    if (!reply.ok) throw noMetadata(base);
    const body: unknown = await reply.json();
    // Older hosts answer with a list of clouds.
    return ((Array.isArray(body) ? body[0] : body) ?? {}) as Metadata;
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof PropiqError ? error : noMetadata(base, error);
  }
}

function noMetadata(base: string, cause?: unknown): PropiqError {
  return new PropiqError(`${base} does not say which Azure cloud it belongs to.`, {
    code: "CONFIG_INVALID",
    next: advice(
      "Set ARM_METADATA_HOSTNAME (or metadataHost) to a host that answers /metadata/endpoints, or leave it out for the public cloud.",
    ),
    cause,
  });
}
