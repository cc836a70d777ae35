import { describe, expect, it } from "vitest";
import { openAppService } from "../../../../infra/azure/app-service.ts";
import { openArm } from "../../../../infra/azure/arm.ts";
import type { Azure } from "../../../../rehearsal/azure/emulator.ts";
import { OTHER_WRITER, startOtherWriter } from "../../../../rehearsal/azure/services/other-writer.ts";
import { FIRST_SITE, FOREIGN_SETTINGS } from "../../../../rehearsal/azure/services/web.ts";
import type { SettingsRead, SettingsWrite } from "../../../../rehearsal/azure/services/web-site.ts";
import { judgeWriters } from "../../../../rehearsal/azure/services/web-writers.ts";
import { azureForEachTest } from "../../../support/azure-for-each-test.ts";

describe("the judge of several writers", () => {
  const read = (at: number, by: string, settings: Record<string, string>): SettingsRead => ({
    at,
    by,
    settings,
  });
  const write = (
    at: number,
    by: string,
    changed: string[],
    settings: Record<string, string>,
  ): SettingsWrite => ({ at, by, changed, settings });
  const owns = (by: string, key: string) => key.startsWith(by);

  it("finds nothing where each keeps what the others wrote", () => {
    const site = {
      reads: [read(1, "A", { B1: "b" }), read(3, "B", { A1: "a", B1: "b" })],
      writes: [write(2, "A", ["A1"], { A1: "a", B1: "b" }), write(5, "B", ["B1"], { A1: "a", B1: "c" })],
    };

    expect(judgeWriters(site, owns)).toEqual({ inWindow: [], outside: [], windowsMs: { A: [1], B: [2] } });
  });

  it("reports a value that was written after the read as lost in the window", () => {
    const site = {
      reads: [read(1, "A", { B1: "b" })],
      writes: [write(2, "B", ["B1"], { B1: "c" }), write(3, "A", ["A1", "B1"], { A1: "a", B1: "b" })],
    };

    const { inWindow, outside } = judgeWriters(site, owns);

    expect(inWindow).toEqual([{ key: "B1", from: "B", by: "A", at: 3 }]);
    expect(outside).toEqual([]);
  });

  it("reports a value that was read and not kept as lost outside of the window", () => {
    const site = {
      reads: [read(2, "A", { B1: "b", B2: "b" })],
      writes: [write(1, "B", ["B1", "B2"], { B1: "b", B2: "b" }), write(3, "A", ["B1", "B2"], { B1: "x" })],
    };

    const { inWindow, outside } = judgeWriters(site, owns);

    expect(inWindow).toEqual([]);
    expect(outside.map(({ key, from, by }) => [key, from, by])).toEqual([
      ["B1", "B", "A"],
      ["B2", "B", "A"],
    ]);
  });
});

describe("another writer", () => {
  let azure: Azure;
  azureForEachTest((started) => {
    azure = started;
  });

  it("changes one setting after the other, and keeps all others", async () => {
    const otherWriter = await startOtherWriter(azure, azure.site(), {
      everyMs: 5,
      keys: ["FIRST", "SECOND"],
    });
    await expect.poll(() => otherWriter.count).toBeGreaterThan(5);
    await otherWriter.stop();

    expect(azure.site().settings()).toEqual({
      ...FOREIGN_SETTINGS,
      ...Object.fromEntries(otherWriter.written),
    });
    expect([...otherWriter.written.keys()]).toEqual(["FIRST", "SECOND"]);
  });

  it("collides with a client that writes at the same time, and every loss is in a window", async () => {
    const arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
    const app = await openAppService(arm, { resourceGroup: "propiq-rg", app: FIRST_SITE });
    const otherWriter = await startOtherWriter(azure, azure.site(), {
      everyMs: 1,
      keys: ["FIRST", "SECOND", "THIRD"],
    });
    const judged = () =>
      judgeWriters(azure.site(), (by, key) => (by === OTHER_WRITER ? key !== "OURS" : key === "OURS"));
    let rounds = 0;
    // With no pause between them a write must be lost soon: else this proves nothing.
    while (judged().inWindow.length === 0 && rounds < 300) {
      await app.putSettings({ ...(await app.settings()), OURS: String(rounds) });
      rounds += 1;
    }
    await otherWriter.stop();

    const { inWindow, outside, windowsMs } = judged();
    expect(inWindow.length).toBeGreaterThan(0);
    expect(outside).toEqual([]);
    const [ours = []] = Object.entries(windowsMs).flatMap(([by, ms]) => (by === OTHER_WRITER ? [] : [ms]));
    expect(ours).toHaveLength(rounds);
  });

  it("reports what Azure refused when it stops", async () => {
    const otherWriter = await startOtherWriter(azure, azure.site());
    azure.conditions.role = "Reader";

    await expect.poll(() => azure.log.at(-1)?.status).toBe(403);
    await expect(otherWriter.stop()).rejects.toThrow("the other writer was answered 403");
  });
});
