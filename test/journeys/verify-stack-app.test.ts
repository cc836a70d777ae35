/** A pipeline after a deploy: the stack's cache, and whether its App Service really uses it. */
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { ReportSet } from "../../check/report.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";

let cloud: Cloud;
let wired: Readonly<Record<string, string>>;
beforeAll(async () => {
  cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
  await cloud.configure({ plan: "upstash-free", "app.name": "luntra-outreach-app", drainSeconds: "0" });
  await cloud.up();
  wired = site().settings();
});
afterEach(async () => {
  site().setSettings(wired);
  await site().app.settled();
});
afterAll(() => cloud?.stop());

const site = () => cloud.azure.site();

async function report(...words: string[]) {
  const run = await cloud.run(
    "verify",
    "--stack",
    "prod",
    "--app",
    "--format",
    "json",
    "--deadline",
    "15",
    ...words,
  );
  expect(run.stderr).toBe("");
  const [only] = (JSON.parse(run.stdout) as ReportSet).reports;
  const checks = only?.checks ?? [];
  return {
    exit: run.code,
    verdict: only?.verdict,
    codes: Object.fromEntries(checks.map(({ id, status, code }) => [id, code ?? status])),
    hints: checks.flatMap(({ hint }) => hint ?? []).join("\n"),
    text: run.stdout,
  };
}

it("is healthy when the app has the settings of the state, and echoes them", async () => {
  expect(await report()).toMatchObject({
    ...{ exit: 0, verdict: "healthy" },
    codes: { "app-settings": "pass", "app-health": "pass", "app-uses-cache": "pass", plan: "pass" },
  });
});

it("reports a key that a user has edited, by its name and not by its value", async () => {
  site().setSettings({ ...wired, CACHE_TTL_LONG: "7777" });
  const told = await report();
  expect(told).toMatchObject({ exit: 1, codes: { "app-settings": "SETTINGS_DIFFER" } });
  expect(told.text).toContain("other values: CACHE_TTL_LONG");
  expect(told.text).not.toContain("7777");
});

it("distinguishes a manual disable from one by the stack", async () => {
  site().setSettings({ ...wired, REDIS_ENABLED: "false" });
  const byHand = await report();
  expect(byHand).toMatchObject({ exit: 1, codes: { "app-settings": "APP_CACHE_OFF" } });
  expect(byHand.hints).toMatch(/\.\/propiq-cache on --stack prod/);
  site().setSettings(wired);
  const off = await cloud.run("off", "--stack", "prod");
  expect(off.code, off.all).toBe(0);
  expect(await report()).toMatchObject({ exit: 0, verdict: "disabled" });
  const on = await cloud.run("on", "--stack", "prod");
  expect(on.code, on.all).toBe(0);
});

it("reports a plan that was chosen and not deployed", async () => {
  await cloud.configure({ plan: "upstash-fixed-250mb" });
  const told = await report();
  expect(told, told.text).toMatchObject({ exit: 0, verdict: "degraded", codes: { plan: "PLAN_DIFFERS" } });
  await cloud.configure({ plan: "upstash-free" });
});

it("says what it could not ask, and exits with 2", async () => {
  const run = await cloud.project.run(["verify", "--stack", "prod", "--app"], {
    env: { ...cloud.env, ARM_CLIENT_SECRET: "wrong-0815" },
  });
  expect(run.code, run.all).toBe(2);
  expect(run.all).toMatch(/Cannot sign in to Azure/);
  expect(run.all).not.toContain("wrong-0815");
});
