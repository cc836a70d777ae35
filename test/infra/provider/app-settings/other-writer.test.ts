// @module-tag pipeline
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openAppService } from "../../../../infra/azure/app-service.ts";
import { openArm } from "../../../../infra/azure/arm.ts";
import { trustInThisProcess } from "../../../../rehearsal/azure/trust.ts";
import { APP, foreignOf, oursIn, startWired, TYPE, type Wired } from "./wired.ts";

let wired: Wired;
let distrust: () => void;
beforeEach(async () => {
  wired = await startWired();
  distrust = trustInThisProcess(wired.azure.authority);
});
afterEach(async () => {
  distrust();
  await wired.stop();
});

const site = () => wired.azure.site(APP);

/** In each of the other writer's PUTs another value: a PUT that repeats an earlier one is ours. */
const STAMP = "FOREIGN_STAMP";
/** More than a list and a PUT take on this machine, much less than the time between our PUTs. */
const SLACK_MS = 40;

/** Changes one foreign setting every 50 ms, as another pipeline would: read all, write all. */
async function startOtherWriter(): Promise<{
  stop(): Promise<Map<string, { value: string; readAt: number; putAt: number }>>;
}> {
  const { azure } = wired;
  const arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
  const app = await openAppService(arm, { resourceGroup: "propiq-rg", app: APP });
  const written = new Map<string, { value: string; readAt: number; putAt: number }>();
  let running = true;
  const work = (async () => {
    for (let index = 0; running; index += 1) {
      const key = `FOREIGN_${index % 200}`;
      const value = `other writer ${index}`;
      const settings = await app.settings();
      const readAt = Date.now();
      await app.putSettings({ ...settings, [key]: value, [STAMP]: value });
      written.set(key, { value, readAt, putAt: Date.now() });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  return {
    async stop() {
      running = false;
      await work;
      return written;
    },
  };
}

describe("AppSettings beside another writer", () => {
  it("loses nothing outside the window of its own PUT, and ends with all of its settings there", async () => {
    const { azure, provider, inputs, settings } = wired;
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`FOREIGN_${index}`, "first"]));
    site().setSettings({ ...site().settings(), ...many });
    const names = Object.keys(foreignOf(site().settings())).toSorted();

    const otherWriter = await startOtherWriter();
    const { id, state } = await provider.create(TYPE, inputs(settings(0), { restartTimeoutSeconds: 60 }));
    expect(oursIn(site().settings())).toEqual(settings(0));
    const moved = await provider.update(TYPE, id, state, inputs(settings(1), { restartTimeoutSeconds: 60 }));
    expect(oursIn(site().settings())).toEqual(settings(1));
    await provider.delete(TYPE, id, moved);
    const written = await otherWriter.stop();

    expect(oursIn(site().settings())).toEqual({});
    expect(Object.keys(foreignOf(site().settings())).toSorted()).toEqual([...names, STAMP].toSorted());
    // A value of the other writer's may be lost only where its PUT came between our last read and our PUT.
    const lost = [...written].filter(([key, { value }]) => site().settings()[key] !== value);
    const windows = ourWindows(azure.log);
    for (const [key, { putAt, readAt }] of lost) {
      const explained = windows.some(({ from, to }) => readAt <= to && putAt >= from);
      expect({ key, explained }).toEqual({ key, explained: true });
    }
    expect(lost.length).toBeLessThan(10);
  });
});

/** When our PUTs came, with room for the list before them and for the answer. */
function ourWindows(log: Wired["azure"]["log"]): { from: number; to: number }[] {
  const seen = new Set<string>([""]);
  const windows: { from: number; to: number }[] = [];
  for (const { method, path, at, requestBody } of log) {
    if (method !== "PUT" || !/\/config\/appsettings$/i.test(path)) continue;
    const stamp = (requestBody as { properties: Record<string, string> }).properties[STAMP] ?? "";
    if (seen.has(stamp)) windows.push({ from: at - SLACK_MS, to: at + SLACK_MS });
    seen.add(stamp);
  }
  return windows;
}
