/**
 * Signing in as azure-native does: the first kind that is configured counts, and nothing is tried after it, so that
 * both always act as the same identity (pulumi-azure-native, provider/pkg/provider/auth_azidentity.go).
 */

import { readFile } from "node:fs/promises";
import type { TokenCredential } from "@azure/identity";
import { advice } from "../../base/advice.ts";
import { program } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import type { AzureCloud } from "./cloud.ts";
import { identitySdk } from "./sdk.ts";

export type SignInKind = "default" | "certificate" | "secret" | "oidc" | "managed-identity" | "az";

/** Variables that choose a kind, first to last. */
const CHOICE: readonly (readonly [SignInKind, (env: NodeJS.ProcessEnv) => boolean])[] = [
  ["default", (env) => env["ARM_USE_DEFAULT_AZURE_CREDENTIAL"] === "true"],
  ["certificate", (env) => Boolean(env["ARM_CLIENT_CERTIFICATE_PATH"])],
  ["secret", (env) => Boolean(env["ARM_CLIENT_SECRET"])],
  ["oidc", (env) => env["ARM_USE_OIDC"] === "true"],
  ["managed-identity", (env) => env["ARM_USE_MSI"] === "true"],
];

/** How this environment signs in to Azure; `az` where nothing else is configured. */
export function signInKind(env: NodeJS.ProcessEnv): SignInKind {
  return CHOICE.find(([, chosen]) => chosen(env))?.[0] ?? "az";
}

/**
 * The credential of this environment. It asks for no token yet.
 * @throws PropiqError that names the variables that are missing
 */
export async function azureCredential(env: NodeJS.ProcessEnv, cloud: AzureCloud): Promise<TokenCredential> {
  const identity = identitySdk();
  const options = {
    authorityHost: cloud.authorityHost,
    disableInstanceDiscovery: env["ARM_DISABLE_INSTANCE_DISCOVERY"] === "true",
  };
  const tenantId = env["ARM_TENANT_ID"];
  const clientId = env["ARM_CLIENT_ID"];
  const kinds: Record<SignInKind, () => TokenCredential | Promise<TokenCredential>> = {
    default: () => new identity.DefaultAzureCredential({ ...options, ...(tenantId ? { tenantId } : {}) }),
    certificate: () => {
      const [tenant, client] = required(env, "ARM_TENANT_ID", "ARM_CLIENT_ID");
      const certificatePath = env["ARM_CLIENT_CERTIFICATE_PATH"] ?? "";
      const certificatePassword = env["ARM_CLIENT_CERTIFICATE_PASSWORD"];
      if (/\.(pfx|p12)$/i.test(certificatePath)) throw needsPem();
      return new identity.ClientCertificateCredential(
        tenant,
        client,
        { certificatePath, ...(certificatePassword ? { certificatePassword } : {}) },
        options,
      );
    },
    secret: () => {
      const [tenant, client, secret] = required(env, "ARM_TENANT_ID", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET");
      return new identity.ClientSecretCredential(tenant, client, secret, options);
    },
    oidc: () => {
      const [tenant, client] = required(env, "ARM_TENANT_ID", "ARM_CLIENT_ID");
      return new identity.ClientAssertionCredential(tenant, client, assertionOf(env), options);
    },
    "managed-identity": () =>
      clientId
        ? new identity.ManagedIdentityCredential({ clientId })
        : new identity.ManagedIdentityCredential(),
    az: () => {
      const subscription = env["ARM_SUBSCRIPTION_ID"];
      return new identity.AzureCliCredential({
        ...(tenantId ? { tenantId } : {}),
        ...(subscription ? { subscription } : {}),
      });
    },
  };
  return await kinds[signInKind(env)]();
}

function required<const Names extends readonly string[]>(
  env: NodeJS.ProcessEnv,
  ...names: Names
): { [K in keyof Names]: string } {
  const missing = names.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new PropiqError(`Cannot sign in to Azure: ${missing.join(" and ")} not set.`, {
      code: "SIGN_IN_FAILED",
      next: advice(
        `Set ${names.join(", ")} (and ARM_SUBSCRIPTION_ID), or sign in by hand.`,
        program("az", "login"),
      ),
    });
  }
  return names.map((name) => env[name] ?? "") as { [K in keyof Names]: string };
}

function needsPem(): PropiqError {
  return new PropiqError(
    "Cannot sign in to Azure: the certificate is a PFX file, and only PEM is read here.",
    {
      code: "SIGN_IN_FAILED",
      next: advice(
        "Convert it, and name the PEM file in ARM_CLIENT_CERTIFICATE_PATH.",
        program("openssl", "pkcs12", "-in", "FILE.pfx", "-out", "FILE.pem"),
      ),
    },
  );
}

/** Where the pipeline's own token comes from, asked anew for each sign-in so that a renewed one counts. */
function assertionOf(env: NodeJS.ProcessEnv): () => Promise<string> {
  const token = env["ARM_OIDC_TOKEN"];
  if (token) return async () => token;
  const path = env["ARM_OIDC_TOKEN_FILE_PATH"];
  if (path) return async () => (await readFile(path, "utf8")).trim();
  const url = env["ACTIONS_ID_TOKEN_REQUEST_URL"] || env["ARM_OIDC_REQUEST_URL"];
  const bearer = env["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] || env["ARM_OIDC_REQUEST_TOKEN"];
  if (url && bearer) {
    return () => pipelineToken(url, bearer, env["ARM_OIDC_AUDIENCE"] || "api://AzureADTokenExchange");
  }
  throw new PropiqError(
    "Cannot sign in to Azure: ARM_USE_OIDC is set, and there is no token to sign in with.",
    {
      code: "SIGN_IN_FAILED",
      next: advice(
        "On GitHub, give the job `permissions: id-token: write`. Elsewhere, set ARM_OIDC_TOKEN or ARM_OIDC_TOKEN_FILE_PATH.",
      ),
    },
  );
}

/** GitHub's exchange: https://docs.github.com/actions/reference/security/oidc */
async function pipelineToken(requestUrl: string, bearer: string, audience: string): Promise<string> {
  const url = new URL(requestUrl);
  url.searchParams.set("audience", audience);
  const reply = await fetch(url, {
    headers: { accept: "application/json", authorization: `Bearer ${bearer}` },
    signal: AbortSignal.timeout(30_000),
  });
  const body = (await reply.json().catch(() => ({}))) as { value?: unknown };
  if (!reply.ok || typeof body.value !== "string") {
    throw new PropiqError(`Cannot sign in to Azure: the pipeline's token service answered ${reply.status}.`, {
      code: "SIGN_IN_FAILED",
      next: advice(
        "Run the job again. If it fails again, check that it may ask for tokens (permissions: id-token: write).",
      ),
    });
  }
  return body.value;
}
