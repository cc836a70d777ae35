/**
 * Who the provider is, and in which cloud: a service principal with a secret or by OIDC, else the user who is signed
 * in to the
 * Azure CLI, as provider/pkg/provider/auth_azidentity.go reads the stack's `azure-native:` config and then the
 * environment. Other ways to sign in are refused.
 */
import { exec } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

export interface Account {
  subscriptionId: string;
  clientId: string;
  tenantId: string;
  /** `https://…`, without a slash at its end. */
  resourceManager: string;
  /** A token for the resource manager; kept until shortly before it expires. */
  token(): Promise<string>;
}

/** @param config the provider's own inputs and config, by the names of ProviderArgs */
export async function openAccount(
  config: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv,
): Promise<Account> {
  const given = (name: string, variable: string): string => config[name] ?? env[variable] ?? "";
  const cloud = await readCloud(given("metadataHost", "ARM_METADATA_HOSTNAME"));
  const resourceManager = cloud.resourceManager.replace(/\/$/, "");
  const clientId = given("clientId", "ARM_CLIENT_ID");
  const tenantId = given("tenantId", "ARM_TENANT_ID");
  const subscriptionId = given("subscriptionId", "ARM_SUBSCRIPTION_ID");
  const secret = given("clientSecret", "ARM_CLIENT_SECRET");
  const oidc = given("useOidc", "ARM_USE_OIDC") === "true";
  for (const [name, variable] of REFUSED)
    if (given(name, variable)) throw new Error(`The stand-in for azure-native knows no ${variable}.`);
  if (secret === "" && !oidc) {
    return { ...(await cliAccount(cloud, { tenantId, subscriptionId }, env)), clientId: "", resourceManager };
  }
  const words = secret === "" ? "with OIDC" : "as a Service Principal using a Client Secret";
  for (const [what, value] of Object.entries({
    "Subscription ID": subscriptionId,
    "Tenant ID": tenantId,
    "Client ID": clientId,
  })) {
    if (value === "") throw new Error(`A ${what} must be configured when authenticating ${words}.`);
  }
  const proof = async (): Promise<Record<string, string>> =>
    secret === "" ? await assertion(given) : { client_secret: secret };
  return {
    subscriptionId,
    clientId,
    tenantId,
    resourceManager,
    token: kept(async () => fetchToken(cloud, tenantId, { client_id: clientId, ...(await proof()) })),
  };
}

interface Token {
  token: string;
  lifetimeSeconds: number;
}

function kept(ask: () => Promise<Token>): () => Promise<string> {
  let last: { token: string; until: number } | undefined;
  return async () => {
    if (last !== undefined && Date.now() < last.until) return last.token;
    const { token, lifetimeSeconds } = await ask();
    // azcore renews a token in its last five minutes; a short one of a test in the last tenth of its life.
    const margin = Math.min(300, lifetimeSeconds / 10);
    last = { token, until: Date.now() + (lifetimeSeconds - margin) * 1000 };
    return token;
  };
}

/** Ways that the real one takes before the Azure CLI. */
const REFUSED = [
  ["useDefaultAzureCredential", "ARM_USE_DEFAULT_AZURE_CREDENTIAL"],
  ["clientCertificatePath", "ARM_CLIENT_CERTIFICATE_PATH"],
  ["useMsi", "ARM_USE_MSI"],
] as const;

/**
 * By the commands of azidentity (azure_cli_credential.go) and `az account show`, which names the subscription where
 * nothing else does. The real one also compares the CLI's cloud with the configured one; the emulated cloud is none that
 * it knows by name.
 */
