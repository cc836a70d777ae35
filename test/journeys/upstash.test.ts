// @module-tag pipeline
/** A cache at Upstash: every plan, from the first preview to the end, and what stands in its way. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readSettings } from "../../infra/contract/read-settings.ts";
import { installStandIn } from "../../rehearsal/plugins/install.ts";
import { type Authority, makeAuthority } from "../../rehearsal/tls.ts";
import type { RunningDatabase } from "../../rehearsal/upstash/databases.ts";
import { startUpstash, type Upstash } from "../../rehearsal/upstash/emulator.ts";
import { refusals } from "../../rehearsal/upstash/refusals.ts";
import { LONG, STORY } from "../support/parts.ts";
import { makeProject, type Outcome, type Project } from "../support/project.ts";

const STACK = ["--stack", "dev"];

let authority: Authority;
let home: string;
let upstash: Upstash;
let project: Project;
beforeAll(async () => {
  authority = await makeAuthority();
  home = await mkdtemp(join(tmpdir(), "propiq-home-"));
  await installStandIn("upstash", home);
});
afterAll(async () => {
  await authority.remove();
  await rm(home, { recursive: true, force: true });
});
/** An account and a clone of their own, for what follows. */
async function begin(): Promise<void> {
  upstash = await startUpstash({ authority });
  project = await makeProject();
}
async function end(): Promise<void> {
  await project?.remove();
  await upstash?.stop();
}

const pulumi = (words: string[], env: Record<string, string> = {}): Promise<Outcome> =>
  project.run(["pulumi", ...words, ...STACK], { env: { ...upstash.env, PULUMI_HOME: home, ...env } });
const must = async (work: Promise<Outcome>): Promise<Outcome> => {
  const outcome = await work;
  expect(outcome.code, outcome.all).toBe(0);
  return outcome;
};
const set = (key: string, value: string): Promise<void> => project.configure("dev", { [key]: value });
const up = (...words: string[]) => pulumi(["up", "--yes", "--skip-preview", ...words]);
const settings = async () => parseEnv(await project.read(".env"));
const only = (): RunningDatabase => {
  const [database, ...others] = upstash.databases();
  if (database === undefined || others.length > 0) throw new Error(`${others.length + 1} databases, or none`);
  return database;
};
const writes = () =>
  upstash.log.filter(({ method }) => method !== "GET").map(({ path }) => path.split("/")[3]);

