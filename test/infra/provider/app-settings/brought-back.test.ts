/** Somebody who had read the app's settings before a removal writes them back after it: theirs, and ours with them. */
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { EARLIER_KEY } from "../../../../infra/provider/app-settings/earlier.ts";
import { APP, it, oursIn, TYPE, type Wired } from "./wired.ts";

/** In each write of the rival's another value. */
const STAMP = "FOREIGN_STAMP";
/** Longer than it takes to read back what was written. */
const LATE_MS = 300;

/** @param most how often it brings back what it had read at first */
function bringBack({ site }: Wired, most: number): { stop(): Promise<void> } {
  const stale = site().settings();
  let running = true;
  const work = (async () => {
    for (let count = 1; running && count <= most; count += 1) {
      while (running && site().settings()["REDIS_HOST"] !== undefined) await sleep(5);
      await sleep(LATE_MS);
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

describe.concurrent("the removal of AppSettings beside a writer that is late", () => {
  it("gives the app its own settings back once more", async ({ wired }) => {
    const { provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const rival = bringBack(wired, 1);
    await provider.delete(TYPE, id, state);
    await rival.stop();
    expect(oursIn(site().settings())).toEqual({});
    expect(site().settings()).toMatchObject({ [STAMP]: "brought back, 1" });
    expect(site().settings()[EARLIER_KEY]).toBeUndefined();
    const started = site().workers.filter(({ kind }) => kind === "worker started");
    expect(started.at(-1)).toMatchObject({ fingerprint: undefined });
  });

  it("ends with an error, so that the cache stays, where ours are brought back each time", async ({
    wired,
  }) => {
    const { provider, inputs, settings, site } = wired;
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    const rival = bringBack(wired, 99);
    const said = await provider.delete(TYPE, id, state).then(() => "deleted", String);
    await sleep(2 * LATE_MS);
    await rival.stop();
    expect(said).toContain(`keeps bringing the cache settings of ${APP} back`);
    expect(oursIn(site().settings())).toEqual(settings(0));
  });
});