async function cliAccount(
  { audience }: Cloud,
  chosen: { tenantId: string; subscriptionId: string },
  env: NodeJS.ProcessEnv,
): Promise<Pick<Account, "subscriptionId" | "tenantId" | "token">> {
  const az = async (words: string) => {
    const { stdout } = await promisify(exec)(`az ${words}`, { cwd: "/bin", env }).catch(
      ({ stderr }: { stderr?: string }) => {
        throw new Error(`AzureCLICredential: ${stderr ?? "Azure CLI not found on path"}`);
      },
    );
    return JSON.parse(stdout) as Record<string, string>;
  };
  const words = (name: string, value: string) => (value === "" ? "" : ` --${name} "${value}"`);
  const shown = await az(`account show -o json${words("subscription", chosen.subscriptionId)}`);
  return {
    subscriptionId: shown["id"] ?? "",
    tenantId: shown["tenantId"] ?? "",
    token: kept(async () => {
      const asked = `account get-access-token -o json --resource ${audience}`;
      const reply = await az(
        `${asked}${words("tenant", chosen.tenantId)}${words("subscription", chosen.subscriptionId)}`,
      );
      return {
        token: reply["accessToken"] ?? "",
        lifetimeSeconds: Number(reply["expires_on"]) - Date.now() / 1000,
      };
    }),
  };
}

interface Cloud {
  loginEndpoint: string;
  audience: string;
  resourceManager: string;
}

async function readCloud(metadataHost: string): Promise<Cloud> {
  if (metadataHost === "") throw new Error("The stand-in for azure-native never asks Azure itself.");
  const endpoint = metadataHost.includes("://") ? metadataHost : `https://${metadataHost}`;
  const words = `failed to get Azure environment metadata from ${endpoint}`;
  const response = await fetch(`${endpoint}/metadata/endpoints?api-version=2022-09-01`).catch(
    (error: Error) => {
      throw new Error(`${words}: ${causeOf(error)}`);
    },
  );
  if (!response.ok) throw new Error(`${words}: ${response.status}`);
  const { authentication, resourceManager } = (await response.json()) as {
    authentication: { loginEndpoint: string; audiences: string[] };
    resourceManager: string;
  };
  const [audience = ""] = authentication.audiences;
  return { loginEndpoint: authentication.loginEndpoint, audience, resourceManager };
}

async function assertion(given: (name: string, variable: string) => string): Promise<Record<string, string>> {
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: await federatedToken(given),
  };
}

async function federatedToken(given: (name: string, variable: string) => string): Promise<string> {
  const token = given("oidcToken", "ARM_OIDC_TOKEN");
  if (token !== "") return token;
  const file = given("oidcTokenFilePath", "ARM_OIDC_TOKEN_FILE_PATH");
  if (file !== "") return await readFile(file, "utf8");
  const url = given("oidcRequestUrl", "ACTIONS_ID_TOKEN_REQUEST_URL");
  const requestToken = given("oidcRequestToken", "ACTIONS_ID_TOKEN_REQUEST_TOKEN");
  if (url === "" || requestToken === "") {
    throw new Error(
      "A OIDC token or request URL and token must be configured when authenticating with OIDC.",
    );
  }
  const asked = new URL(url);
  asked.searchParams.set("audience", "api://AzureADTokenExchange");
  const response = await fetch(asked, { headers: { authorization: `Bearer ${requestToken}` } });
  if (!response.ok)
    throw new Error(`GitHub OIDC: ${response.status} with response: ${await response.text()}`);
  return ((await response.json()) as { value: string }).value;
}

async function fetchToken(
  { loginEndpoint, audience }: Cloud,
  tenantId: string,
  proof: Record<string, string>,
): Promise<Token> {
  const url = `${loginEndpoint.replace(/\/$/, "")}/${tenantId}/oauth2/v2.0/token`;
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    scope: `${audience}/.default`,
    ...proof,
  });
  const response = await fetch(url, { method: "POST", body: form });
  const answer = (await response.json()) as Record<string, unknown>;
  const { access_token: token, expires_in: lifetime } = answer;
  if (!response.ok || typeof token !== "string") {
    // The real one prints the whole answer as well, in a frame of its own.
    throw new Error(
      `ClientSecretCredential authentication failed. POST ${url}\nRESPONSE ${response.status}\n${JSON.stringify(answer)}`,
    );
  }
  return { token, lifetimeSeconds: Number(lifetime) };
}

/** What fetch hides: why no connection came about. */
export function causeOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}