/** One command of the app, with the settings that it was given. */
async function asApp(...command: [string, ...string[]]): Promise<unknown> {
  const { REDIS_URL = "" } = await settings();
  const client = new Redis(REDIS_URL, { tls: { ca: authority.certificate }, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    return await client.call(...command);
  } finally {
    client.disconnect();
  }
}

/** The app reads the database's own password, wherever the env file holds it. */
async function expectWired(): Promise<void> {
  const { target } = readSettings(await settings());
  expect(target).toMatchObject({ host: only().host, tls: true, password: only().password });
  expect(await asApp("PING")).toBe("PONG");
}

const WRONG_KEY = { UPSTASH_API_KEY: `wr0ng-/+"&<key` };

const PLANS = [
  ["upstash-free", "free"],
  ["upstash-payg", "payg"],
  ["upstash-fixed-250mb", "fixed_250mb"],
  ["upstash-fixed-1gb", "fixed_1gb"],
] as const;

const FAULTS = {
  "429 at the creation": {
    ...{ method: "POST", path: /redis\/database$/, reply: refusals.tooManyRequests(1).reply },
  },
  "500 at the creation": { method: "POST", path: /redis\/database$/, reply: { status: 500, body: "oops" } },
  "an answer lost after the creation": { method: "POST", path: /redis\/database$/, drop: "after" },
  "500 at the first read": { method: "GET", path: /redis\/database\//, reply: { status: 500, body: "oops" } },
  "500 at the change of plan": { method: "POST", path: /change-plan/, reply: { status: 500, body: "oops" } },
  "an answer lost after the change of plan": { method: "POST", path: /change-plan/, drop: "after" },
} as const satisfies Record<string, Parameters<Upstash["fault"]>[0]>;

/** An update that meets this fault once, and then another one. */
async function upThrough(fault: keyof typeof FAULTS): Promise<void> {
  const ordered = upstash.fault(FAULTS[fault]);
  const failed = await up();
  expect(failed.code, failed.all).not.toBe(0);
  expect(ordered.met).toBe(1);
  await must(up());
}

describe("a database at Upstash", STORY, () => {
  beforeAll(begin);
  afterAll(end);
  let said = "";

  it("is previewed without a write, and refused where the key is wrong, which is shown nowhere", async () => {
    await set("plan", "upstash-fixed-250mb");
    const preview = await must(pulumi(["preview"]));
    expect(preview.all).toContain("it starts empty");
    expect(upstash.log.filter(({ method }) => method !== "GET")).toEqual([]);
    const refused = await pulumi(["up", "--yes", "--skip-preview"], WRONG_KEY);
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain("the key must be a management API key of that very account");
    expect(refused.all).not.toContain("wr0ng");
    expect(upstash.databases()).toEqual([]);
    said += preview.all;
  });

  it("is made once, also where the answer is lost after the creation and after the change of plan", async () => {
    const ordered = upstash.fault(FAULTS["an answer lost after the creation"]);
    const failed = await up();
    expect(failed.code, failed.all).not.toBe(0);
    expect(ordered.met).toBe(1);
    await expect(project.read(".env")).rejects.toThrow("ENOENT");
    await upThrough("500 at the change of plan");
    expect(only()).toMatchObject({ plan: "fixed_250mb", eviction: true, primaryRegion: "us-east-1" });
    expect(only().name).toMatch(/^propiq-redis-upstash-[0-9a-f]{8}$/);
    await expectWired();
    said += failed.all;
  });

  it("shows no change afterwards, and no secret", async () => {
    const before = writes();
    await must(up("--expect-no-changes"));
    await must(pulumi(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]));
    await must(pulumi(["preview", "--refresh", "--expect-no-changes"]));
    expect(writes()).toEqual(before);
    const exported = await must(pulumi(["stack", "export"]));
    for (const secret of [only().password, upstash.apiKey]) {
      for (const form of [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)])
        expect(exported.all + said).not.toContain(form);
    }
  });

  it("has its plan fixed where another user changed it in the console", async () => {
    await upstash.changeDatabase(only().id, { plan: "fixed_1gb" });
    const refreshed = await must(pulumi(["refresh", "--yes", "--skip-preview", "--diff"]));
    expect(refreshed.all).toMatch(/plan\s*: "fixed_250mb" => "fixed_1gb"/);
    await must(up());
    expect(only().plan).toBe("fixed_250mb");
  });

  it("keeps its data, address and password through a change of plan, which a wrong key cannot make", async () => {
    await asApp("SET", "kept", "yes");
    const { id, password } = only();
    await set("plan", "upstash-payg");
    const refused = await pulumi(["up", "--yes", "--skip-preview"], WRONG_KEY);
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain("Upstash refuses this e-mail and API key");
    expect(refused.all).not.toContain("wr0ng");
    expect(only().plan).toBe("fixed_250mb");
    const changed = await must(pulumi(["up", "--yes"]));
    expect(changed.all).toContain("to payg: it keeps its data and its address");
    expect(only()).toMatchObject({ id, password, plan: "payg" });
    expect(await asApp("GET", "kept")).toBe("yes");
  });

  it("is replaced for another primary region: the new one is proven and wired before the old one is deleted", async () => {
    const old = only();
    await set("upstash.primaryRegion", "eu-west-1");
    upstash.fault({ method: "DELETE", path: /database/, reply: { status: 500, body: "not now" } });
    const failed = await up();
    expect(failed.code).not.toBe(0);
    // The old one could not be deleted: all that comes before it is done.
    const fresh = upstash.databases().find(({ id }) => id !== old.id);
    expect(fresh?.primaryRegion).toBe("eu-west-1");
    expect((await settings())["REDIS_HOST"]).toBe(fresh?.host);
    await must(up());
    expect(only().id).toBe(fresh?.id);
  });

  it("is deleted by destroy, with what it wrote", async () => {
    await must(pulumi(["destroy", "--yes", "--skip-preview"]));
    expect(upstash.databases()).toEqual([]);
    await expect(project.read(".env")).rejects.toThrow("ENOENT");
  });
});

