// @module-tag pipeline
/**
 * Rotations that end early, and rotations with another writer in the middle: the app's settings hold a secret that works
 * (at Upstash, the next run writes one), and nothing of the other writer is lost.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import type { RotateReport } from "../../operations/rotate/report.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { LONG } from "../support/parts.ts";

const ROTATE = ["rotate", "--stack", "prod", "--yes"];

let cloud: Cloud;
let distrust: () => void;
beforeAll(async () => {
  cloud = await makeCloud();
  distrust = trustInThisProcess(cloud.authority);
});
afterAll(async () => {
  distrust?.();
  await cloud?.stop();
});

const locks = () => join(cloud.project.root, ".propiq/.pulumi/locks/organization/propiq-cache/prod");
const site = () => cloud.azure.site();
const target = () => {
  const found = readSettings(site().settings()).target;
  if (found === undefined) throw new Error("the app has no cache");
  return found;
};
const codesWith = async (password: string | undefined) => {
  const given = { ...target(), ...(password === undefined ? {} : { password }) };
  const { checks } = await checkCache({ enabled: true, target: given }, { samples: 1 });
  return checks.flatMap(({ code, status }) => (status === "fail" ? [code] : []));
};

async function killedAt(step: string): Promise<void> {
  const running = cloud.start(...ROTATE);
  await running.until(`${step} …`);
  running.kill("SIGKILL");
  await running.ended;
}

/** The next run finishes: only the secret that the app holds is accepted. */
async function finished(): Promise<RotateReport> {
  const before = target().password;
  const outcome = await cloud.run(...ROTATE, "--format", "json");
  expect(outcome.code, outcome.all).toBe(0);
  const report = JSON.parse(outcome.stdout) as RotateReport;
  expect(report).toMatchObject({ verdict: "rotated", oldSecretRefused: true });
  expect(await codesWith(undefined)).toEqual([]);
  if (target().password !== before) expect(await codesWith(before)).toEqual(["AUTH_WRONG"]);
  return report;
}

describe("on an Azure plan", () => {
  beforeAll(async () => {
    await cloud.configure({ plan: "azure-managed-b0", drainSeconds: "0" });
    await cloud.up();
  });

  it.each([
    "regenerate-secondary-key",
    "move-to-secondary-key",
    "regenerate-primary-key",
    "move-to-primary-key",
    "prove-old-secret-refused",
  ])("a kill at %s leaves the app a secret that works, and the next run finishes", LONG, async (step) => {
    await killedAt(step);
    expect(await codesWith(undefined)).toEqual([]);
    const { interruptionMs } = await finished();
    expect(interruptionMs).toBe(0);
  });

  it("a second rotation stops before it changes anything, and the first one ends well", async () => {
    const first = cloud.start(...ROTATE);
    await first.until("move-to-secondary-key …");
    await expect
      .poll(() => readdir(locks()).catch(() => []), { timeout: 60_000, interval: 5 })
      .not.toEqual([]);
    const [name = ""] = await readdir(locks());
    const { pid } = JSON.parse(await readFile(join(locks(), name), "utf8")) as { pid: number };
    process.kill(pid, "SIGSTOP");
    const keys = { ...cloud.azure.caches()[0]?.keys };
    const second = await cloud.run(...ROTATE);
    expect(second.code, second.all).toBe(2);
    expect(cloud.azure.caches()[0]?.keys).toEqual(keys);
    process.kill(pid, "SIGCONT");
    const { code, all } = await first.ended;
    expect(code, all).toBe(0);
    expect(await codesWith(undefined)).toEqual([]);
  });

  it("an edit by another tool during the rotation stops it, and remains", LONG, async () => {
    const running = cloud.start(...ROTATE);
    await running.until("move-to-secondary-key …");
    await expect
      .poll(() => target().password === cloud.azure.caches()[0]?.keys.secondary, { timeout: 120_000 })
      .toBe(true);
    site().setSettings({ ...site().settings(), CACHE_TTL_SHORT: "7" }, "a colleague");
    const { code, all } = await running.ended;
    expect(code, all).not.toBe(0);
    expect(all).toContain("CACHE_TTL_SHORT");
    expect(site().settings()["CACHE_TTL_SHORT"]).toBe("7");
    expect(await codesWith(undefined)).toEqual([]);
    const repaired = await cloud.run("repair", "--stack", "prod", "--yes");
    expect(repaired.code, repaired.all).toBe(0);
    await finished();
  });
});

describe("at Upstash", LONG, () => {
  beforeAll(async () => {
    await cloud.configure({ plan: "upstash-free", drainSeconds: "0" });
    await cloud.up();
  });

  it.each(["reset-password", "write-settings", "prove-old-secret-refused"])(
    "after a kill at %s the next rotation writes a secret that works",
    async (step) => {
      await killedAt(step);
      await finished();
    },
  );

  it("after a kill between the reset and the settings, repair writes a secret that works", async () => {
    await killedAt("write-settings");
    const repaired = await cloud.run("repair", "--stack", "prod", "--yes");
    expect(repaired.code, repaired.all).toBe(0);
    expect(await codesWith(undefined)).toEqual([]);
  });
});
