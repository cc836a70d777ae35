// @module-tag pipeline
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { SettingMap } from "../../../../infra/azure/app-service.ts";
import { FINGERPRINT_KEY } from "../../../../infra/contract/table.ts";
import { refusals } from "../../../../rehearsal/azure/refusals.ts";
import { foreignOf, it, oursIn, putsIn, TYPE, warningsOf } from "./wired.ts";

const PUT = /\/config\/appsettings$/;

describe.concurrent("a write that Azure does not take at once", () => {
  it.for([
    ["throttled", { reply: { status: 429, headers: { "retry-after": "1" } } }, 2],
    ["answered with 500", { reply: { status: 500 } }, 2],
    ["refused while another change is under way", { reply: { status: 409 } }, 2],
    ["dropped before it took effect", { drop: true } as const, 2],
    // What took effect is found by the next read, and not written again.
    ["dropped after it took effect", { drop: "after" } as const, 1],
  ] as const)("%s is written in the end, from a fresh read each time", async ([, fault, puts], { wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const first = site().settings();
    azure.fault({ method: "PUT", path: PUT, ...fault });
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    expect(oursIn(site().settings())).toEqual(settings(0));
    expect(putsIn(azure)).toBe(puts);
    const writes = azure.log.filter(({ path }) => /\/config\/appsettings(\/list)?$/i.test(path));
    for (const [index, entry] of writes.entries()) {
      if (entry.method === "PUT") expect(writes[index - 1]?.path).toMatch(/list$/i);
    }
    await provider.delete(TYPE, id, state);
    expect(site().settings()).toEqual(first);
  });

  it("stops where it is refused, with a message that names the next step", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const first = site().settings();
    azure.conditions.role = "Reader";
    await expect(provider.create(TYPE, inputs(settings(0)))).rejects.toThrow(
      /AuthorizationFailed[\s\S]*Website Contributor/,
    );
    azure.conditions.role = "Contributor";
    azure.expireTokens();
    expect(site().settings()).toEqual(first);
  });

  it("stops after a bounded number of attempts", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const first = site().settings();
    azure.fault({
      method: "PUT",
      path: PUT,
      times: 100,
      reply: { status: 429, headers: { "retry-after": "0" } },
    });
    await expect(provider.create(TYPE, inputs(settings(0)))).rejects.toThrow(/429|TooMany|Http429/);
    expect(putsIn(azure)).toBeLessThan(40);
    expect(site().settings()).toEqual(first);
  });
});

describe.concurrent("an app that does not take its new settings", () => {
  const withOurs = (yes: "crash-loop" | "stuck") => (environment: SettingMap) =>
    environment[FINGERPRINT_KEY] === undefined ? ("fine" as const) : yes;

  it("gets back what it had, when it was wired for the first time", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const first = site().settings();
    site().app.behave({ mode: "hard", start: withOurs("crash-loop") });
    await expect(provider.create(TYPE, inputs(settings(0), { restartTimeoutSeconds: 12 }))).rejects.toThrow(
      /failed while waiting for the app on its new settings[\s\S]*has its previous settings again/,
    );
    expect(site().settings()).toEqual(first);
  });

  it("gets back the previous cache, record included, and up again gets there", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const before = site().settings();
    site().app.behave({ start: "stuck" });
    await expect(
      provider.update(TYPE, id, state, inputs(settings(1), { restartTimeoutSeconds: 12 })),
    ).rejects.toThrow(/still answers from other settings/);
    expect(site().settings()).toEqual(before);
    site().app.behave({ start: "fine" });
    const moved = await provider.update(TYPE, id, state, inputs(settings(1)));
    expect(moved.values["outcome"]).toBe("seen");
    await provider.delete(TYPE, id, moved);
    expect(site().settings()).toEqual(first);
  });

  it("gets back what it had when it says that its cache is disabled", async ({ wired }) => {
    const { provider, inputs, settings, caches, site } = wired;
    const first = site().settings();
    await caches[0].stop();
    await expect(provider.create(TYPE, inputs(settings(0), { restartTimeoutSeconds: 12 }))).rejects.toThrow(
      /the app says that its cache is (off|not connected)/,
    );
    expect(site().settings()).toEqual(first);
  });

  it("says so where the restore fails as well", async ({ wired }) => {
    const { azure, provider, inputs, settings, site } = wired;
    site().app.behave({ start: "stuck" });
    const { id, state } = await (async () => {
      site().app.behave({ start: "fine" });
      return await provider.create(TYPE, inputs(settings(0)));
    })();
    site().app.behave({ start: "stuck" });
    azure.fault({ method: "PUT", path: PUT, after: 1, times: 50, reply: refusals.badRequest("no").reply });
    await expect(
      provider.update(TYPE, id, state, inputs(settings(1), { restartTimeoutSeconds: 12 })),
    ).rejects.toThrow(/restoring the previous ones failed as well/);
  });
});