describe("a database at Upstash, from its start", () => {
  beforeEach(begin);
  afterEach(end);

  it.each(PLANS)("has plan %s, from preview to destroy", LONG, async (plan, name) => {
    await set("plan", plan);
    await must(pulumi(["up", "--yes"]));
    expect(only().plan).toBe(name);
    await expectWired();
    await must(up("--expect-no-changes"));
    await must(pulumi(["preview", "--refresh", "--expect-no-changes"]));
    await must(pulumi(["destroy", "--yes", "--skip-preview"]));
    expect(upstash.databases()).toEqual([]);
  });

  it("keeps its data, address and password through every change of plan", LONG, async () => {
    await set("plan", "upstash-free");
    await must(up());
    await asApp("SET", "kept", "yes");
    const { id, password } = only();
    for (const [plan, name] of [...PLANS.slice(1), ...PLANS.slice(0, 1)]) {
      await set("plan", plan);
      await must(up());
      expect(only()).toMatchObject({ id, password, plan: name });
    }
    expect(await asApp("GET", "kept")).toBe("yes");
    expect(writes().filter((call) => call !== "change-plan")).toEqual(["database"]);
  });

  it("changes its budget and its read regions in place", LONG, async () => {
    await set("plan", "upstash-payg");
    await must(up());
    const { id } = only();
    await set("upstash.budget", "7");
    await set("upstash.readRegions[0]", "eu-west-1");
    await must(up());
    expect(only()).toMatchObject({ id, budget: 7, readRegions: ["eu-west-1"] });
    await must(up("--expect-no-changes"));
    await project.configure("dev", { "upstash.readRegions": undefined });
    await must(up());
    expect(only()).toMatchObject({ id, budget: 7, readRegions: [] });
  });

  it("remains, with the app on it, when its successor does not work", LONG, async () => {
    await set("plan", "upstash-payg");
    await set("proof.waitSeconds", "1");
    await must(up());
    const old = only();
    const before = await project.read(".env");
    await set("upstash.primaryRegion", "eu-west-1");
    const going = up();
    // The new one's server is removed as soon as it is there.
    await expect.poll(() => upstash.databases().length, { timeout: 60_000, interval: 5 }).toBe(2);
    await upstash
      .databases()
      .find(({ id }) => id !== old.id)
      ?.redis.stop();
    const failed = await going;
    expect(failed.code).not.toBe(0);
    expect(await project.read(".env")).toBe(before);
    expect(upstash.databases().map(({ id }) => id)).toContain(old.id);
    expect(await asApp("PING")).toBe("PONG");
  });

  it("is adopted: used as it is, under any plan, and left alone at the end", async () => {
    const id = await upstash.makeDatabase({ name: "by-hand", plan: "payg", primaryRegion: "eu-west-1" });
    await set("plan", "upstash-free");
    await set("upstash.adopt", id);
    const preview = await must(pulumi(["preview"]));
    expect(preview.all).toContain("by-hand is adopted: read and wired, never changed");
    expect(preview.all).toContain("It has the plan payg at Upstash, and not upstash-free");
    await must(up());
    await expectWired();
    await must(up("--expect-no-changes"));
    await must(pulumi(["refresh", "--yes", "--skip-preview", "--expect-no-changes"]));
    await must(pulumi(["destroy", "--yes", "--skip-preview"]));
    expect(only()).toMatchObject({ id, plan: "payg", budget: 20 });
    expect(writes()).toEqual([]);
  });

  it("cannot be adopted where the account has no such database, and its own neither", LONG, async () => {
    await set("plan", "upstash-free");
    await must(up());
    const { id } = only();
    await set("upstash.adopt", id);
    const own = await pulumi(["preview"]);
    expect(own.code).not.toBe(0);
    expect(own.all).toContain("is this stack's own database");
    await set("upstash.adopt", "00000000-0000-0000-0000-000000000000");
    const unknown = await up();
    expect(unknown.code).not.toBe(0);
    expect(unknown.all).toContain(`Its databases: ${id}`);
    expect(only().id).toBe(id);
  });
});

