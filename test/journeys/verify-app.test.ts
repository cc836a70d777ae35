// @module-tag pipeline
/** Is the app really using it? Asked of an App Service, signed in to Azure, with nothing of the stack at hand. */
import { ClientSecretCredential } from "@azure/identity";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ReportSet } from "../../check/report.ts";
import { settingsFor } from "../../infra/contract/app-settings.ts";
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { takeOver } from "../../infra/provider/app-settings/merge.ts";
import { type Azure, startAzure } from "../../rehearsal/azure/emulator.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import { type CliRun, runCli } from "../support/cli.ts";

const password = `c4n/4ry+ "%&<@:#'end`;
const SITE = "luntra-outreach-app";
const VAULT = "propiq-vault";
let azure: Azure;
let redis: TestRedis;
let distrust: () => void;
let foreign: Record<string, string>;
let ours: Record<string, string>;
beforeAll(async () => {
  azure = await startAzure({
    app: { alwaysOn: true },
    apps: [{ name: SITE, identity: true }],
    keyVaults: [{ name: VAULT }],
  });
  distrust = trustInThisProcess(azure.authority);
  redis = await startRedis({ password });
  foreign = azure.site().settings();
  ours = settingsOf({ enabled: true });
});
afterAll(async () => {
  distrust();
  await azure.stop();
  await redis.stop();
});
beforeEach(() => {
  azure.site().state = "Running";
  azure.site().app.behave({ health: "guide" });
});

function settingsOf({ enabled = true, port = redis.port }): Record<string, string> {
  const target = { ...redis.target, port, password };
  return { ...settingsFor({ enabled, target, ttl: { short: 1, medium: 2, long: 3, day: 4 } }) };
}

const NAMED = ["--app-name", SITE, "--resource-group", "propiq-rg"];
async function verify(words: readonly string[] = NAMED, env: Record<string, string> = {}): Promise<CliRun> {
  const run = await runCli(["verify", "--deadline", "15", ...words], { env: { ...azure.env, ...env } });
  expect(run.stdout + run.stderr).not.toMatch(/^\s+at |undefined|NaN/m);
  for (const form of [password, encodeURIComponent(password)])
    expect(run.stdout + run.stderr).not.toContain(form);
  return run;
}
async function report(words: readonly string[] = NAMED) {
  const run = await verify([...words, "--format", "json"]);
  const set = JSON.parse(run.stdout) as ReportSet;
  const [only] = set.reports;
  const codes = Object.fromEntries((only?.checks ?? []).map(({ id, status, code }) => [id, code ?? status]));
  return { exit: run.code, verdict: set.verdict, impact: set.impact, codes, endpoint: only?.endpoint };
}
/**
 * The app restarts with new settings. That an answer echoes them is not enough: a worker from before the last restart
 * may echo the same ones, and a worker of that restart then takes its place.
 */