describe.concurrent("an app whose health says little", () => {
  it.for(["bare", "no-fingerprint", "forbidden", "missing", "page"] as const)(
    "%s: does not stop the update, which reports that the app was not seen",
    async (health, { wired }) => {
      const { provider, inputs, settings, site } = wired;
      site().app.behave({ health });
      const { state } = await provider.create(TYPE, inputs(settings(0)));
      expect(state.values["outcome"]).toBe("unseen");
      expect(warningsOf(provider).join("\n")).toMatch(/was not seen on its new settings/);
    },
  );

  it("is looked for on the new cache before the previous one is deleted", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    site().app.behave({ health: "bare" });
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const moved = await provider.update(TYPE, id, state, inputs(settings(1)));
    const told = () => provider.logged.map(({ message }) => message).join("\n");
    expect(told()).toContain("is connected to the new cache");

    site().app.behave({ start: "stuck" });
    await provider.update(TYPE, id, moved, inputs(settings(0), { restartTimeoutSeconds: 12 }));
    expect(told()).toContain("waiting for a connection of luntra-outreach-app to the new cache");
    expect(warningsOf(provider).join("\n")).toMatch(/No client has connected to the new cache/);
  });

  it("down before: does not stop the update", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    site().app.behave({ health: "error" });
    const { state } = await provider.create(TYPE, inputs(settings(0), { restartTimeoutSeconds: 10 }));
    expect(state.values["outcome"]).toBe("unseen");
    expect(warningsOf(provider).join("\n")).toMatch(/did not answer well before either/);
  });

  it("does not prove the cache where the config requires the app as the proof", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const first = site().settings();
    const proof = { mode: "app", waitSeconds: 1, plan: "external", provider: "external" };
    site().app.behave({ health: "bare" });
    await expect(
      provider.create(TYPE, inputs(settings(0), { proof, restartTimeoutSeconds: 10 })),
    ).rejects.toThrow(/does not say that it is connected/);
    expect(site().settings()).toEqual(first);
    site().app.behave({ health: "guide" });
    const { state } = await provider.create(TYPE, inputs(settings(0), { proof }));
    expect(state.values["outcome"]).toBe("seen");
  });

  it("is not written where it is stopped and must prove the cache, and otherwise is written with a warning", async ({
    wired,
  }) => {
    const { azure, provider, inputs, settings, site } = wired;
    await site().stop();
    const first = site().settings();
    const proof = { mode: "app", waitSeconds: 1, plan: "external", provider: "external" };
    await expect(provider.create(TYPE, inputs(settings(0), { proof }))).rejects.toThrow(
      /is stopped, so it cannot prove the cache[\s\S]*az webapp start --name luntra-outreach-app/,
    );
    expect(site().settings()).toEqual(first);
    expect(putsIn(azure)).toBe(0);
    const { state } = await provider.create(TYPE, inputs(settings(0)));
    expect(state.values["outcome"]).toBe("stopped");
    expect(warningsOf(provider)).toEqual([expect.stringContaining("is stopped: its settings are written")]);
  });
});

describe.concurrent("an app that restarts", () => {
  it.for(["overlapping", "slow", "hard"] as const)(
    "%s is seen when only new workers answer",
    async (mode, { wired }) => {
      const { provider, inputs, settings, site } = wired;
      const { id, state } = await provider.create(TYPE, inputs(settings(0)));
      site().app.behave({ mode, restartMs: 3000 });
      const moved = await provider.update(TYPE, id, state, inputs(settings(1)));
      expect(moved.values["outcome"]).toBe("seen");
      const fingerprint = settings(1)[FINGERPRINT_KEY];
      const { workers } = site();
      const stopped = workers.filter(({ kind }) => kind === "worker stopped").map(({ pid }) => pid);
      const alive = workers.filter(({ kind, pid }) => kind === "worker started" && !stopped.includes(pid));
      expect(alive.map((worker) => worker.fingerprint)).toEqual([fingerprint]);
    },
  );
});

describe.concurrent("an update that ends in the middle", () => {
  it("writes nothing more once it is cancelled, and says where it stands", async ({ wired, expect }) => {
    const { azure, inputs, settings, another, site } = wired;
    site().app.behave({ start: "stuck" });
    const own = await another();
    const creating = own.create(TYPE, inputs(settings(0)));
    const refused = expect(creating).rejects.toThrow(/was cancelled after the settings of .* were written/);
    await expect.poll(() => putsIn(azure)).toBe(1);
    await own.cancel();
    await refused;
    await own.stop();
    expect(putsIn(azure)).toBe(1);
  });

  it("leaves owned keys wholly old or wholly new when killed anywhere, and the next one ends well", async ({
    wired,
    expect,
  }) => {
    const { azure, inputs, settings, another, site } = wired;
    const first = site().settings();
    // The requests of a whole run show where it can be killed; between them by time.
    for (const [index, point] of [1, 3, 4, 5, 6, 7, "250 ms later", "2500 ms later"].entries()) {
      const before = site().settings();
      const [from, to] = [settings(((index + 1) % 2) as 0 | 1), settings((index % 2) as 0 | 1)];
      const killed = await another();
      const start = azure.log.length;
      const running = killed.create(TYPE, inputs(to)).catch(() => "killed");
      const isPut = () =>
        azure.log.slice(start).some(({ method, path }) => method === "PUT" && PUT.test(path));
      await expect
        .poll(() => (typeof point === "number" ? azure.log.length - start >= point : isPut()), {
          interval: 1,
        })
        .toBe(true);
      if (typeof point === "string") await sleep(Number.parseInt(point, 10));
      killed.process.kill("SIGKILL");
      await running;
      await killed.stop();
      await sleep(300);
      const writes = site().writes.length;
      const held = oursIn(site().settings());
      expect([oursIn(before), from, to]).toContainEqual(held);
      expect(foreignOf(site().settings())).toEqual(first);
      await sleep(700);
      expect(site().writes.length).toBe(writes);
    }
    // Nothing of all that was recorded: a new machine knows only the program.
    const next = await another();
    const { id, state } = await next.create(TYPE, inputs(settings(1)));
    expect(oursIn(site().settings())).toEqual(settings(1));
    await next.delete(TYPE, id, state);
    await next.stop();
    expect(site().settings()).toEqual(first);
  });
});
