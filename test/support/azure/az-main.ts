/**
 * `az account get-access-token`, in the words in which Azure's Go SDK asks for it (azidentity 1.14,
 * azure_cli_credential.go), with a token of the emulated Microsoft Entra ID. What it does not know it refuses.
 */
import type { SignedInUser } from "./az.ts";

const ASKED = /^account get-access-token -o json --resource (\S+)(?: --tenant (\S+))?$/;

const user = JSON.parse(process.env["SIGNED_IN"] ?? "{}") as SignedInUser;
const words = process.argv.slice(2).join(" ");
const [, resource, tenant = user.tenant] = ASKED.exec(words) ?? [];
if (resource === undefined) fail(`az ${words} is not known here`);
else if (tenant !== user.tenant) fail(`AADSTS90002: Tenant '${tenant}' not found.`);
else await printToken(resource);

async function printToken(resource: string): Promise<void> {
  const { origin, id, secret, subscription } = user;
  const form = { grant_type: "client_credentials", client_id: id, client_secret: secret };
  const response = await fetch(`${origin}/${tenant}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({ ...form, scope: `${resource}/.default` }),
  });
  const answer = (await response.json()) as Partial<Record<string, string>>;
  const { access_token: accessToken, error_description: why = "no token" } = answer;
  if (accessToken === undefined) return fail(why);
  const seconds = Math.floor(Date.now() / 1000) + Number(answer["expires_in"]);
  const expiresOn = new Date(seconds * 1000).toISOString().replace("T", " ").replace("Z", "000");
  const token = { accessToken, expiresOn, expires_on: seconds, subscription, tenant, tokenType: "Bearer" };
  process.stdout.write(`${JSON.stringify(token, null, 2)}\n`);
}

function fail(message: string): void {
  process.stderr.write(`ERROR: ${message}\n`);
  process.exitCode = 1;
}