async function holding(settings: Record<string, string>): Promise<void> {
  azure.site().setSettings({ ...foreign, ...settings });
  await azure.site().app.settled();
  expect(await echo()).toBe(settings[FINGERPRINT_KEY] ?? null);
}
async function echo(): Promise<string | null> {
  const health = await fetch(azure.site().app.healthUrl).then((reply) => reply.json() as Promise<object>);
  const { cache } = health as { cache?: { fingerprint?: string | null } };
  return cache?.fingerprint ?? null;
}
/** The object id of the pipeline, from a vault's own refusal. */
async function pipelineId(): Promise<string> {
  const { ARM_CLIENT_ID: id = "", ARM_CLIENT_SECRET: secret = "" } = azure.env;
  const options = { authorityHost: azure.origin, disableInstanceDiscovery: true };
  const credential = new ClientSecretCredential(azure.tenantId, id, secret, options);
  const { token } = await credential.getToken("https://vault.azure.net/.default");
  const reply = await fetch(`${azure.vault(VAULT).uri}secrets/any?api-version=7.4`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return /oid=([^']+)'/.exec(await reply.text())?.[1] ?? "";
}

describe("an App Service by its name", () => {
  it("that uses its cache is healthy: its settings name the cache, and it echoes them", async () => {
    await holding(ours);
    expect(await report()).toMatchObject({
      ...{ exit: 0, verdict: "healthy", impact: "none", endpoint: `127.0.0.1:${redis.port}` },
      codes: { roundtrip: "pass", "app-settings": "pass", "app-health": "pass", "app-uses-cache": "pass" },
    });
    const text = await verify();
    expect(text.stdout).toMatch(/App's settings .*as propiq-cache wrote them/);
  });

  it("whose cache was disabled is reported as disabled, which is not a failure", async () => {
    await holding(settingsOf({ enabled: false }));
    expect(await report()).toMatchObject({ exit: 0, verdict: "disabled" });
  });

  it("whose settings another tool replaced is reported as that", async () => {
    azure.site().setSettings(foreign);
    const told = await report();
    expect(told).toMatchObject({ exit: 1, impact: "slower", codes: { "app-settings": "SETTINGS_REMOVED" } });
    const { stdout } = await verify();
    expect(stdout).toMatch(/Terraform/);
    expect(stdout).toContain("repair --stack prod");
    expect(stdout).not.toMatch(/webapp restart/);
  });

  it("whose settings were edited since names the keys, and the stack that wrote them", async () => {
    const by = "urn:pulumi:live::propiq-cache::propiq:index:AppSettings::app";
    const written = takeOver(foreign, { wanted: ours, by, at: "/subscriptions/1/sites/app" });
    await holding({ ...written, CACHE_TTL_SHORT: "61" });
    expect(await report()).toMatchObject({
      exit: 1,
      codes: { "app-settings": "SETTINGS_DIFFER", roundtrip: "pass" },
    });
    const { stdout } = await verify();
    expect(stdout).toMatch(/SETTINGS_DIFFER: other values: CACHE_TTL_SHORT;/);
    expect(stdout).toContain("repair --stack live");
  });

  it("whose cache hangs has one advice, and the command that ends the impact", async () => {
    const hung = await startRedis({ password });
    hung.signal("SIGSTOP");
    azure.site().setSettings({ ...foreign, ...settingsOf({ port: hung.port }) });
    const { stdout } = await verify([...NAMED, "--deadline", "8"]);
    await hung.stop();
    expect(stdout).toContain("Run: ./propiq-cache off --stack prod");
    expect(stdout).toMatch(/\.\/propiq-cache verify --deadline 15 --app-name .* --deadline 8/);
    expect(stdout).not.toMatch(/webapp restart/);
  });

  it("that says its cache is disabled, although its settings enable it", async () => {
    await holding(ours);
    azure.site().app.behave({ health: "cache-off" });
    expect(await report()).toMatchObject({
      ...{ exit: 1, impact: "slower" },
      codes: { "app-settings": "pass", "app-uses-cache": "APP_CACHE_OFF", roundtrip: "pass" },
    });
  });

  it("that answers from old settings does not use this cache", async () => {
    await holding(ours);
    azure.site().app.behave({ start: "stuck" });
    azure.site().setSettings({ ...foreign, ...settingsOf({ port: await freePort() }) });
    const told = await report();
    azure.site().app.behave({ start: "fine" });
    expect(told).toMatchObject({
      exit: 1,
      codes: { "app-uses-cache": "APP_NOT_USING_CACHE", tcp: "TCP_REFUSED" },
    });
  });

  it.each([
    ["error", { "app-health": "APP_UNREACHABLE", "app-uses-cache": "skip" }, 1],
    ["missing", { "app-health": "skip", "app-uses-cache": "skip" }, 0],
    ["page", { "app-health": "skip", "app-uses-cache": "skip" }, 0],
    ["bare", { "app-health": "pass", "app-uses-cache": "skip" }, 0],
    ["unhealthy", { "app-health": "APP_UNREACHABLE" }, 0],
  ] as const)("with a health document that is %s", async (health, codes, exit) => {
    await holding(ours);
    azure.site().app.behave({ health });
    expect(await report()).toMatchObject({ exit, codes: { roundtrip: "pass", ...codes } });
  });

  it("that is stopped is the cause: its cache is not blamed, and the advice starts the app", async () => {
    await holding(ours);
    azure.site().state = "Stopped";
    expect(await report()).toMatchObject({
      ...{ exit: 1, impact: "users-affected" },
      codes: { "app-health": "APP_STOPPED", roundtrip: "pass" },
    });
    const stdout = (await verify()).stdout.replace(/\s+/g, " ");
    expect(stdout).toContain("Users are affected: the app is stopped.");
    expect(stdout).toContain(`az webapp start --name ${SITE} --resource-group propiq-rg`);
    expect(stdout).not.toMatch(/waits for its cache|propiq-cache off|restart/);
  });

  it("is asked within the check's time: the time that Azure used is not available for the cache", async () => {
    const hung = await startRedis({ password });
    hung.signal("SIGSTOP");
    azure.site().setSettings({ ...foreign, ...settingsOf({ port: hung.port }) });
    azure.fault({ method: "POST", path: /config\/appsettings\/list/, delayMs: 1500 });
    const run = await verify([...NAMED, "--deadline", "9", "--format", "json"]);
    await hung.stop();
    const [only] = (JSON.parse(run.stdout) as ReportSet).reports;
    expect(only?.checks.find(({ status }) => status === "fail")).toMatchObject({ code: "TIMEOUT" });
    // A check that had the whole of its time left would take 9 s.
    expect(only?.durationMs).toBeLessThan(8900);
  });

  it("whose password is in a vault that it may not read is reported as that", async () => {
    const reference = `@Microsoft.KeyVault(SecretUri=${azure.vault(VAULT).uri}secrets/nobody-has-it)`;
    const sealed = { REDIS_URL: reference, REDIS_PASSWORD: reference, [FINGERPRINT_KEY]: "0".repeat(16) };
    azure.site().setSettings({ ...foreign, ...ours, ...sealed });
    expect(await report()).toMatchObject({ exit: 1, codes: { "app-settings": "SECRET_REF_UNRESOLVED" } });
  });

  it("whose password is in a vault is checked with it, where we may read it, too", async () => {
    const vault = azure.vault(VAULT);
    vault.readers.add(azure.site().principal ?? "");
    for (const name of ["REDIS_URL", "REDIS_PASSWORD"])
      vault.put(name.toLowerCase().replace("_", "-"), { value: ours[name] ?? "" });
    const reference = (name: string) => `@Microsoft.KeyVault(VaultName=${VAULT};SecretName=${name})`;
    const sealed = { REDIS_URL: reference("redis-url"), REDIS_PASSWORD: reference("redis-password") };
    await holding({ ...ours, ...sealed });
    const denied = await verify();
    expect([denied.code, denied.stdout]).toEqual([2, ""]);
    expect(denied.stderr).toMatch(/REDIS_URL is in a Key Vault.*\(HTTP 403\)\.\n.*Key Vault Secrets User/);
    vault.readers.add(await pipelineId());
    expect(await report()).toMatchObject({
      ...{ exit: 0, verdict: "healthy" },
      codes: { roundtrip: "pass", "app-settings": "pass", "app-uses-cache": "pass" },
    });
  });
});

describe("what cannot be asked ends with 2 and a next step:", () => {
  it.each<[string, string[], Record<string, string>, RegExp]>([
    [
      "no such app",
      ["--app-name", "nobody", "--resource-group", "propiq-rg"],
      {},
      /no App Service nobody.*\n.*\n.*az webapp list/,
    ],
    ["no group named", ["--app-name", SITE], {}, /needs the resource group/],
    ["no stack", ["--app"], {}, /--app needs a stack/],
    ["two sources", [...NAMED, "--url", "-"], {}, /--url and --app-name cannot go together/],
    ["a wrong secret", NAMED, { ARM_CLIENT_SECRET: "wrong-0815" }, /Cannot sign in to Azure/],
    [
      "a health address that is none",
      ["--health-url", "localhost/health"],
      {},
      /--health-url must be an address/,
    ],
    [
      "a health address with a password",
      ["--health-url", "https://somebody:wrong-0815@app.example/health"],
      {},
      /--health-url must hold no user and password/,
    ],
  ])("%s", async (_what, words, env, message) => {
    const run = await verify(words, env);
    expect([run.code, run.stdout]).toEqual([2, ""]);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toContain("wrong-0815");
  });
});

it("an app anywhere is asked by the address of its health, beside whichever source", async () => {
  await holding(ours);
  const words = ["--health-url", azure.site().app.healthUrl, "--format", "json"];
  const run = await verify(words, ours);
  const [only] = (JSON.parse(run.stdout) as ReportSet).reports;
  expect(run.code, run.stdout).toBe(0);
  expect(only?.checks.find(({ id }) => id === "app-uses-cache")).toMatchObject({
    status: "pass",
    observed: "the app is connected, and echoes these settings",
  });
  expect(only?.checks.some(({ id }) => id === "app-settings")).toBe(false);
});
