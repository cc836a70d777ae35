/**
 * References from settings to Key Vault, as App Service reads them:
 * https://learn.microsoft.com/en-us/azure/app-service/app-service-key-vault-references
 */
import type { ResolveStatus } from "@azure/arm-appservice";

export interface ReferencedSecret {
  /** Name of the vault, or the host of its address. */
  vault: string;
  secret: string;
  /** Absent: the newest. */
  version?: string;
}

/** What `configreferences` reports about one setting. */
export interface Resolution {
  reference: string;
  status: ResolveStatus;
  details?: string;
  vaultName?: string;
  secretName?: string;
  secretVersion?: string;
  activeVersion?: string;
  /** The secret itself, for the app; never reported. */
  value?: string;
}

const FORM = /^@Microsoft\.KeyVault\((.*)\)$/;

/** Whether a setting is a reference, well-formed or not. */
export const isReference = (value: string): boolean => FORM.test(value);

/**
 * `SecretUri=https://vault/secrets/name[/version]` or `VaultName=…;SecretName=…[;SecretVersion=…]`.
 * @returns undefined where the syntax is neither
 */
export function parseReference(value: string): ReferencedSecret | undefined {
  const inner = FORM.exec(value)?.[1];
  if (inner === undefined) return undefined;
  const parts = new Map(
    inner.split(";").map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()];
    }),
  );
  const uri = parts.get("secreturi");
  if (uri !== undefined) return ofUri(uri);
  const [vault, secret, version] = ["vaultname", "secretname", "secretversion"].map((key) => parts.get(key));
  if (!vault || !secret) return undefined;
  return { vault, secret, ...(version ? { version } : {}) };
}

function ofUri(uri: string): ReferencedSecret | undefined {
  if (!URL.canParse(uri)) return undefined;
  const { protocol, host, pathname } = new URL(uri);
  const [collection, secret, version] = pathname.split("/").filter((segment) => segment !== "");
  if (protocol !== "https:" || collection !== "secrets" || secret === undefined) return undefined;
  return { vault: host, secret, ...(version === undefined ? {} : { version }) };
}
