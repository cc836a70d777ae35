/**
 * What a vault does with its keys: `POST /keys/{name}/{version}/encrypt` and `decrypt`, API 2025-07-01, with real RSA
 * (learn.microsoft.com/rest/api/keyvault/keys/encrypt/encrypt).
 */
import { constants, privateDecrypt, publicEncrypt } from "node:crypto";
import type { ArmReply } from "../message.ts";
import { VaultRefusal } from "./key-vault-refusal.ts";
import type { Vault } from "./key-vault-vault.ts";

export interface KeyCall {
  operation: string | undefined;
  name: string;
  version: string | undefined;
  body: { alg?: unknown; value?: unknown };
}

/** Name of the hash, by algorithm. */
const OAEP: Readonly<Record<string, string>> = { "RSA-OAEP": "sha1", "RSA-OAEP-256": "sha256" };

/** @throws Error for what this emulation does not know */
export function encryptOrDecrypt(vault: Vault, { operation, name, version, body }: KeyCall): ArmReply {
  if (operation !== "encrypt" && operation !== "decrypt")
    throw new Error(`the vault does not know ${operation} with a key`);
  const key = vault.key(name, version);
  if (key === undefined) throw notFound(name);
  const oaepHash = OAEP[String(body.alg)];
  if (oaepHash === undefined) throw badParameter("Property 'alg' has invalid value.");
  const value = typeof body.value === "string" ? Buffer.from(body.value, "base64url") : undefined;
  if (value === undefined) throw badParameter("Property 'value' is required.");
  const way = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash };
  const result =
    operation === "encrypt"
      ? publicEncrypt({ key: key.publicKey, ...way }, value)
      : decrypted(() => privateDecrypt({ key: key.privateKey, ...way }, value));
  const kid = `${vault.uri}keys/${name}/${key.id}`;
  return { status: 200, body: { kid, value: result.toString("base64url") } };
}

/** What another key, or another version of it, has encrypted: pulumi/pulumi#22338. */
function decrypted(decrypt: () => Buffer): Buffer {
  try {
    return decrypt();
  } catch {
    throw badParameter("Unable to decrypt specified value with this key.");
  }
}

const badParameter = (message: string) => new VaultRefusal(400, "BadParameter", message);
/** In the words that are known of secrets. */
const notFound = (name: string) =>
  new VaultRefusal(
    404,
    "KeyNotFound",
    `A key with (name/id) ${name} was not found in this key vault. If you recently deleted this key you may be able to ` +
      "recover it using the correct recovery command. For help resolving this issue, please see " +
      "https://go.microsoft.com/fwlink/?linkid=2125182",
  );
