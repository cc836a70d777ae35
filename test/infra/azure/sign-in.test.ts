import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { azureCloud } from "../../../infra/azure/cloud.ts";
import { azureCredential, signInKind } from "../../../infra/azure/credential.ts";
import { subscriptionOf } from "../../../infra/azure/subscription.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-azure-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("the kind of sign-in", () => {
  const all = {
    ARM_USE_DEFAULT_AZURE_CREDENTIAL: "true",
    ARM_CLIENT_CERTIFICATE_PATH: "/c.pem",
    ARM_CLIENT_SECRET: "s",
    ARM_USE_OIDC: "true",
    ARM_USE_MSI: "true",
  };
  it("is the first that is configured, in azure-native's order", () => {
    const kinds: string[] = [];
    const left: NodeJS.ProcessEnv = { ...all };
    for (const name of Object.keys(all)) {
      kinds.push(signInKind(left));
      delete left[name];
    }
    expect([...kinds, signInKind(left)]).toEqual([
      "default",
      "certificate",
      "secret",
      "oidc",
      "managed-identity",
      "az",
    ]);
  });

  it("takes only the word true for a switch, as azure-native does", () => {
    expect(signInKind({ ARM_USE_OIDC: "1", ARM_USE_MSI: "false" })).toBe("az");
  });

  it.each([
    ["a client secret", { ARM_CLIENT_SECRET: "s3cret" }, /ARM_TENANT_ID and ARM_CLIENT_ID not set/],
    ["a token", { ARM_USE_OIDC: "true", ARM_TENANT_ID: "t" }, /ARM_CLIENT_ID not set/],
    [
      "no token",
      { ARM_USE_OIDC: "true", ARM_TENANT_ID: "t", ARM_CLIENT_ID: "c" },
      /no token to sign in with/,
    ],
    [
      "a PFX file",
      { ARM_CLIENT_CERTIFICATE_PATH: "/c.pfx", ARM_TENANT_ID: "t", ARM_CLIENT_ID: "c" },
      /only PEM is read/,
    ],
  ])("with %s says what is missing, and repeats no secret", async (_, env, words) => {
    const failing = azureCredential(env, await azureCloud({}));
    await expect(failing).rejects.toThrow(words);
    await expect(failing).rejects.not.toThrow("s3cret");
  });
});

describe("the cloud", () => {
  it("is the public one unless named, by its names in azure-native", async () => {
    expect((await azureCloud({})).resourceManager).toBe("https://management.azure.com");
    expect((await azureCloud({ ARM_ENVIRONMENT: "usGovernment" })).keyVaultDns).toBe(
      "vault.usgovcloudapi.net",
    );
    expect((await azureCloud({ AZURE_ENVIRONMENT: "AzureChinaCloud" })).name).toBe("AzureChinaCloud");
    expect((await azureCloud({ ARM_ENVIRONMENT: "china" }, { environment: "public" })).name).toBe(
      "AzureCloud",
    );
  });

  it("is refused where the name is unknown, or the metadata host does not answer", async () => {
    await expect(azureCloud({ ARM_ENVIRONMENT: "mars" })).rejects.toThrow(/No Azure cloud is named mars/);
    await expect(azureCloud({ ARM_METADATA_HOSTNAME: "127.0.0.1:1" })).rejects.toThrow(
      /does not say which Azure cloud/,
    );
  });
});

describe("the subscription", () => {
  const noAz = () => ({ AZURE_CONFIG_DIR: folder, PATH: folder });

  it("is the given one, then the environment's", async () => {
    expect(await subscriptionOf("given", { ...noAz(), ARM_SUBSCRIPTION_ID: "env" })).toBe("given");
    expect(await subscriptionOf(undefined, { ...noAz(), ARM_SUBSCRIPTION_ID: "env" })).toBe("env");
  });

  it("is else the one that az has chosen, read from its file with its byte order mark", async () => {
    const subscriptions = [
      { id: "one", isDefault: false },
      { id: "two", isDefault: true },
    ];
    await writeFile(join(folder, "azureProfile.json"), `\uFEFF${JSON.stringify({ subscriptions })}`);
    expect(await subscriptionOf(undefined, noAz())).toBe("two");
  });

  it.skipIf(process.platform === "win32")("is else what az says", async () => {
    await writeFile(
      join(folder, "az"),
      '#!/bin/sh\n[ "$*" = "account show --query id --output tsv" ] && echo three\n',
    );
    await chmod(join(folder, "az"), 0o755);
    expect(
      await subscriptionOf(undefined, { AZURE_CONFIG_DIR: folder, PATH: `${folder}:/bin:/usr/bin` }),
    ).toBe("three");
  });

  it("is unknown where nothing names it", async () => {
    await writeFile(join(folder, "azureProfile.json"), "not json");
    expect(await subscriptionOf(undefined, noAz())).toBeUndefined();
  });
});
