// @module-tag pipeline
/** Night cases: each command that `incident` names is typed as it stands, ends the impact, and fixes the cause. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Arm, openArm } from "../../infra/azure/arm.ts";
import type { IncidentReport } from "../../operations/incident/report.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { passes } from "../support/parts.ts";

const WEB_API = "2025-05-01";

let cloud: Cloud;
let arm: Arm;
let distrust: () => void;
beforeAll(async () => {
  cloud = await makeCloud({ azure: { app: { alwaysOn: true } } });
  distrust = trustInThisProcess(cloud.authority);
  await cloud.configure({ plan: "azure-managed-b0", drainSeconds: "0" });
  await cloud.up();
  arm = await openArm({ env: cloud.azure.env, subscriptionId: cloud.azure.subscriptionId });
});
afterAll(async () => {
  distrust?.();
  await cloud?.stop();
});

const site = () => cloud.azure.site();
const cluster = () => cloud.azure.resources.list({ type: "Microsoft.Cache/redisEnterprise" })[0];
const post = (path: string, apiVersion: string, body?: unknown) =>
  arm.request({ method: "POST", path, apiVersion, ...(body === undefined ? {} : { body }) });
const edit = (change: Record<string, string>) =>
  site().setSettings({ ...site().settings(), ...change }, "a colleague");

async function regenerate(...keys: string[]): Promise<void> {
  for (const keyType of keys)
    await post(`${cluster()?.id}/databases/default/regenerateKey`, "2025-07-01", { keyType });
  site().restart();
}

interface Night {
  what: string;
  happens(): Promise<unknown> | unknown;
  /** What the emulated world does when the command was typed: a hanging server is moved by its operator. */
  ends?(): unknown;
}

const NIGHTS: readonly Night[] = [
  { what: "the key of the app was regenerated", happens: () => regenerate("Primary") },
  { what: "someone stopped the app", happens: () => post(`${site().id}/stop`, WEB_API) },
  {
    what: "the app fails for its own reasons",
    happens: () => site().app.behave({ health: "error" }),
    ends: () => site().app.behave({ health: "guide" }),
  },
  { what: "both keys were regenerated", happens: () => regenerate("Primary", "Secondary") },
  {
    what: "a tool removed all settings of the cache",
    happens: () =>
      site().setSettings(
        Object.fromEntries(
          Object.entries(site().settings()).filter(([key]) => !/^(REDIS_|CACHE_|PROPIQ_CACHE_)/.test(key)),
        ),
        "terraform",
      ),
  },
  {
    what: "a colleague edited where the cache is",
    happens: () =>
      edit({ REDIS_URL: "rediss://:x@elsewhere.example:6380/0", REDIS_HOST: "elsewhere.example" }),
  },
  { what: "a colleague disabled the cache", happens: () => edit({ REDIS_ENABLED: "false" }) },
  { what: "someone deleted the cache", happens: () => cluster()?.remove() },
];

async function incident(): Promise<IncidentReport & { all: string }> {
  const { stdout, all } = await cloud.run("incident", "--stack", "prod", "--format", "json");
  return { ...(JSON.parse(stdout || "{}") as IncidentReport), all };
}

/** Types a command of the report: ours through the launcher, those of az as the requests that az sends. */
async function type(command: string): Promise<void> {
  const [program = "", ...words] = command.split(" ");
  if (program === "./propiq-cache") {
    const done = await cloud.run(...words, ...(words[0] === "repair" ? ["--yes"] : []));
    expect(done.code, `${command}\n${done.all}`).toBe(0);
    return;
  }
  const [, verb = ""] = /^az webapp (start|restart) --name luntra-outreach-app /.exec(command) ?? [];
  // A log is read, and changes nothing.
  if (command.startsWith("az webapp log tail ")) return;
  expect(verb, command).not.toBe("");
  await post(`${site().id}/${verb}`, WEB_API);
}

async function untilWell(words: string): Promise<void> {
  const endsAt = Date.now() + 120_000;
  let last = await incident();
  while (last.impact !== "none" && Date.now() < endsAt) {
    await delay(500);
    last = await incident();
  }
  expect(last.impact, `${words}\n${last.all}`).toBe("none");
}

for (const [rows, pass] of passes(NIGHTS, 0))
  it.each(rows)("$what: the first command ends the impact, the others fix the cause", pass, async (night) => {
    await night.happens();
    await expect.poll(async () => (await incident()).impact, { timeout: 60_000 }).not.toBe("none");
    const found = await incident();
    expect(found.now.run?.length, found.all).toBe(1);
    for (const command of found.now.run ?? []) await type(command);
    night.ends?.();
    await untilWell(found.all);
    for (const command of found.then.run ?? []) await type(command);
    await untilWell(found.all);
    const verify = await cloud.run("verify", "--stack", "prod", "--app");
    expect(verify.code, verify.all).toBe(0);
    const drift = await cloud.run("drift", "--stack", "prod");
    expect(drift.code, drift.all).toBe(0);
  });
