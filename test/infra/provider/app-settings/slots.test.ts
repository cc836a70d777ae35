// @module-tag pipeline
import { describe, expect } from "vitest";
import { openAppService } from "../../../../infra/azure/app-service.ts";
import { openArm } from "../../../../infra/azure/arm.ts";
import { ownedKeys } from "../../../../infra/provider/app-settings/merge.ts";
import { trustInThisProcess } from "../../../../rehearsal/azure/trust.ts";
import { APP, itWith, oursIn, TYPE, type Wired, warningsOf } from "./wired.ts";

const it = itWith({
  apps: [
    {
      name: APP,
      sticky: ["DATABASE_URL", "REDIS_DB"],
      slots: { staging: { NODE_ENV: "staging", REDIS_URL: "" } },
    },
  ],
});
const slotOf = ({ azure }: Wired) => azure.site(APP, "staging");

describe.concurrent("the settings of a slot", () => {
  it("are written to the slot, and production is left alone", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const [production, first] = [site().settings(), slotOf(wired).settings()];
    const { id, state } = await provider.create(TYPE, inputs(settings(0), { slot: "staging" }));
    expect(id).toMatch(/\/sites\/luntra-outreach-app\/slots\/staging$/);
    expect(oursIn(slotOf(wired).settings())).toEqual(settings(0));
    expect(site().settings()).toEqual(production);
    expect(azure.sticky(APP)).toEqual(["DATABASE_URL", "REDIS_DB"]);
    expect(warningsOf(provider).join("\n")).toMatch(/swap of slots moves the cache settings/);
    await provider.delete(TYPE, id, state);
    expect(slotOf(wired).settings()).toEqual(first);
  });

  it("remain with their slot where they are sticky; only the names that we added are removed again", async ({
    wired,
  }) => {
    const { azure, provider, inputs, settings } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0), { slot: "staging", sticky: true }));
    const names = azure.sticky(APP);
    expect(names.slice(0, 2)).toEqual(["DATABASE_URL", "REDIS_DB"]);
    expect(names.toSorted()).toEqual([...ownedKeys({}), "DATABASE_URL", "PROPIQ_CACHE_EARLIER"].toSorted());
    expect(warningsOf(provider).join("\n")).not.toContain("swap");
    expect((await provider.read(TYPE, id, state)).inputs.values["sticky"]).toBe(true);
    await provider.delete(TYPE, id, state);
    expect(azure.sticky(APP)).toEqual(["DATABASE_URL", "REDIS_DB"]);
  });

  it("show in a refresh where a user removed the sticky names, and the next update restores the names", async ({
    wired,
  }) => {
    const { azure, provider, inputs, settings } = wired;
    const given = inputs(settings(0), { slot: "staging", sticky: true });
    const { id, state } = await provider.create(TYPE, given);
    const distrust = trustInThisProcess(azure.authority);
    const arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
    const app = await openAppService(arm, { resourceGroup: "propiq-rg", app: APP });
    await app.putStickyNames({ appSettingNames: ["DATABASE_URL"] });
    distrust();
    const read = await provider.read(TYPE, id, state);
    expect(read.inputs.values["sticky"]).toBe(false);
    await provider.update(TYPE, id, read.state, given);
    expect(azure.sticky(APP)).toContain("REDIS_URL");
  });

  it("travel in a swap with what they replaced, and each place gets back what travelled to it", async ({
    wired,
  }) => {
    const { provider, inputs, settings, site } = wired;
    const [production, staging] = [site().settings(), slotOf(wired).settings()];
    const live = await provider.create(TYPE, inputs(settings(0)));
    const next = await provider.create(TYPE, inputs(settings(1), { slot: "staging" }));
    const [a, b] = [site().settings(), slotOf(wired).settings()];
    site().setSettings(b);
    slotOf(wired).setSettings(a);
    await provider.delete(TYPE, live.id, live.state);
    await provider.delete(TYPE, next.id, next.state);
    expect(site().settings()).toEqual(staging);
    expect(slotOf(wired).settings()).toEqual(production);
  });
});
