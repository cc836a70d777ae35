import { describe, expect } from "vitest";
import { EARLIER_KEY } from "../../../../infra/provider/app-settings/earlier.ts";
import { freePort } from "../../../../rehearsal/ports.ts";
import { APP, foreignOf, it, oursIn, PASSWORD, putsIn, TYPE, warningsOf } from "./wired.ts";

describe.concurrent("AppSettings", () => {
  it("adds ours, sees the app on them, moves on, and leaves the app as it was", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0)), ["settings"]);
    expect(id).toBe(
      `/subscriptions/${azure.subscriptionId}/resourceGroups/propiq-rg/providers/Microsoft.Web/sites/${APP}`,
    );
    expect(oursIn(site().settings())).toEqual(settings(0));
    expect(foreignOf(site().settings())).toEqual(first);
    expect(state.values["outcome"]).toBe("seen");
    expect(putsIn(azure)).toBe(1);

    const moved = await provider.update(TYPE, id, state, inputs(settings(1)), ["settings"]);
    expect(oursIn(site().settings())).toEqual(settings(1));
    expect(moved.values["outcome"]).toBe("seen");
    expect(putsIn(azure)).toBe(2);

    await provider.delete(TYPE, id, moved);
    expect(site().settings()).toEqual(first);
    expect(putsIn(azure)).toBe(3);
    expect(warningsOf(provider)).toEqual([]);
  });

  it("restarts nothing where all settings are correct", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    await provider.update(TYPE, id, state, inputs(settings(0), { drainSeconds: 1 }));
    expect(putsIn(azure)).toBe(1);
    expect(site().app.restarts()).toBe(1);
  });

  it("does not wait when the cache is only disabled, because the cache remains", async ({ wired }) => {
    const { provider, inputs, settings } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const from = provider.logged.length;
    await provider.update(TYPE, id, state, inputs(settings(0, false), { drainSeconds: 600 }));
    const shown = provider.logged.slice(from).map(({ message }) => message);
    expect(shown.join("\n")).not.toContain("the previous cache remains");
    // The last line remains on the screen.
    expect(shown.at(-1)).toContain("answers from its new settings");
  });

  it("reads back what it wrote, and keeps it secret even where the state does not mark it", async ({
    wired,
  }) => {
    const { provider, inputs, settings } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const read = await provider.read(TYPE, id, { values: state.values, secrets: new Set() });
    expect(read.id).toBe(id);
    expect(read.state.values).toEqual(state.values);
    expect(read.inputs.values).toEqual(inputs(settings(0)));
    expect([...state.secrets].toSorted()).toEqual(["earlier", "settings"]);
    expect([...read.state.secrets].toSorted()).toEqual(["earlier", "settings"]);
    const shown = JSON.stringify(provider.logged);
    for (const form of [PASSWORD, encodeURIComponent(PASSWORD), Buffer.from(PASSWORD).toString("base64")]) {
      expect(shown).not.toContain(form);
    }
  });

  it("names differences by key, never by value, and moves to another app by making another", async ({
    wired,
  }) => {
    const { provider, inputs, settings } = wired;
    const difference = await provider.diff(TYPE, inputs(settings(0)), inputs(settings(1)));
    expect(difference).toMatchObject({ changes: true, replaces: [] });
    expect(Object.keys(difference.detailed).toSorted()).toEqual([
      "settings.PROPIQ_CACHE_FINGERPRINT",
      "settings.REDIS_PORT",
      "settings.REDIS_URL",
    ]);
    for (const other of [{ app: "b" }, { resourceGroup: "b" }, { subscriptionId: "b" }, { slot: "b" }]) {
      const moved = await provider.diff(TYPE, inputs(settings(0)), inputs(settings(0), other));
      expect(moved).toMatchObject({ replaces: Object.keys(other), deleteBeforeReplace: false });
    }
  });

  it("refuses values that are not settings", async ({ wired }) => {
    const { provider, inputs } = wired;
    const strange = { "A B": "1", REDIS_PORT: 6379, [EARLIER_KEY]: "x" } as unknown as Record<string, string>;
    const { failures } = await provider.check(TYPE, inputs(strange));
    expect(Object.keys(failures).toSorted()).toEqual([
      "settings.A B",
      `settings.${EARLIER_KEY}`,
      "settings.REDIS_PORT",
    ]);
  });

  it("takes over settings that were there, says so, and gives them back", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const own = { REDIS_URL: settings(1)["REDIS_URL"] ?? "", REDIS_PORT: "1", CACHE_TTL_SHORT: "60" };
    site().setSettings({ ...site().settings(), ...own });
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    expect(warningsOf(provider)).toEqual([
      expect.stringContaining(`${APP} had its own REDIS_URL, REDIS_PORT`),
    ]);
    expect(oursIn(site().settings())).toEqual(settings(0));
    await provider.delete(TYPE, id, state);
    expect(site().settings()).toEqual(first);
  });

  it("gives a cache back disabled where it no longer answers, and says so", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const dead = `redis://:old-s3cret@127.0.0.1:${await freePort()}/0`;
    site().setSettings({ ...site().settings(), REDIS_URL: dead });
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    await provider.delete(TYPE, id, state);
    expect(site().settings()).toEqual({ ...first, REDIS_ENABLED: "false" });
    const said = warningsOf(provider).join("\n");
    expect(said).toMatch(/REDIS_ENABLED=false.*TCP_REFUSED/);
    expect(said).not.toContain("old-s3cret");
  });

  it("disables and enables the app's cache", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const off = await provider.update(TYPE, id, state, inputs(settings(0, false)));
    expect(off.values["outcome"]).toBe("seen");
    expect(site().settings()["REDIS_ENABLED"]).toBe("false");
    const on = await provider.update(TYPE, id, off, inputs(settings(0)));
    expect(on.values["outcome"]).toBe("seen");
  });

  it("keeps the previous cache for a while, and does not wait where there was none", async ({ wired }) => {
    const { provider, inputs, settings } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0), { drainSeconds: 60 }));
    const startedAt = performance.now();
    await provider.update(TYPE, id, state, inputs(settings(1), { drainSeconds: 3 }));
    expect(performance.now() - startedAt).toBeGreaterThan(6000);
    expect(provider.logged.some(({ message }) => /the previous cache remains for \d+ s/.test(message))).toBe(
      true,
    );
  });
});

