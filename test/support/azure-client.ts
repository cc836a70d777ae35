/** Signs in to the emulator and asks it, for the emulator's own tests. They trust it first (`for-each-test.ts`). */
import { ClientSecretCredential } from "@azure/identity";
import type { Azure } from "../../rehearsal/azure/emulator.ts";

export function credentialOf(azure: Azure): ClientSecretCredential {
  const { ARM_CLIENT_ID: id = "", ARM_CLIENT_SECRET: secret = "" } = azure.env;
  const identity = { authorityHost: azure.origin, disableInstanceDiscovery: true };
  return new ClientSecretCredential(azure.tenantId, id, secret, identity);
}

/** For Microsoft's management clients: where the emulated cloud is, and no long waits between attempts. */
export const clientOptions = (azure: Azure) => ({
  endpoint: azure.origin,
  // By either name: clients of different years ask for the one or the other.
  credentialScopes: [`${azure.origin}/.default`],
  credentials: { scopes: [`${azure.origin}/.default`] },
  retryOptions: { maxRetries: 1, retryDelayInMs: 10 },
});

export interface Answer {
  status: number;
  headers: Headers;
  body: { error?: { code: string; message: string }; [field: string]: unknown };
}

/** @param path below the subscription, with its api-version */
export async function ask(azure: Azure, method: string, path: string, body?: unknown): Promise<Answer> {
  const { token } = await credentialOf(azure).getToken(`${azure.origin}/.default`);
  const response = await fetch(`${azure.origin}/subscriptions/${azure.subscriptionId}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : JSON.parse(text) };
}

/** Follows an operation to its end by its Azure-AsyncOperation. @returns the last answer */
export async function settle(azure: Azure, { headers }: Answer): Promise<Answer["body"]> {
  const url = new URL(headers.get("azure-asyncoperation") ?? "");
  for (;;) {
    const path = `${url.pathname.split("/").slice(3).join("/")}${url.search}`;
    const { body } = await ask(azure, "GET", `/${path}`);
    if (["Succeeded", "Failed"].includes(String(body["status"]))) return body;
  }
}
