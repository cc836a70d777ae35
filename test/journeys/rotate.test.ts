// @module-tag pipeline
/** A rotation of stack `prod`: the app always holds a secret that works, and the old one is refused afterwards. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import type { ReportSet } from "../../check/report.ts";
import { readSettings } from "../../infra/contract/read-settings.ts";
import type { RotateReport } from "../../operations/rotate/report.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { STORY } from "../support/parts.ts";

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

const settings = () => cloud.azure.site().settings();
const target = () => {
  const found = readSettings(settings()).target;
  if (found === undefined) throw new Error("the app has no cache");
  return found;
};
const codesWith = async (password: string | undefined) => {
  const given = { ...target(), ...(password === undefined ? {} : { password }) };
  const { checks } = await checkCache({ enabled: true, target: given }, { samples: 1 });
  return checks.flatMap(({ code, status }) => (status === "fail" ? [code] : []));
};
const reportOf = (stdout: string) => JSON.parse(stdout) as RotateReport;

describe("rotate", STORY, () => {
  it("does nothing without confirmation where no terminal exists", async () => {
    const before = settings();
    const outcome = await cloud.run("rotate", "--stack", "prod");
    expect(outcome.code, outcome.all).toBe(2);
    expect(outcome.stderr).toContain("./propiq-cache rotate --stack prod --yes");
    expect(settings()).toEqual(before);
  });

  it("gives an Azure cache two new keys, with two restarts and no moment without a working secret", async () => {
    const [before, file] = [settings(), await cloud.project.read("Pulumi.prod.yaml")];
    const [cache] = cloud.azure.caches();
    const keys = { ...cache?.keys };
    const startedAt = new Date().toISOString();

    const outcome = await cloud.run("rotate", "--stack", "prod", "--yes", "--format", "json");

    expect(outcome.code, outcome.all).toBe(0);
    const report = reportOf(outcome.stdout);
    expect(report).toMatchObject({
      ...{ schema: 1, verdict: "rotated", stack: "prod", plan: "azure-managed-b0" },
      ...{ interruptionMs: 0, oldSecretRefused: true, keySlot: "primary" },
    });
    expect(report.steps.map(({ name }) => name)).toEqual([
      "regenerate-secondary-key",
      "move-to-secondary-key",
      "regenerate-primary-key",
      "move-to-primary-key",
      "prove-old-secret-refused",
    ]);
    expect(target().password).toBe(cloud.azure.caches()[0]?.keys.primary);
    expect(await codesWith(undefined)).toEqual([]);
    for (const key of [keys.primary, keys.secondary]) expect(await codesWith(key)).toEqual(["AUTH_WRONG"]);
    for (const key of [keys.primary, keys.secondary, target().password ?? ""])
      expect(outcome.all).not.toContain(key);
    const others = ({ ...all }: Readonly<Record<string, string>>) =>
      Object.fromEntries(Object.entries(all).filter(([key]) => !/^(REDIS_|PROPIQ_CACHE_)/.test(key)));
    expect(others(settings())).toEqual(others(before));
    expect(await cloud.project.read("Pulumi.prod.yaml")).toBe(file);
    const preview = await cloud.pulumi("preview", "--expect-no-changes");
    expect(preview.code, preview.all).toBe(0);
    const rotatedAt = (await cloud.pulumi("stack", "output", "rotatedAt")).stdout.trim();
    expect(new Date(rotatedAt).toISOString() > startedAt).toBe(true);
  });

  it("is what verify asks for when the secret is older than the config allows", async () => {
    const verify = async () => {
      const outcome = await cloud.run("verify", "--stack", "prod", "--format", "json");
      const { reports } = JSON.parse(outcome.stdout) as ReportSet;
      return reports[0]?.checks.find(({ id }) => id === "key-age");
    };
    expect(await verify()).toBeUndefined();
    await cloud.configure({ "expect.keyMaxAgeDays": "0.000001" });
    await cloud.up();
    expect(await verify()).toMatchObject({
      ...{ status: "warn", code: "KEY_OLD" },
      advice: { run: ["./propiq-cache rotate --stack prod"] },
    });
    await cloud.configure({ "expect.keyMaxAgeDays": "90" });
    await cloud.up();
    expect(await verify()).toMatchObject({ status: "pass" });
    await cloud.configure({ "expect.keyMaxAgeDays": undefined });
    await cloud.up();
  });

  it("stops before it changes anything where another tool has edited the settings", async () => {
    const before = settings();
    cloud.azure.site().setSettings({ ...before, CACHE_TTL_SHORT: "7" }, "a colleague");
    const keys = { ...cloud.azure.caches()[0]?.keys };
    const outcome = await cloud.run("rotate", "--stack", "prod", "--yes");
    expect(outcome.code, outcome.all).toBe(2);
    expect(outcome.stderr).toContain("CACHE_TTL_SHORT");
    expect(outcome.stderr).toContain("./propiq-cache repair --stack prod");
    expect(cloud.azure.caches()[0]?.keys).toEqual(keys);
    cloud.azure.site().setSettings(before, "a colleague");
  });

  it("continues a rotation that was killed after its first move, and refuses the key of that move as well", async () => {
    const key = target().password;
    const running = cloud.start("rotate", "--stack", "prod", "--yes");
    await running.until("regenerate-primary-key …");
    running.kill("SIGKILL");
    await running.ended;
    expect(await codesWith(undefined)).toEqual([]);
    const moved = target().password;
    expect(moved).not.toBe(key);

    const outcome = await cloud.run("rotate", "--stack", "prod", "--yes", "--format", "json");
    expect(outcome.code, outcome.all).toBe(0);
    expect(reportOf(outcome.stdout).steps.map(({ name }) => name)).toEqual([
      "regenerate-primary-key",
      "move-to-primary-key",
      "regenerate-secondary-key",
      "prove-old-secret-refused",
    ]);
    expect(await codesWith(undefined)).toEqual([]);
    for (const old of [key, moved]) expect(await codesWith(old)).toEqual(["AUTH_WRONG"]);
  });

  it("gives an Upstash database a new password, and reports how long the app was without its cache", async () => {
    await cloud.configure({ plan: "upstash-free" });
    await cloud.up();
    const old = target().password;
    const dry = await cloud.run("rotate", "--stack", "prod", "--dry-run");
    expect(dry.code, dry.all).toBe(0);
    expect(dry.stdout).toContain("run without their cache");
    expect(target().password).toBe(old);

    const outcome = await cloud.run("rotate", "--stack", "prod", "--yes", "--format", "json");
    expect(outcome.code, outcome.all).toBe(0);
    const report = reportOf(outcome.stdout);
    expect(report).toMatchObject({ verdict: "rotated", oldSecretRefused: true });
    expect(report.interruptionMs).toBeGreaterThan(0);
    expect(await codesWith(undefined)).toEqual([]);
    expect(await codesWith(old)).toEqual(["AUTH_WRONG"]);
    const preview = await cloud.pulumi("preview", "--expect-no-changes");
    expect(preview.code, preview.all).toBe(0);
  });
});