describe.concurrent("what others do to the settings", () => {
  it("stops for an edit of ours, names the key and the two options, and changes nothing", async ({
    wired,
  }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    site().setSettings({ ...site().settings(), REDIS_HOST: "their-s3cret.example" });
    const edited = site().settings();
    for (const attempt of [
      () => provider.update(TYPE, id, state, inputs(settings(1))),
      () => provider.delete(TYPE, id, state),
    ]) {
      const refused: unknown = await attempt().catch((error: unknown) => error);
      expect(String(refused)).toMatch(/REDIS_HOST changed[\s\S]*repair --stack test[\s\S]*state delete/);
      expect(String(refused)).not.toContain("s3cret");
    }
    expect(site().settings()).toEqual(edited);
    expect(putsIn(azure)).toBe(1);
  });

  it("shows an edit in a refresh, and the next update restores the settings", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const { REDIS_DB: _, ...rest } = site().settings();
    site().setSettings({ ...rest, REDIS_HOST: "theirs.example" });
    const read = await provider.read(TYPE, id, state);
    const { REDIS_DB: __, ...expected } = settings(0);
    expect(read.inputs.values["settings"]).toEqual({ ...expected, REDIS_HOST: "theirs.example" });
    const mended = await provider.update(TYPE, id, read.state, inputs(settings(0)));
    expect(oursIn(site().settings())).toEqual(settings(0));
    await provider.delete(TYPE, id, mended);
    expect(site().settings()).toEqual(first);
  });

  it("reports a tool that replaces the whole set", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    site().setSettings(first);
    await expect(provider.update(TYPE, id, state, inputs(settings(1)))).rejects.toThrow(
      /SETTINGS_REMOVED[\s\S]*Terraform/,
    );
    const read = await provider.read(TYPE, id, state);
    expect(read.inputs.values["settings"]).toEqual({});
    expect(warningsOf(provider).at(-1)).toMatch(/SETTINGS_REMOVED/);
    const again = await provider.update(TYPE, id, read.state, inputs(settings(1)));
    await provider.delete(TYPE, id, again);
    expect(site().settings()).toEqual(first);
  });

  it("leaves an app alone from which the tool has removed everything", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    site().setSettings({ ONLY: "this" });
    await provider.delete(TYPE, id, state);
    expect(site().settings()).toEqual({ ONLY: "this" });
    expect(putsIn(azure)).toBe(1);
  });

  it("does not take an app away from another stack", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    await provider.create(TYPE, inputs(settings(0)));
    const record = site().settings()[EARLIER_KEY] ?? "";
    site().setSettings({
      ...site().settings(),
      [EARLIER_KEY]: record.replace("pulumi:test::", "pulumi:other::"),
    });
    await expect(provider.create(TYPE, inputs(settings(1)))).rejects.toThrow(
      /belong to stack other of project/,
    );
    expect(oursIn(site().settings())).toEqual(settings(0));
  });

  it("keeps its app after the stack was renamed", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const asBefore = (text: unknown) => String(text).replace("pulumi:test::", "pulumi:before::");
    const held = site().settings();
    site().setSettings({ ...held, [EARLIER_KEY]: asBefore(held[EARLIER_KEY]) });
    const known = { ...state, values: { ...state.values, by: asBefore(state.values["by"]) } };
    const moved = await provider.update(TYPE, id, known, inputs(settings(1)));
    expect(oursIn(site().settings())).toEqual(settings(1));
    expect(moved.values["by"]).toBe(state.values["by"]);
  });

  it("leaves settings that another resource of the stack has taken over", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const record = site().settings()[EARLIER_KEY] ?? "";
    site().setSettings({ ...site().settings(), [EARLIER_KEY]: record.replace("::name", "::renamed") });
    const taken = site().settings();
    await provider.delete(TYPE, id, state);
    expect(site().settings()).toEqual(taken);
  });

  it("recognizes in a refresh and in a delete that the app does not exist", async ({ wired }) => {
    const { azure, provider, inputs, settings } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const gone = { values: { ...state.values, app: "no-such-app" }, secrets: state.secrets };
    expect((await provider.read(TYPE, id, gone)).id).toBe("");
    await provider.delete(TYPE, id, gone);
    await expect(provider.create(TYPE, inputs(settings(0), { app: "no-such-app" }))).rejects.toThrow(
      /No App Service no-such-app exists in resource group propiq-rg[\s\S]*az webapp list/,
    );
    expect(putsIn(azure)).toBe(1);
  });
});
