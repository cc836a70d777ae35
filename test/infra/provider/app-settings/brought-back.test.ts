// @module-tag pipeline
/** Another writer that read the app's settings before a removal writes them back after it: its own, and ours with them. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, vi } from "vitest";
import { EARLIER_KEY } from "../../../../infra/provider/app-settings/earlier.ts";
import { it, oursIn, TYPE, type Wired } from "./wired.ts";

/** In each write of the other writer's another value. */
const STAMP = "FOREIGN_STAMP";
const READ = /\/config\/appsettings\/list$/i;

/**
 * Writes after a removal was read back: until then the removal itself would notice.
 * @param most how often it brings back what it had read at first
 */
function bringBack({ azure, site }: Wired, most: number): { stop(): Promise<void> } {
  const stale = site().settings();
  const reads = () => azure.log.filter(({ path, status }) => status === 200 && READ.test(path)).length;
  let running = true;
  const until = async (holds: () => boolean) => {
    while (running && !holds()) await sleep(5);
  };
  const work = (async () => {
    for (let count = 1; running && count <= most; count += 1) {
      await until(() => site().settings()["REDIS_HOST"] === undefined);
      const before = reads();
      await until(() => reads() > before);
      if (running) site().setSettings({ ...stale, [STAMP]: `brought back, ${count}` });
    }
  })();
  return {
    async stop() {
      running = false;
      await work;
    },
  };
}

describe.concurrent("the removal of AppSettings while another writer is late", () => {
  it("gives the app its own settings back once more", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const otherWriter = bringBack(wired, 1);
    await provider.delete(TYPE, id, state);
    await otherWriter.stop();
    expect(oursIn(site().settings())).toEqual({});
    expect(site().settings()).toMatchObject({ [STAMP]: "brought back, 1" });
    expect(site().settings()[EARLIER_KEY]).toBeUndefined();
    const started = site().workers.filter(({ kind }) => kind === "worker started");
    expect(started.at(-1)).toMatchObject({ fingerprint: undefined });
  });

  it("ends with an error, so that the cache remains, where another writer restores our settings each time", async ({
    wired,
  }) => {
    const { provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const otherWriter = bringBack(wired, 99);
    const said = await provider.delete(TYPE, id, state).then(() => "deleted", String);
    expect(said).toContain("The cache that they name remains.");
    await vi.waitFor(() => expect(oursIn(site().settings())).toEqual(settings(0)), { timeout: 60_000 });
    await otherWriter.stop();
  });
});
