import { ClientAssertionCredential, ClientSecretCredential } from "@azure/identity";
import { expect, it } from "vitest";
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import { azureForEachTest } from "../../support/azure-for-each-test.ts";

let azure: Azure;
const { restart } = azureForEachTest((started) => {
  azure = started;
});

const signIn = () => ({
  authorityHost: azure.origin,
  disableInstanceDiscovery: true,
  retryOptions: { maxRetries: 0 },
});
const withSecret = (
  secret = azure.env["ARM_CLIENT_SECRET"] ?? "",
  clientId = azure.env["ARM_CLIENT_ID"] ?? "",
) => new ClientSecretCredential(azure.tenantId, clientId, secret, signIn());

async function audience(): Promise<string> {
  const metadata = await fetch(`${azure.origin}/metadata/endpoints?api-version=2022-09-01`);
  const { authentication } = (await metadata.json()) as { authentication: { audiences: [string] } };
  return authentication.audiences[0];
}
const group = (authorization?: string, query = "?api-version=2024-03-01") =>
  fetch(`${azure.origin}/subscriptions/${azure.subscriptionId}/RESOURCEGROUPS/PropIQ-rg${query}`, {
    headers: authorization === undefined ? {} : { authorization },
  });
const errorOf = async (response: Response) => {
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return [response.status, error.code, error.message];
};

it("signs in with a client secret, as its metadata say, and shows the group that exists from the start", async () => {
  const { token } = await withSecret().getToken(`${await audience()}/.default`);
  const response = await group(`Bearer ${token}`);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ name: "propiq-rg", location: "eastus" });
});

it("signs in with the federated token that a CI system hands out, and with no other", async () => {
  const { ACTIONS_ID_TOKEN_REQUEST_URL: url = "", ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer = "" } =
    azure.federatedEnv;
  expect(azure.federatedEnv).not.toHaveProperty("ARM_CLIENT_SECRET");
  const assertion = async () => {
    const response = await fetch(`${url}&audience=api://AzureADTokenExchange`, {
      headers: { authorization: `bearer ${bearer}` },
    });
    return ((await response.json()) as { value: string }).value;
  };
  const clientId = azure.env["ARM_CLIENT_ID"] ?? "";
  const credential = new ClientAssertionCredential(azure.tenantId, clientId, assertion, signIn());
  const { token } = await credential.getToken(`${azure.origin}/.default`);
  expect((await group(`Bearer ${token}`)).status).toBe(200);
  const forged = new ClientAssertionCredential(azure.tenantId, clientId, async () => "forged", signIn());
  await expect(forged.getToken(`${azure.origin}/.default`)).rejects.toThrow("AADSTS700213");
});

it.each([
  ["a wrong secret", () => withSecret("wrong"), "AADSTS7000215: Invalid client secret provided."],
  ["an unknown application", () => withSecret("x", "00000000-0000-0000-0000-00000000000a"), "AADSTS700016"],
])("refuses %s in the words of Entra ID", async (_, credential, words) => {
  await expect(credential().getToken(`${azure.origin}/.default`)).rejects.toThrow(words);
});

it("knows no other tenant", async () => {
  const url = `${azure.origin}/00000000-0000-0000-0000-00000000000b/oauth2/v2.0/token`;
  const response = await fetch(url, { method: "POST", body: new URLSearchParams({ client_id: "c" }) });
  expect(await response.json()).toMatchObject({ error: "invalid_request", error_codes: [90002] });
});

it("refuses to give tokens for what it does not know", async () => {
  await expect(withSecret().getToken("https://graph.microsoft.com/.default")).rejects.toThrow("AADSTS500011");
});

it("refuses requests without a token, and with one that is not its own, expired or for another service", async () => {
  expect(await errorOf(await group())).toMatchObject([401, "AuthenticationFailed", expect.anything()]);
  expect(await errorOf(await group("Bearer a.b.c"))).toMatchObject([
    401,
    "InvalidAuthenticationToken",
    expect.anything(),
  ]);
  const vault = await withSecret().getToken("https://vault.azure.net/.default");
  expect(await errorOf(await group(`Bearer ${vault.token}`))).toEqual([
    401,
    "InvalidAuthenticationTokenAudience",
    expect.stringContaining("wrong audience or resource 'https://vault.azure.net'"),
  ]);
  const { token } = await withSecret().getToken(`${azure.origin}/.default`);
  azure.expireTokens();
  expect(await errorOf(await group(`Bearer ${token}`))).toEqual([
    401,
    "ExpiredAuthenticationToken",
    expect.stringMatching(
      /^The access token expiry UTC time '\d+\/\d+\/\d+ \d+:\d+:\d+ [AP]M' is earlier than/,
    ),
  ]);
  const later = await withSecret().getToken(`${azure.origin}/.default`);
  expect((await group(`Bearer ${later.token}`)).status).toBe(200);
});

it("expires tokens after their lifetime", async () => {
  await restart({ tokenLifetimeSeconds: 1 });
  const { token } = await withSecret().getToken(`${azure.origin}/.default`);
  await expect.poll(async () => (await group(`Bearer ${token}`)).status).toBe(401);
});
