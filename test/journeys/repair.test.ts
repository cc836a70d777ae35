// @module-tag pipeline
/** Whatever happened to stack `prod`: one command says what is wrong, and brings the stack back to its config. */
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { openArm } from "../../infra/azure/arm.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import type { RepairReport } from "../../operations/repair/report.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { STORY } from "../support/parts.ts";
import { endAllWith } from "../support/processes.ts";

let cloud: Cloud;
let distrust: () => void;
beforeAll(async () => {
  cloud = await makeCloud();
  distrust = trustInThisProcess(cloud.authority);
  await cloud.configure({ plan: "azure-managed-b0", drainSeconds: "0" });
  await cloud.up();
});
afterAll(async () => {
  distrust?.();
  await cloud?.stop();
});

const site = () => cloud.azure.site();
const repair = async (...words: string[]) => {
  const { code, all, stdout } = await cloud.run("repair", "--stack", "prod", "--format", "json", ...words);
  const report = JSON.parse(stdout || "{}") as RepairReport;
  return { code, all, report, codes: report.found?.map((found) => found.code) };
};
const doRepair = async (...expected: string[]) => {
  const repaired = await repair("--yes");
  expect(repaired.codes, repaired.all).toEqual(expected);
  expect(repaired.report.verdict, repaired.all).toBe("repaired");
  expect(repaired.code).toBe(0);
  await expectWorking();
  const commands = repaired.report.steps.map(({ command }) => command);
  for (const command of commands) expect(command).toMatch(/^\.\/propiq-cache pulumi .* --stack prod$/);
  return commands.map((command) => command.split(" ")[2]);
};
const expectWorking = async () => {
  const { enabled, target } = readSettings(site().settings());
  if (target === undefined) throw new Error("the app has no cache");
  expect(enabled).toBe(true);
  const { verdict } = await checkCache({ enabled: true, target }, { samples: 1 });
  expect(verdict).not.toBe("failed");
};
const edit = (change: Record<string, string>) =>
  site().setSettings({ ...site().settings(), ...change }, "a colleague");
const locks = () => join(cloud.project.root, ".propiq/.pulumi/locks/organization/propiq-cache/prod");

describe("repair", STORY, () => {
  it("has nothing to do after an update", async () => {
    const { code, report, all } = await repair();
    expect(code, all).toBe(0);
    expect(report).toMatchObject({ schema: 1, verdict: "nothing-to-do", found: [], steps: [] });
  });

  it("only reports without confirmation, and with it writes again what other tools edited", async () => {
    const before = site().settings();
    edit({ CACHE_TTL_LONG: "7777", REDIS_ENABLED: "false" });
    const edited = site().settings();
    const told = await repair();
    expect(told).toMatchObject({ code: 1, codes: ["SETTINGS_CHANGED", "SWITCH_NOT_APPLIED"] });
    expect(told.report.steps).toEqual([]);
    expect(site().settings()).toEqual(edited);
    expect(await doRepair("SETTINGS_CHANGED", "SWITCH_NOT_APPLIED")).toEqual(["up"]);
    expect(site().settings()).toEqual(before);
  });

  it("gives the apps the new key after another tool has regenerated theirs", async () => {
    const arm = await openArm({ env: cloud.azure.env, subscriptionId: cloud.azure.subscriptionId });
    const [cluster] = cloud.azure.resources.list({ type: "Microsoft.Cache/redisEnterprise" });
    await arm.request({
      ...{ method: "POST", path: `${cluster?.id}/databases/default/regenerateKey` },
      ...{ apiVersion: "2025-07-01", body: { keyType: "Primary" } },
    });
    expect(await doRepair("SECRET_REFUSED")).toEqual(["up"]);
  });

  it("leaves a lock whose holder lives on this machine, and continues the update once it was killed", async () => {
    await cloud.configure({ "ttl.day": "77777" });
    const writes = site().writes.length;
    const up = ["up", "--yes", "--skip-preview", "--stack", "prod", "--non-interactive"];
    const running = cloud.start("pulumi", ...up);
    await expect.poll(() => site().writes.length, { timeout: 60_000, interval: 5 }).toBeGreaterThan(writes);
    await expect.poll(() => readdir(locks()).catch(() => []), { interval: 5 }).not.toEqual([]);
    const [name = ""] = await readdir(locks());
    const lock = await readFile(join(locks(), name), "utf8");
    process.kill(Number((JSON.parse(lock) as { pid: number }).pid), "SIGSTOP");
    const refused = await repair("--yes", "--force-unlock");
    expect(refused.code, refused.all).toBe(2);
    expect(refused.codes).toContain("LOCKED");
    expect(await readdir(locks())).not.toEqual([]);
    await endAllWith("PULUMI_HOME", cloud.env["PULUMI_HOME"] ?? "");
    await running.ended;

    await writeFile(join(locks(), name), JSON.stringify({ ...JSON.parse(lock), hostname: "another" }));
    const elsewhere = await repair("--yes");
    expect(elsewhere.code, elsewhere.all).toBe(2);
    expect(elsewhere.report.failure?.advice.run).toEqual([
      "./propiq-cache repair --stack prod --force-unlock",
    ]);

    const forced = await repair("--yes", "--force-unlock");
    expect(forced.report.verdict, forced.all).toBe("repaired");
    expect(forced.report.steps[0]?.command).toBe("./propiq-cache pulumi cancel --yes --stack prod");
    expect(site().settings()["CACHE_TTL_DAY"]).toBe("77777");
    await expectWorking();
    expect((await repair()).report.verdict).toBe("nothing-to-do");
  });

  it("repeats an update that failed before it wrote the settings", async () => {
    await cloud.configure({ "ttl.day": "70000" });
    const reply = { status: 403, body: { error: { code: "AuthorizationFailed", message: "not now" } } };
    const refusal = cloud.azure.fault({ method: "PUT", path: /config\/appsettings$/, times: 99, reply });
    expect((await cloud.pulumi("up", "--yes", "--skip-preview")).code).not.toBe(0);
    refusal.cancel();
    expect(site().settings()["CACHE_TTL_DAY"]).toBe("77777");
    expect(await doRepair("UPDATE_FAILED")).toEqual(["up"]);
    expect(site().settings()["CACHE_TTL_DAY"]).toBe("70000");
  });

  it("makes a cache again that a user deleted", async () => {
    await cloud.azure.resources.list({ type: "Microsoft.Cache/redisEnterprise" })[0]?.remove();
    expect(await doRepair("GONE", "GONE")).toEqual(["up"]);
    expect((await repair()).report.verdict).toBe("nothing-to-do");
  });

  it("finds a config that is not deployed, a password that was reset at Upstash, and a database that was deleted", async () => {
    await cloud.configure({ plan: "upstash-free" });
    expect(await doRepair("NOT_DEPLOYED")).toEqual(["up"]);
    await cloud.upstash.resetPassword(cloud.upstash.databases()[0]?.id ?? "");
    const reset = await repair("--yes");
    expect(reset.codes, reset.all).toContain("SECRET_REFUSED");
    expect(reset.report.verdict, reset.all).toBe("repaired");
    await expectWorking();
    await cloud.upstash.removeDatabase(cloud.upstash.databases()[0]?.id ?? "");
    expect(await doRepair("GONE")).toEqual(["state", "up"]);
  });
});
