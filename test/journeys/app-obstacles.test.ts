// @module-tag pipeline
/** Apps that cannot be wired, and apps whose settings another writer edited: found before anything changes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, makeCloud } from "../support/cloud.ts";

const APP = "luntra-outreach-app";
let cloud: Cloud;
beforeAll(async () => {
  cloud = await makeCloud({
    azure: {
      apps: [{ name: APP }, { name: "luntra-api", identity: true }],
      keyVaults: [{ name: "propiq-vault" }],
    },
  });
  await cloud.configure({ drainSeconds: "0" });
});
afterAll(() => cloud?.stop());

describe("a preview", () => {
  it("fails for an app that does not exist, and names the apps that do", async () => {
    await cloud.configure({ "app.name": "luntra-outreach" });
    const preview = await cloud.pulumi("preview");
    expect(preview.code).not.toBe(0);
    expect(preview.all).toContain("No App Service luntra-outreach exists in resource group propiq-rg");
    expect(preview.all).toMatch(/It has: .*luntra-outreach-app/);
    expect(preview.all).toMatch(/It has: .*luntra-api/);
    await cloud.configure({ "app.name": APP });
  });
});

describe("a preview of a new cache", () => {
  it("shows how far it is from the app, and the command that chooses the nearest region", async () => {
    await cloud.configure({ "upstash.primaryRegion": "eu-west-1" });
    const preview = await cloud.pulumi("preview");
    expect(preview.code, preview.all).toBe(0);
    expect(preview.all).toMatch(/luntra-outreach-app is in .* and its cache in eu-west-1: .* about \d+ ms/);
    expect(preview.all).toContain(
      "./propiq-cache pulumi config set --path upstash.primaryRegion us-east-1 --stack prod",
    );
    await cloud.configure({ "upstash.primaryRegion": undefined });
  });
});

describe("an up with a Key Vault", () => {
  it("asks for vault, identity and access before it changes anything", async () => {
    const before = cloud.upstash.databases();
    const refused = async (words: RegExp) => {
      const up = await cloud.pulumi("up", "--yes", "--skip-preview");
      expect(up.code).not.toBe(0);
      expect(up.all).toMatch(words);
      expect(up.all).toContain("Nothing was changed.");
      expect(cloud.upstash.databases()).toEqual(before);
      const preflight = await cloud.run("preflight", "--stack", "prod", "--format", "json");
      const report = JSON.parse(preflight.stdout) as { verdict: string; findings: { id: string }[] };
      expect(report.verdict).toBe("not-ready");
      const vault = JSON.stringify(report.findings.find(({ id }) => id === "vault"));
      expect(vault.replaceAll("\\n", "\n")).toMatch(words);
    };
    await cloud.configure({ "app.keyVault": "propiq-vault" });
    await refused(/luntra-outreach-app has no managed identity[\s\S]*az webapp identity assign/);
    await cloud.configure({ "app.name": "luntra-api" });
    await refused(/may not read secrets of the Key Vault propiq-vault[\s\S]*az keyvault set-policy/);
    await cloud.configure({ "app.keyVault": "propiq-vautl" });
    await refused(/No Key Vault propiq-vautl exists[\s\S]*app\.keyVault/);
    await cloud.configure({ "app.name": APP });
    await cloud.configure({ "app.keyVault": undefined });
  });
});

describe("an up without other changes", () => {
  it("stops where another writer edited our keys, and names them", async () => {
    await cloud.up();
    const quiet = await cloud.pulumi("up", "--yes", "--skip-preview", "--expect-no-changes");
    expect(quiet.code, quiet.all).toBe(0);

    const held = cloud.azure.site(APP).settings();
    cloud.azure.site(APP).setSettings({ ...held, REDIS_HOST: "elsewhere.example", REDIS_PORT: "1" });
    const up = await cloud.pulumi("up", "--yes", "--skip-preview");
    expect(up.code).not.toBe(0);
    expect(up.all).toMatch(
      /Another writer edited the settings of luntra-outreach-app: .*REDIS_HOST, REDIS_PORT changed/,
    );
    expect(up.all).toContain("./propiq-cache repair --stack prod");
    expect(cloud.azure.site(APP).settings()["REDIS_HOST"]).toBe("elsewhere.example");
  });
});
