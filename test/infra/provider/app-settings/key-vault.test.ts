// @module-tag pipeline
import { describe, expect, it as plainIt } from "vitest";
import { secretName } from "../../../../infra/provider/app-settings/key-vault.ts";
import { APP, foreignOf, itWith, PASSWORD, putsIn, TYPE, type Wired } from "./wired.ts";

const it = itWith({ apps: [{ name: APP, identity: true }], keyVaults: [{ name: "propiq-vault" }] });
const given = { keyVault: "propiq-vault" };
const secretIn = ({ azure, site }: Wired, key: string) =>
  azure.vault("propiq-vault").secret(secretName(key, site().id, APP));
const allowed = ({ azure, site }: Wired) => azure.vault("propiq-vault").readers.add(site().principal ?? "");

describe.concurrent("secrets in a Key Vault", () => {
  it("exist in the vault, while the app gets references and works with them", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    allowed(wired);
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0), given));
    const held = site().settings();
    for (const key of ["REDIS_URL", "REDIS_PASSWORD"]) {
      expect(held[key]).toMatch(/^@Microsoft\.KeyVault\(SecretUri=https:\/\/[^)]+\/[0-9a-f]{32}\)$/);
    }
    expect(foreignOf(held)).toEqual(first);
    expect(JSON.stringify(held)).not.toContain(PASSWORD);
    expect(JSON.stringify(held)).not.toContain(encodeURIComponent(PASSWORD));
    expect(state.values["outcome"]).toBe("seen");
    // The state speaks of values, so that nothing differs for the references.
    const read = await provider.read(TYPE, id, state);
    expect(read.inputs.values).toEqual(inputs(settings(0), given));
    await provider.update(TYPE, id, state, inputs(settings(0), { ...given, drainSeconds: 1 }));
    expect(putsIn(azure)).toBe(1);
    await provider.delete(TYPE, id, state);
    expect(site().settings()).toEqual(first);
    const left = azure.vault("propiq-vault").secrets();
    expect(left.map(({ versions }) => versions.at(-1)?.enabled)).toEqual([false, false]);
  });

  it("are new versions for another cache, and the app takes them at once", async ({ wired }) => {
    const { provider, inputs, settings } = wired;
    allowed(wired);
    const { id, state } = await provider.create(TYPE, inputs(settings(0), given));
    const moved = await provider.update(TYPE, id, state, inputs(settings(1), given));
    expect(moved.values["outcome"]).toBe("seen");
    expect(secretIn(wired, "REDIS_URL")?.versions).toHaveLength(2);
  });

  it("are not written again where a killed update has already written them", async ({ wired }) => {
    const { azure, provider, inputs, settings, another } = wired;
    allowed(wired);
    await provider.create(TYPE, inputs(settings(0), given));
    const next = await another();
    await next.create(TYPE, inputs(settings(0), given));
    await next.stop();
    expect(putsIn(azure)).toBe(1);
    expect(secretIn(wired, "REDIS_URL")?.versions).toHaveLength(1);
  });

  it.for(["edited", "gone with all the others"] as const)(
    "whose references are %s are written again after a refresh, and disabled in the end",
    async (how, { wired }) => {
      const { azure, provider, inputs, settings, site } = wired;
      allowed(wired);
      const first = site().settings();
      const { id, state } = await provider.create(TYPE, inputs(settings(0), given));
      const ours = site().settings();
      site().setSettings(how === "edited" ? { ...ours, REDIS_URL: "redis://elsewhere:6379" } : first);
      const wanted = inputs(settings(0), { ...given, drainSeconds: 1 });
      await expect(provider.update(TYPE, id, state, wanted)).rejects.toThrow("Nothing was written");
      const read = await provider.read(TYPE, id, state);
      expect(read.inputs.values).not.toEqual(inputs(settings(0), given));
      const updated = await provider.update(TYPE, id, read.state, wanted);
      expect(site().settings()).toEqual(ours);
      await provider.delete(TYPE, id, updated);
      expect(site().settings()).toEqual(first);
      const left = azure.vault("propiq-vault").secrets();
      expect(left.map(({ versions }) => versions.at(-1)?.enabled)).toEqual([false, false]);
    },
  );

  it("are disabled also where a refresh found the app without them", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    allowed(wired);
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0), given));
    site().setSettings({ ...site().settings(), REDIS_URL: "redis://elsewhere:6379" });
    const { state: refreshed } = await provider.read(TYPE, id, state);
    await provider.delete(TYPE, id, refreshed);
    expect(site().settings()).toEqual(first);
    const left = azure.vault("propiq-vault").secrets();
    expect(left.map(({ versions }) => versions.at(-1)?.enabled)).toEqual([false, false]);
  });

  it("are disabled in a vault that the app no longer references", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    allowed(wired);
    const { id, state } = await provider.create(TYPE, inputs(settings(0), given));
    await provider.update(TYPE, id, state, inputs(settings(0)));
    expect(site().settings()).toMatchObject(settings(0));
    const left = azure.vault("propiq-vault").secrets();
    expect(left.map(({ versions }) => versions.at(-1)?.enabled)).toEqual([false, false]);
  });

  it("that the app may not read make the update restore the previous settings, with the reason and the next step", async ({
    wired,
  }) => {
    const { provider, inputs, settings, site } = wired;
    const first = site().settings();
    await expect(provider.create(TYPE, inputs(settings(0), given))).rejects.toThrow(
      /AccessToKeyVaultDenied[\s\S]*has its previous settings again[\s\S]*Key Vault Secrets User/,
    );
    expect(site().settings()).toEqual(first);
  });

  it("stop the update before it writes anything where the vault does not exist or the app has no identity", async ({
    wired,
  }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const first = site().settings();
    await expect(provider.create(TYPE, inputs(settings(0), { keyVault: "no-vault" }))).rejects.toThrow(
      /No Key Vault no-vault exists[\s\S]*az keyvault create/,
    );
    site().principal = undefined;
    await expect(provider.create(TYPE, inputs(settings(0), given))).rejects.toThrow(
      /MSINotEnabled[\s\S]*az webapp identity assign --name luntra-outreach-app --resource-group propiq-rg/,
    );
    expect(site().settings()).toEqual(first);
    expect(azure.vault("propiq-vault").secrets()).toEqual([]);
  });
});

describe("the name of a secret", () => {
  const site = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites";

  plainIt("is another one for a slot than for an app that is called alike", () => {
    const ofSlot = secretName("REDIS_URL", `${site}/shop/slots/staging`, "shop-staging");
    const ofApp = secretName("REDIS_URL", `${site}/shop-staging`, "shop-staging");
    expect(ofSlot).toMatch(/^propiq-cache-shop-staging-redis-url-[0-9a-f]{8}$/);
    expect(ofApp).not.toBe(ofSlot);
  });

  plainIt("is one that Key Vault takes, and still one for each key, however long the app's", () => {
    const label = "a".repeat(121);
    const names = ["REDIS_URL", "REDIS_PASSWORD"].map((key) => secretName(key, site, label));
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^[0-9a-zA-Z-]{1,127}$/);
  });
});
