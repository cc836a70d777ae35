/** The emulated Key Vault, and what App Service makes of references to it. */
import { WebSiteManagementClient } from "@azure/arm-appservice";
import { describe, expect, it } from "vitest";
import type { Azure } from "../../../../rehearsal/azure/emulator.ts";
import { FIRST_SITE } from "../../../../rehearsal/azure/services/web.ts";
import { clientOptions, credentialOf } from "../../../support/azure-client.ts";
import { azureForEachTest } from "../../../support/azure-for-each-test.ts";

const GROUP = "propiq-rg";
const VAULT = "propiq-vault";

let azure: Azure;
azureForEachTest(
  (started) => {
    azure = started;
  },
  { keyVaults: [{ name: VAULT }], apps: [{ name: FIRST_SITE, identity: true }] },
);

/** The parts of replies that tests look at. */
interface Body {
  value: unknown;
  recoveryId: string;
  properties: { secretUri: string; secretUriWithVersion: string };
  error: { code: string; message: string; innererror: { code: string } };
  cache: { fingerprint: string };
}
interface Reply {
  status: number;
  headers: Headers;
  body: Body;
}
async function ask(url: string, scope: string | undefined, method = "GET", body?: unknown): Promise<Reply> {
  const token = scope === undefined ? undefined : (await credentialOf(azure).getToken(scope)).token;
  const reply = await fetch(url, {
    method,
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, body: text === "" ? undefined : JSON.parse(text) };
}
const vaultId = () =>
  `/subscriptions/${azure.subscriptionId}/resourceGroups/${GROUP}/providers/Microsoft.KeyVault/vaults/${VAULT}`;
const arm = (path: string, method?: string, body?: unknown) =>
  ask(`${azure.origin}${path}?api-version=2024-11-01`, `${azure.origin}/.default`, method, body);
const vault = (path: string, method?: string, body?: unknown) =>
  ask(`${azure.vault(VAULT).uri}${path}?api-version=7.4`, "https://vault.azure.net/.default", method, body);
const putSecret = (name: string, value: string, attributes = {}) =>
  arm(`${vaultId()}/secrets/${name}`, "PUT", { properties: { value, attributes } });
/** The object id of the identity that signs in, from the vault's own refusal. */
async function caller(): Promise<string> {
  const { body } = await vault("secrets/any");
  return /oid=([^']+)'/.exec(body.error.message)?.[1] ?? "";
}

describe("through Resource Manager", () => {
  it("shows the vault, its host and its readers", async () => {
    azure.vault(VAULT).readers.add("someone");

    const { body } = await arm(vaultId());

    expect(body).toMatchObject({
      name: VAULT,
      properties: {
        vaultUri: azure.vault(VAULT).uri,
        accessPolicies: [{ objectId: "someone", permissions: { secrets: ["get"] } }],
      },
    });
    const listed = await arm(`/subscriptions/${azure.subscriptionId}/providers/Microsoft.KeyVault/vaults`);
    expect(listed.body.value).toEqual([body]);
  });

  it("writes a secret in versions, and never returns its value", async () => {
    const first = await putSecret("cache-url", "secret one");
    const second = await putSecret("cache-url", "secret two");
    const read = await arm(`${vaultId()}/secrets/CACHE-URL`);

    expect([first.status, second.status, read.status]).toEqual([201, 200, 200]);
    expect(read.body).toEqual(second.body);
    expect(first.body.properties.secretUri).toBe(`${azure.vault(VAULT).uri}secrets/cache-url`);
    expect(second.body.properties.secretUriWithVersion).not.toBe(first.body.properties.secretUriWithVersion);
    expect(JSON.stringify([first.body, second.body, read.body])).not.toContain("secret one");
  });

  it.each([
    ["a vault that is not there", "/vaults/no-vault", 404, "Microsoft.KeyVault/vaults/no-vault"],
    [
      "a secret that is not there",
      `/vaults/${VAULT}/secrets/none`,
      404,
      `Microsoft.KeyVault/vaults/${VAULT}/secrets/none`,
    ],
  ])("says that %s does not exist", async (_, path, status, resource) => {
    const reply = await arm(vaultId().replace(/\/vaults\/.*/, path));

    expect(reply.status).toBe(status);
    expect(reply.body.error).toMatchObject({
      code: "ResourceNotFound",
      message: expect.stringContaining(`'${resource}'`),
    });
  });

  it("refuses invalid bodies, and names that a secret may not have", async () => {
    const odd = await arm(`${vaultId()}/secrets/good`, "PUT", { properties: { value: 5 } });
    expect([odd.status, odd.body.error.code]).toEqual([400, "InvalidRequestBody"]);
    expect((await putSecret("under_score", "x")).status).toBe(400);
    expect(azure.vault(VAULT).secrets()).toEqual([]);
  });
});

describe("at the vault's own host", () => {
  it("says where to get a token to a caller without one", async () => {
    const { status, headers } = await ask(`${azure.vault(VAULT).uri}secrets/a?api-version=7.4`, undefined);

    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe(
      `Bearer authorization="${azure.origin}/${azure.tenantId}", resource="https://vault.azure.net"`,
    );
  });

  it("refuses tokens for Resource Manager, and callers that it does not know", async () => {
    const url = `${azure.vault(VAULT).uri}secrets/a?api-version=7.4`;
    const foreign = await ask(url, `${azure.origin}/.default`);
    expect(foreign.status).toBe(401);

    const unknown = await vault("secrets/a");
    expect(unknown.status).toBe(403);
    expect(unknown.body.error).toMatchObject({ code: "Forbidden", innererror: { code: "AccessDenied" } });
  });

  it("keeps the name of a deleted secret until it is recovered or purged", async () => {
    azure.vault(VAULT).readers.add(await caller());
    await vault("secrets/a", "PUT", { value: "one" });
    expect((await vault("secrets/a")).body.value).toBe("one");

    expect((await vault("secrets/a", "DELETE")).body.recoveryId).toContain("/deletedsecrets/a");
    expect((await vault("secrets/a")).body.error.code).toBe("SecretNotFound");
    const again = await vault("secrets/a", "PUT", { value: "two" });
    expect([again.status, again.body.error.innererror.code]).toEqual([409, "ObjectIsDeletedButRecoverable"]);
    expect((await putSecret("a", "two")).status).toBe(409);

    expect((await vault("deletedsecrets/a/recover", "POST")).status).toBe(200);
    expect((await vault("secrets/a")).body.value).toBe("one");

    await vault("secrets/a", "DELETE");
    expect((await vault("deletedsecrets/a", "DELETE")).status).toBe(204);
    expect((await vault("secrets/a", "PUT", { value: "two" })).status).toBe(200);
  });
});

describe("references from settings", () => {
  const client = () =>
    new WebSiteManagementClient(credentialOf(azure), azure.subscriptionId, clientOptions(azure));
  async function statuses(): Promise<Record<string, unknown>> {
    const found = await Array.fromAsync(
      client().webApps.listAppSettingsKeyVaultReferences(GROUP, FIRST_SITE),
    );
    return Object.fromEntries(found.map(({ name, status }) => [name, status]));
  }
  const refer = (inner: string) => `@Microsoft.KeyVault(${inner})`;
  const admit = () => {
    const { principal = "" } = azure.site();
    azure.vault(VAULT).readers.add(principal);
  };

  it("have the status that App Service reports for each", async () => {
    admit();
    const uri = (await putSecret("good", "the secret")).body.properties.secretUri;
    await putSecret("off", "the secret", { enabled: false });
    azure.site().setSettings({
      PLAIN: "as it is",
      BY_URI: refer(`SecretUri=${uri}/`),
      BY_NAME: refer(`VaultName=${VAULT};SecretName=good`),
      NO_SECRET: refer(`VaultName=${VAULT};SecretName=none`),
      NO_VERSION: refer(`VaultName=${VAULT};SecretName=good;SecretVersion=${"0".repeat(32)}`),
      NO_VAULT: refer("SecretUri=https://other.vault.azure.net/secrets/good"),
      SWITCHED_OFF: refer(`VaultName=${VAULT};SecretName=off`),
      NO_SYNTAX: refer("good"),
    });

    expect(await statuses()).toEqual({
      BY_URI: "Resolved",
      BY_NAME: "Resolved",
      NO_SECRET: "SecretNotFound",
      NO_VERSION: "SecretVersionNotFound",
      NO_VAULT: "VaultNotFound",
      SWITCHED_OFF: "OtherReasons",
      NO_SYNTAX: "InvalidSyntax",
    });
  });

  it("need an identity with access to the vault, which takes effect from the next restart", async () => {
    await putSecret("good", "the secret");
    const at = azure.site();
    const { principal } = at;
    at.setSettings({ A: refer(`VaultName=${VAULT};SecretName=good`) });
    expect(await statuses()).toEqual({ A: "AccessToKeyVaultDenied" });

    at.principal = undefined;
    at.restart();
    expect(await statuses()).toEqual({ A: "MSINotEnabled" });

    at.principal = principal;
    admit();
    expect(await statuses()).toEqual({ A: "MSINotEnabled" });
    at.restart();
    expect(await statuses()).toEqual({ A: "Resolved" });
  });

  it("reach the app as the secret, or as the text that they are", async () => {
    admit();
    await putSecret("fingerprint", "from the vault");
    const seen = async () => {
      await azure.site().app.settled();
      return (await ask(azure.site().app.healthUrl, undefined)).body.cache.fingerprint;
    };
    const settings = (secret: string) => ({
      REDIS_ENABLED: "false",
      PROPIQ_CACHE_FINGERPRINT: refer(`VaultName=${VAULT};SecretName=${secret}`),
    });

    azure.site().setSettings(settings("fingerprint"));
    expect(await seen()).toBe("from the vault");

    azure.site().setSettings(settings("none"));
    expect(await seen()).toBe(refer(`VaultName=${VAULT};SecretName=none`));
  });
});
