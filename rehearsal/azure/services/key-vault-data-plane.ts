/**
 * A vault's own host: reading, writing and deleting secrets, API 7.4 (Azure/azure-rest-api-specs,
 * specification/keyvault/data-plane/Microsoft.KeyVault/stable/7.4/secrets.json), and using keys.
 */

import { ArmRefusal, type ArmReply } from "../message.ts";
import type { Answer, RawRequest } from "../server.ts";
import { encryptOrDecrypt } from "./key-vault-keys.ts";
import { VaultRefusal } from "./key-vault-refusal.ts";
import { newest, type Secret, type Vault, type Version } from "./key-vault-vault.ts";

const API_VERSIONS = ["7.4", "7.5", "7.6", "2025-07-01"];

export interface Callers {
  /** Where tokens are got, e.g. `https://host/tenant`. */
  authority: string;
  /** Of tokens for vaults. */
  audience: string;
  /** @returns the caller's object id. @throws ArmRefusal */
  authenticate(authorization: string): string;
}

/** @throws Error for what this emulation does not know */
export function answer(vault: Vault, callers: Callers, request: RawRequest): Answer {
  const { method, url, headers, text } = request;
  const { authorization } = headers;
  if (authorization === undefined) return challenge(callers);
  try {
    const caller = callers.authenticate(authorization);
    const apiVersion = url.searchParams.get("api-version") ?? "";
    if (!API_VERSIONS.includes(apiVersion)) throw badApiVersion(apiVersion);
    const [collection, name = "", version, ...rest] = url.pathname
      .split("/")
      .filter((segment) => segment !== "");
    if (collection === "keys" && method === "POST") {
      // Without a version: the newest key.
      const [operation, of] = rest[0] === undefined ? [version] : [rest[0], version];
      if (!vault.keyUsers.has(caller)) throw denied(vault, caller, `keys ${operation}`);
      return encryptOrDecrypt(vault, { operation, name, version: of, body: JSON.parse(text || "{}") });
    }
    const act = ACTS[`${method} ${collection}`];
    if (act === undefined || name === "")
      throw new Error(`the vault does not know ${method} ${url.pathname}`);
    if (!vault.readers.has(caller)) throw denied(vault, caller, `secrets ${act.permission}`);
    return act.run({ vault, name, version, body: text === "" ? {} : JSON.parse(text) });
  } catch (error) {
    if (error instanceof VaultRefusal || error instanceof ArmRefusal) return error.reply;
    throw error;
  }
}

interface Asked {
  vault: Vault;
  name: string;
  version: string | undefined;
  body: { value?: unknown; contentType?: string; tags?: Record<string, string> };
}

const ACTS: Readonly<Record<string, { permission: string; run: (asked: Asked) => ArmReply }>> = {
  "GET secrets": {
    permission: "get",
    run({ vault, name, version }) {
      const secret = found(vault, name);
      const wanted =
        version === undefined ? newest(secret) : secret.versions.find(({ id }) => id === version);
      if (wanted === undefined) throw notFound(name);
      if (!wanted.enabled) throw disabled();
      return { status: 200, body: bundle(vault, secret, wanted) };
    },
  },
  "PUT secrets": {
    permission: "set",
    run({ vault, name, body }) {
      const { value, contentType, tags } = body;
      if (typeof value !== "string") throw badParameter("Property value is missing.");
      if (!/^[0-9a-zA-Z-]{1,127}$/.test(name))
        throw badParameter(`The request URI contains an invalid name: ${name}`);
      if (vault.deleted(name) !== undefined) throw stillDeleted(name);
      const secret = vault.put(name, { value, ...(contentType && { contentType }), ...(tags && { tags }) });
      return { status: 200, body: bundle(vault, secret, newest(secret)) };
    },
  },
  "DELETE secrets": {
    permission: "delete",
    run({ vault, name }) {
      const secret = vault.delete(name);
      if (secret === undefined) throw notFound(name);
      return { status: 200, body: deletedBundle(vault, secret) };
    },
  },
  "GET deletedsecrets": {
    permission: "get",
    run({ vault, name }) {
      const secret = vault.deleted(name);
      if (secret === undefined) throw notFound(name);
      return { status: 200, body: deletedBundle(vault, secret) };
    },
  },
  "POST deletedsecrets": {
    permission: "recover",
    run({ vault, name, version }) {
      if (version !== "recover") throw new Error(`the vault does not know POST deletedsecrets/…/${version}`);
      const secret = vault.recover(name);
      if (secret === undefined) throw notFound(name);
      return { status: 200, body: bundle(vault, secret, newest(secret)) };
    },
  },
  "DELETE deletedsecrets": {
    permission: "purge",
    run({ vault, name }) {
      if (!vault.purge(name)) throw notFound(name);
      return { status: 204 };
    },
  },
};

function found(vault: Vault, name: string): Secret {
  const secret = vault.secret(name);
  if (secret === undefined) throw notFound(name);
  return secret;
}

function bundle(
  { uri }: Vault,
  { name }: Secret,
  { id, value, contentType, tags, enabled, created }: Version,
) {
  const attributes = { enabled, created, updated: created, recoveryLevel: "Recoverable+Purgeable" };
  return {
    value,
    ...(contentType === undefined ? {} : { contentType }),
    id: `${uri}secrets/${name}/${id}`,
    attributes,
    tags,
  };
}

function deletedBundle(vault: Vault, secret: Secret) {
  const { value: _, ...rest } = bundle(vault, secret, newest(secret));
  return { ...rest, recoveryId: `${vault.uri}deletedsecrets/${secret.name}` };
}

/** learn.microsoft.com/azure/key-vault/general/authentication-requests-and-responses. */
function challenge({ authority, audience }: Callers): ArmReply {
  const { reply } = new VaultRefusal(
    401,
    "Unauthorized",
    "AKV10000: Request is missing a Bearer or PoP token.",
  );
  const scheme = `Bearer authorization="${authority}", resource="${audience}"`;
  return { ...reply, headers: { "WWW-Authenticate": scheme } };
}

const notFound = (name: string) =>
  new VaultRefusal(
    404,
    "SecretNotFound",
    `A secret with (name/id) ${name} was not found in this key vault. If you recently deleted this secret you may be ` +
      "able to recover it using the correct recovery command. For help resolving this issue, please see " +
      "https://go.microsoft.com/fwlink/?linkid=2125182",
  );
/** microsoft/AzureKeyVaultExplorer#42; the code: external-secrets/external-secrets#3519. */
export const stillDeleted = (name: string) =>
  new VaultRefusal(
    409,
    "Conflict",
    `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the ` +
      "secret can only be recovered or purged.",
    "ObjectIsDeletedButRecoverable",
  );
/** turbot/steampipe-plugin-azure#127; for keys: pulumi/actions#1045. */
const denied = ({ name, location }: Vault, caller: string, permission: string) =>
  new VaultRefusal(
    403,
    "Forbidden",
    `The user, group or application 'oid=${caller}' does not have ${permission} permission on key vault ` +
      `'${name};location=${location}'. For help resolving this issue, please see ` +
      "https://go.microsoft.com/fwlink/?linkid=2125287",
    "AccessDenied",
  );
/** Azure/azure-sdk-for-js#24756. */
const disabled = () =>
  new VaultRefusal(403, "Forbidden", "Operation get is not allowed on a disabled secret.", "SecretDisabled");
const badParameter = (message: string) => new VaultRefusal(400, "BadParameter", message);
const badApiVersion = (version: string) =>
  new VaultRefusal(400, "BadParameter", `The specified version (${version}) is not recognized.`);
