import { describe, expect } from "vitest";
import { openAppService } from "../../../../infra/azure/app-service.ts";
import { openArm } from "../../../../infra/azure/arm.ts";
import { rewriteOwned } from "../../../../infra/provider/app-settings/rewrite.ts";
import { writeMerged } from "../../../../infra/provider/app-settings/write.ts";
import { trustInThisProcess } from "../../../../rehearsal/azure/trust.ts";
import { APP, it, oursIn, putsIn, TYPE, type Wired } from "./wired.ts";

const signal = new AbortController().signal;

async function appOf({ azure }: Wired) {
  const arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
  return await openAppService(arm, { resourceGroup: "propiq-rg", app: APP });
}

describe("writing settings by this process", () => {
  it("limits the window to the time of its own PUT, and reports its length", async ({ wired }) => {
    const distrust = trustInThisProcess(wired.azure.authority);
    const app = await appOf(wired);
    const plain: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      const settings = await app.settings();
      const startedAt = performance.now();
      await app.putSettings({ ...settings, FOREIGN: `plain ${index}` });
      plain.push(performance.now() - startedAt);
    }
    const windows: number[] = [];
    for (let index = 0; index < 10; index += 1) {
      const written = await writeMerged(app, (now) => ({ ...now, FOREIGN: `merged ${index}` }), { signal });
      expect(written.puts).toBe(1);
      windows.push(...written.windowsMs);
    }
    distrust();
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[5] ?? 0;
    expect(median(windows)).toBeLessThan(median(plain) * 3 + 5);
  });

  it("disables our settings where no state is available, and the next update continues from there", async ({
    wired,
  }) => {
    const { azure, provider, inputs, settings, site } = wired;
    const distrust = trustInThisProcess(azure.authority);
    const app = await appOf(wired);
    const off = (ours: Readonly<Record<string, string>>) => ({ ...ours, ...settings(0, false) });
    expect(await rewriteOwned(app, off, { signal })).toBeUndefined();
    const first = site().settings();
    const { id, state } = await provider.create(TYPE, inputs(settings(0)));
    expect(await rewriteOwned(app, off, { signal })).toMatchObject({ puts: 1 });
    expect(oursIn(site().settings())).toEqual(settings(0, false));
    // All is as the next update needs it: no write, and nothing that looks like another user's edit.
    const next = await provider.update(TYPE, id, state, inputs(settings(0, false)));
    expect(putsIn(azure)).toBe(2);
    await provider.delete(TYPE, id, next);
    distrust();
    expect(site().settings()).toEqual(first);
  });
});
