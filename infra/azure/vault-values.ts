/** The values behind an app's references to Key Vault, for anyone who may read them there. */
import { isReference } from "../../check/app/compare.ts";
import { API_VERSIONS } from "./api-versions.ts";
import type { SettingMap } from "./app-service.ts";
import type { Arm } from "./arm.ts";

const VAULTS_API = API_VERSIONS.vaults;
/** Of the vaults themselves. */
const SECRETS_API = "7.4";
const ANSWER_MS = 10_000;

export interface Resolved {
  /** With the values in the place of the references that could be read. */
  settings: SettingMap;
  /** Settings whose value could not be read, and why, in a few words. */
  unread: { name: string; why: string }[];
}

/** @param names of the settings that are wanted @throws ArmError where not even the vaults may be listed */
export async function valuesOf(
  arm: Arm,
  settings: SettingMap,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Resolved> {
  const wanted = names.filter((name) => isReference(settings[name]));
  const resolved: Resolved = { settings: { ...settings }, unread: [] };
  if (wanted.length === 0) return resolved;
  const vaults = await vaultsOf(arm, signal);
  for (const name of wanted) {
    const uri = secretUri(settings[name] ?? "", vaults);
    const read =
      uri === undefined ? { why: "it names no vault of this subscription" } : await valueAt(arm, uri, signal);
    if ("value" in read) resolved.settings = { ...resolved.settings, [name]: read.value };
    else resolved.unread.push({ name, why: read.why });
  }
  return resolved;
}

/** Name and address of each; a token is sent to no other address, whatever a setting says. */
async function vaultsOf(arm: Arm, signal: AbortSignal): Promise<Map<string, string>> {
  const path = `/subscriptions/${arm.subscriptionId}/providers/Microsoft.KeyVault/vaults`;
  const { body } = await arm.request({ method: "GET", path, apiVersion: VAULTS_API, signal });
  const list =
    (body as { value?: { name?: string; properties?: { vaultUri?: string } }[] } | undefined)?.value ?? [];
  return new Map(
    list.flatMap(({ name, properties }) =>
      name === undefined || properties?.vaultUri === undefined
        ? []
        : [[name.toLowerCase(), withSlash(properties.vaultUri)] as const],
    ),
  );
}

/** Both forms that App Service takes: `SecretUri=…`, and `VaultName=…;SecretName=…;SecretVersion=…`. */
export function secretUri(reference: string, vaults: ReadonlyMap<string, string>): string | undefined {
  const inside = /^@Microsoft\.KeyVault\((.*)\)$/is.exec(reference.trim())?.[1] ?? "";
  const parts = new Map(
    inside.split(";").map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim()] as const;
    }),
  );
  const uri = parts.get("secreturi");
  if (uri !== undefined) {
    const known = [...vaults.values()].some((vault) => uri.toLowerCase().startsWith(vault.toLowerCase()));
    return known ? uri.replace(/\/$/, "") : undefined;
  }
  const [vault, secret] = [vaults.get(parts.get("vaultname")?.toLowerCase() ?? ""), parts.get("secretname")];
  if (vault === undefined || secret === undefined || !/^[\w-]+$/.test(secret)) return undefined;
  const version = parts.get("secretversion");
  return `${vault}secrets/${secret}${version === undefined ? "" : `/${version}`}`;
}

async function valueAt(
  arm: Arm,
  uri: string,
  signal: AbortSignal,
): Promise<{ value: string } | { why: string }> {
  const token = await arm.credential.getToken(`https://${arm.cloud.keyVaultDns}/.default`, {
    abortSignal: signal,
  });
  if (token === null) return { why: "no sign-in for Key Vault" };
  try {
    const reply = await fetch(`${uri}?api-version=${SECRETS_API}`, {
      headers: { authorization: `Bearer ${token.token}` },
      redirect: "error",
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const body = (await reply.json().catch(() => undefined)) as { value?: unknown } | undefined;
    if (reply.ok && typeof body?.value === "string") return { value: body.value };
    return { why: `HTTP ${reply.status}` };
  } catch (error) {
    signal.throwIfAborted();
    return { why: error instanceof Error ? error.name : "no answer" };
  }
}

function withSlash(uri: string): string {
  return uri.endsWith("/") ? uri : `${uri}/`;
}
