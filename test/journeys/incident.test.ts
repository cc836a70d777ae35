/** Each fault of stack `prod` as a user who was woken asks about it: the impact, the command, and what brought it about. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Arm, openArm } from "../../infra/azure/arm.ts";
import type { IncidentReport } from "../../operations/incident/report.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { STORY } from "../support/parts.ts";

const APP = "luntra-outreach-app";
const GROUP = "propiq-rg";
const ON_APP = `--name ${APP} --resource-group ${GROUP}`;
const OFF = "./propiq-cache off --stack prod";
const REPAIR = "./propiq-cache repair --stack prod";

let cloud: Cloud;
let arm: Arm;
let distrust: () => void;
let wired: Record<string, string>;
beforeAll(async () => {
  cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
  distrust = trustInThisProcess(cloud.authority);
  await cloud.configure({ plan: "azure-managed-b0", drainSeconds: "0" });
  await cloud.up();
  const git = (...words: string[]) =>
    promisify(execFile)("git", [
      "-C",
      cloud.project.root,
      "-c",
      "user.name=Ann",
      "-c",
      "user.email=a@b.c",
      ...words,
    ]);
  await git("init", "-q");
  await git("add", "Pulumi.prod.yaml");
  await git("commit", "-q", "-m", "Grow to azure-managed-b0");
  arm = await openArm({ env: cloud.azure.env, subscriptionId: cloud.azure.subscriptionId });
  wired = site().settings();
});
afterAll(async () => {
  distrust?.();
  await cloud?.stop();
});

const site = () => cloud.azure.site();
const post = (path: string, body?: unknown, apiVersion = "2025-05-01") =>
  arm.request({ method: "POST", path, apiVersion, ...(body === undefined ? {} : { body }) });

async function incident(...source: string[]): Promise<IncidentReport & { exit: number | null; all: string }> {
  // As a user without the team's passphrase.
  const { PULUMI_CONFIG_PASSPHRASE: _, ...env } = cloud.env;
  const words = source.length > 0 ? source : ["--stack", "prod"];
  const before = cloud.azure.log.length;
  const run = await cloud.project.run(["incident", ...words, "--format", "json"], { env });
  expect(cloud.azure.log.slice(before).filter(({ method }) => !/^(GET|POST)$/.test(method))).toEqual([]);
  for (const secret of cloud.azure.caches().flatMap(({ keys }) => Object.values(keys)))
    expect(run.all).not.toContain(secret);
  const report = JSON.parse(run.stdout || "{}") as IncidentReport;
  return { ...report, exit: run.code, all: run.all };
}

describe("incident", STORY, () => {
  it("clears the cache where it works, without the passphrase", async () => {
    const found = await incident();
    expect(found, found.all).toMatchObject({ exit: 0, schema: 1, verdict: "healthy", impact: "none" });
    expect(found).toMatchObject({ codes: [], notAsked: [] });
    expect(found.now.run).toBeUndefined();
    expect(found.changes.map(({ source }) => source)).toContain("pulumi");
    expect(found.changes.map(({ source }) => source)).toContain("azure");
    expect(found.changes).toContainEqual(
      expect.objectContaining({ source: "git", who: "Ann", what: expect.stringContaining("Grow to") }),
    );
  });

  it("advises to start a stopped app, and says since when and by whom it is stopped", async () => {
    await post(`${site().id}/stop`);
    const found = await incident();
    expect(found).toMatchObject({ exit: 1, impact: "users-affected" });
    expect(found.codes).toContain("APP_STOPPED");
    expect(found.now.run).toEqual([`az webapp start ${ON_APP}`]);
    const stopped = cloud.azure.activity.list().findLast(({ operation }) => /sites\/stop/.test(operation));
    expect(found.since).toBe(new Date(stopped?.at ?? 0).toISOString());
    expect(found.changes[0]).toMatchObject({ source: "azure", who: cloud.azure.principal });
    await post(`${site().id}/start`);
  });

  it("names the rotated key and repair, and ends the impact by off; its first two lines say so", async () => {
    const [cluster] = cloud.azure.resources.list({ type: "Microsoft.Cache/redisEnterprise" });
    const path = `${cluster?.id}/databases/default/regenerateKey`;
    await post(path, { keyType: "Primary" }, "2025-07-01");
    site().restart();
    const found = await incident("--app-name", APP, "--resource-group", GROUP);
    expect(found.codes, found.all).toContain("AUTH_WRONG");
    expect(found.impact).not.toBe("none");
    expect(found.now.run).toEqual([OFF]);
    expect(found.then.run).toEqual([REPAIR, "./propiq-cache on --stack prod"]);
    expect(found.changes[0]?.what).toContain("regenerateKey");
    const text = await cloud.run("incident", "--stack", "prod");
    const [impact, command] = text.stdout.split("\n");
    expect(impact).toContain("AUTH_WRONG");
    expect(command).toBe(`Run: ${OFF}`);

    const off = await cloud.run("off", "--stack", "prod");
    expect(off.code, off.all).toBe(0);
    await expect.poll(async () => (await incident()).impact).toBe("none");
    const repaired = await cloud.run("repair", "--stack", "prod", "--yes");
    expect(repaired.code, repaired.all).toBe(0);
    const on = await cloud.run("on", "--stack", "prod");
    expect(on.code, on.all).toBe(0);
    wired = site().settings();
  });

  it("advises to write settings again that another tool removed", async () => {
    const others = Object.fromEntries(
      Object.entries(wired).filter(([key]) => !/^(REDIS_|CACHE_|PROPIQ_CACHE_)/.test(key)),
    );
    site().setSettings(others, "terraform");
    const found = await incident();
    expect(found.codes, found.all).toContain("SETTINGS_REMOVED");
    expect(found.now.run).toEqual([REPAIR]);
    site().setSettings(wired, "terraform");
  });

  it("restarts an app that fails for its own reasons, whether its cache is enabled or not", async () => {
    site().app.behave({ health: "error" });
    const used = await incident();
    expect(used, used.all).toMatchObject({ exit: 1, impact: "users-affected" });
    expect(used.now.run, used.all).toEqual([`az webapp restart ${ON_APP}`]);
    expect(used.then.run).toEqual([`az webapp log tail ${ON_APP}`]);
    site().setSettings({ ...wired, REDIS_ENABLED: "false" }, "a colleague");
    const disabled = await incident();
    expect(disabled, disabled.all).toMatchObject({ exit: 1, impact: "users-affected" });
    expect(disabled.now.run).toEqual([`az webapp restart ${ON_APP}`]);
    site().app.behave({ health: "guide" });
    site().setSettings(wired, "a colleague");
    await site().app.settled();
  });

  it("ends the impact of a deleted cache by off, and names repair", async () => {
    await cloud.azure.resources.list({ type: "Microsoft.Cache/redisEnterprise" })[0]?.remove();
    const found = await incident();
    expect(found.now.run, found.all).toEqual([OFF]);
    expect(found.impact).not.toBe("none");
    expect(found.then.run?.length).toBeGreaterThan(0);
  });

  it("says what could not be asked, and still what changed", async () => {
    cloud.azure.conditions.role = { actions: [], notActions: [] };
    const found = await incident();
    cloud.azure.conditions.role = "Contributor";
    expect(found, found.all).toMatchObject({ exit: 2, impact: "unknown" });
    expect(found.notAsked.map(({ what }) => what)).toContain(APP);
    expect(found.changes.map(({ source }) => source)).toContain("pulumi");
  });

  it("ends in time where the sign-in never answers, and waits for nothing that it has given up", async () => {
    const held = cloud.azure.fault({ path: /oauth2/, times: 99, delayMs: 60_000 });
    const found = await incident();
    held.cancel();
    expect(found, found.all).toMatchObject({ exit: 2, impact: "unknown" });
    expect(found.notAsked).toContainEqual({ what: APP, why: "It did not answer in time." });
    const signIns = cloud.azure.log.filter(({ path }) => /oauth2/.test(path));
    expect(signIns.at(-1)?.status).toBe(0);
  });
});