describe("obstacles at Upstash:", () => {
  beforeEach(begin);
  afterEach(end);

  it("missing credentials are reported in the preview, before any request", async () => {
    await set("plan", "upstash-free");
    const preview = await pulumi(["preview"], { UPSTASH_API_KEY: "" });
    expect(preview.code).not.toBe(0);
    expect(preview.all).toContain("No credentials for Upstash: the environment lacks UPSTASH_API_KEY");
    expect(preview.all).not.toMatch(/\n\s+at .*\.ts:\d+/);
    await set("upstash:email", upstash.email);
    const configured = await pulumi(["preview"], { UPSTASH_API_KEY: "" });
    expect(configured.all).toContain("which only Pulumi's Upstash provider reads");
    const other = await pulumi(["preview"], { UPSTASH_EMAIL: "other@example.com" });
    expect(other.all).toContain("name two Upstash accounts");
    expect(upstash.log).toEqual([]);
  });

  it("a free database that the account already has is reported before anything is made, with the options", async () => {
    const id = await upstash.makeDatabase({ name: "mine", plan: "free" });
    await set("plan", "upstash-free");
    const failed = await up();
    expect(failed.code).not.toBe(0);
    expect(failed.all).toContain("The account already has its one free database: mine");
    expect(failed.all).toContain(`--path upstash.adopt ${id}`);
    expect(only().name).toBe("mine");
  });

  it("a missing payment method for a paid plan is reported", LONG, async () => {
    upstash.conditions.paymentMethod = false;
    await set("plan", "upstash-free");
    await must(up());
    await set("plan", "upstash-fixed-1gb");
    const failed = await up();
    expect(failed.code).not.toBe(0);
    expect(failed.all).toContain("the account has no payment method");
    expect(await asApp("PING")).toBe("PONG");
    upstash.conditions.paymentMethod = true;
    await must(up());
    expect(only().plan).toBe("fixed_1gb");
  });

  it.each(Object.keys(FAULTS) as (keyof typeof FAULTS)[])(
    "%s leaves nothing that the next up does not fix",
    LONG,
    async (fault) => {
      await set("plan", "upstash-fixed-250mb");
      await upThrough(fault);
      expect(only().plan).toBe("fixed_250mb");
      await expectWired();
      await must(pulumi(["destroy", "--yes", "--skip-preview"]));
      expect(upstash.databases()).toEqual([]);
    },
  );

  it("a leftover that the env file uses is not deleted", LONG, async () => {
    await set("plan", "upstash-payg");
    await must(up());
    const { id } = only();
    const exported = await must(pulumi(["stack", "export"]));
    const { deployment } = JSON.parse(exported.stdout) as { deployment: { resources: { urn: string }[] } };
    const urn = deployment.resources.find((resource) => resource.urn.includes("RedisDatabase"))?.urn ?? "";
    await must(pulumi(["state", "delete", urn, "--yes", "--target-dependents"]));
    const failed = await up();
    expect(failed.code).not.toBe(0);
    expect(failed.all).toContain("the env file .env uses it");
    expect(only().id).toBe(id);
  });
});
