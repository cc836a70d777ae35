/** One emulated vault: its secrets and keys with their versions, who may use them, and what a reference comes to. */
import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { isReference, parseReference, type Resolution } from "./key-vault-reference.ts";

export interface Version {
  /** 32 hexadecimal digits. */
  id: string;
  value: string;
  contentType?: string;
  tags: Record<string, string>;
  enabled: boolean;
  /** Seconds since 1970. */
  created: number;
}

export interface Secret {
  name: string;
  /** Newest last. */
  versions: Version[];
}

/** One version of a key. What it is made of never leaves the vault. */
export interface VaultKey {
  /** 32 hexadecimal digits. */
  id: string;
  publicKey: KeyObject;
  privateKey: KeyObject;
}

export class Vault {
  readonly name: string;
  readonly resourceGroup: string;
  readonly location: string;
  /** `https://host/` */
  readonly uri: string;
  /** Object ids that may read secrets. */
  readonly readers = new Set<string>();
  /** Object ids that may encrypt and decrypt with keys. */
  readonly keyUsers = new Set<string>();
  readonly #keys = new Map<string, VaultKey[]>();
  readonly #secrets = new Map<string, Secret>();
  /** Deleted ones keep their names until they are purged: soft delete is on in every vault since 2025. */
  readonly #deleted = new Map<string, Secret>();

  constructor(about: Pick<Vault, "name" | "resourceGroup" | "location" | "uri">) {
    this.name = about.name;
    this.resourceGroup = about.resourceGroup;
    this.location = about.location;
    this.uri = about.uri;
  }

  get host(): string {
    return new URL(this.uri).host;
  }

  secrets(): Secret[] {
    return [...this.#secrets.values()];
  }

  /** Names know no letter case. */
  secret(name: string): Secret | undefined {
    return this.#secrets.get(name.toLowerCase());
  }

  deleted(name: string): Secret | undefined {
    return this.#deleted.get(name.toLowerCase());
  }

  /** A new version of a secret, which need not be there before. */
  put(name: string, version: Pick<Version, "value"> & Partial<Version>): Secret {
    const secret = this.secret(name) ?? { name, versions: [] };
    secret.versions.push({
      id: randomBytes(16).toString("hex"),
      tags: {},
      enabled: true,
      created: Math.floor(Date.now() / 1000),
      ...version,
    });
    this.#secrets.set(name.toLowerCase(), secret);
    return secret;
  }

  delete(name: string): Secret | undefined {
    return move(this.#secrets, this.#deleted, name);
  }

  recover(name: string): Secret | undefined {
    return move(this.#deleted, this.#secrets, name);
  }

  purge(name: string): boolean {
    return this.#deleted.delete(name.toLowerCase());
  }

  /** As \`az keyvault key create\` and \`key rotate\` do: a new RSA key, or a new version of one. @returns its version */
  makeKey(name: string): string {
    const id = randomBytes(16).toString("hex");
    const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
    this.#keys.set(name.toLowerCase(), [...(this.#keys.get(name.toLowerCase()) ?? []), { id, ...pair }]);
    return id;
  }

  /** @param version the newest where absent */
  key(name: string, version?: string): VaultKey | undefined {
    const versions = this.#keys.get(name.toLowerCase()) ?? [];
    return version === undefined ? versions.at(-1) : versions.find(({ id }) => id === version);
  }
}

function move(from: Map<string, Secret>, to: Map<string, Secret>, name: string): Secret | undefined {
  const key = name.toLowerCase();
  const secret = from.get(key);
  if (secret === undefined) return undefined;
  from.delete(key);
  to.set(key, secret);
  return secret;
}

/** The newest version of a secret. */
export function newest({ name, versions }: Secret): Version {
  const version = versions.at(-1);
  if (version === undefined) throw new Error(`the secret ${name} has no version`);
  return version;
}

/**
 * What App Service makes of a reference, with the identity of a site. The words of `details` are those that the portal
 * shows (Microsoft's page on references, "Troubleshooting", and public terminals); for a secret that is not there none
 * was found.
 */
export function resolve(
  vaults: readonly Vault[],
  reference: string,
  principal: string | undefined,
): Resolution {
  const parsed = isReference(reference) ? parseReference(reference) : undefined;
  if (parsed === undefined) return { reference, status: "InvalidSyntax", details: failed("of its syntax") };
  const { vault: at, secret: secretName, version: secretVersion } = parsed;
  const vault = vaults.find(
    (one) => one.host === at.toLowerCase() || one.name.toLowerCase() === at.toLowerCase(),
  );
  const about = {
    reference,
    vaultName: vault?.name ?? at.split(".")[0] ?? at,
    secretName,
    ...(secretVersion === undefined ? {} : { secretVersion }),
  };
  const refused = (status: Resolution["status"], why: string) => ({ ...about, status, details: failed(why) });
  if (principal === undefined) return refused("MSINotEnabled", "site Managed Identity not enabled.");
  if (vault === undefined) return refused("VaultNotFound", "the vault was not found.");
  if (!vault.readers.has(principal)) {
    return refused("AccessToKeyVaultDenied", "site was denied access to Key Vault reference's vault.");
  }
  const secret = vault.secret(secretName);
  if (secret === undefined) return refused("SecretNotFound", "secret was not found.");
  const version =
    secretVersion === undefined ? newest(secret) : secret.versions.find(({ id }) => id === secretVersion);
  if (version === undefined) return refused("SecretVersionNotFound", "secret version was not found.");
  // ResolveStatus has no word for a secret that is disabled.
  if (!version.enabled) return refused("OtherReasons", "the secret is disabled.");
  return { ...about, status: "Resolved", activeVersion: version.id, value: version.value };
}

const failed = (why: string) => `Key Vault reference was not able to be resolved because ${why}`;
