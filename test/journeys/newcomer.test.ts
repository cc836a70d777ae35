// @module-tag pipeline
/**
 * A new user follows the README and the documents: from the clone to a cache on the machine, to production, a growth
 * step and back; then a hand-made set-up, an incident, a pipeline. Every command of every document is typed, as it stands
 * there, in one shell; those that are not stand below, with a reason. A developer waits for the first half alone; all of
 * it: npm run test:long -- test/journeys/newcomer.test.ts
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openArm } from "../../infra/azure/arm.ts";
import { freePort } from "../../rehearsal/ports.ts";
import { startRedis, type TestRedis } from "../../rehearsal/redis-server.ts";
import {
  makeReader,
  PASSPHRASE,
  place,
  projectFile,
  REPOSITORY,
  type Reader,
} from "../support/documents/reader.ts";
import { FIRST_STEPS, LONG, lacks, STORY } from "../support/parts.ts";

/** What is not typed here. `seen`: the file that shows why. */
const NOT_TYPED = [
  { command: "npm test", why: "the pipeline's own second command", seen: ".ci/run" },
  { command: "npm test -- test/infra", why: "a part of it", seen: "test/support/run.ts" },
  { command: "npm run test:unit", why: "a part of it", seen: "test/support/run.ts" },
  { command: "pulumi up", why: "names a command, and is not one to type", seen: "docs/architecture.md" },
  { command: "npm run check", why: "the pipeline runs it before the tests", seen: ".ci/run" },
  { command: "./propiq-cache rehearse", why: "minutes, in clouds of its own", seen: "docs/rehearse.md" },
  {
    command: "./propiq-cache drill -- node examples/app/server.ts",
    why: "minutes, with a Redis of its own: test/rehearsal/drill",
    seen: "docs/drill.md",
  },
  {
    command: "./propiq-cache drill --request /users/1/profile -- sh -c 'cd ../my-app && npm start'",
    why: "an app of the reader's own",
    seen: "docs/drill.md",
  },
  { command: "npm run bench", why: "takes minutes of a quiet machine", seen: "package.json" },
] as const;

/** Documents with a journey of their own, which sees to it that all of theirs is executed. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "docs/team.md": "test/journeys/team.test.ts",
  "docs/rehearse.md": "test/journeys/rehearse.test.ts",
  "docs/security.md": "test/journeys/local-password.test.ts",
};

let reader: Reader;
let other: TestRedis;
let appPort: number;
/** All that ever stood on the screen. */
let screens = "";
/** Of all caches that the app was on. */
const passwords = new Set<string>();
/** The second half. */
const then = (name: string, step: () => Promise<void>): void => it(name, LONG, step);
const STEPS = { ...STORY, ...FIRST_STEPS };

const site = () => reader.azure.site();
const follow = async (...words: Parameters<Reader["follow"]>) => {
  const done = await reader.follow(...words);
  screens += done.map(({ text }) => text).join("");
  passwords.add(site().settings()["REDIS_PASSWORD"] ?? "");
  return done;
};
/** What a person types who knows it from elsewhere. */
const type = async (command: string) => {
  const { code, text } = await reader.enter(command);
  expect(code, `${command}\n${text}`).toBe(0);
  return text;
};
/** That have something which was not typed yet. */
const headingsOf = (document: string): Set<string> =>
  new Set(
    reader
      .unread()
      .filter((each) => each.document === document)
      .map(({ heading }) => heading),
  );
const lastOf = (done: { text: string }[]): string => done.at(-1)?.text ?? "";

beforeAll(async () => {
  other = await startRedis();
  appPort = await freePort();
  const port = String(await freePort());
  reader = await makeReader(({ upstash, state }) => ({
    blanks: [
      { in: /--stack dev\b/, by: "--stack native" },
      { in: /\bport 6380\b/, by: `port ${port}` },
      { in: /https:\/\/app\.example\//, by: `http://127.0.0.1:${appPort}/` },
      { in: /\bYOU@EXAMPLE\.COM\b/, by: upstash.email },
      { in: /'name'/, by: () => `'${reader.azure.caches()[0]?.name}'` },
      { in: /--name name\b/, by: () => `--name ${reader.azure.caches()[0]?.name}` },
      { in: /\bOLDCACHE\b/, by: "made-by-hand" },
      { in: /\bYOURSTATEACCOUNT\b/, by: new URL(state.url).searchParams.get("storage_account") ?? "" },
      { in: /\bNEW\b/, by: "renamed" },
      { in: /\bOWNER\/REPO\b/, by: REPOSITORY },
      { in: /--repository REPO\b/, by: "--repository propiq-cache" },
      { in: /--group-id ID --name NAME\b/, by: "--group-id 1 --name PULUMI_CONFIG_PASSPHRASE" },
      { in: /^redis-cli /, by: `redis-cli -p ${other.port} ` },
    ],
    replies: [
      { on: /Select a subscription and tenant .*: $/, type: "\r" },
      { on: /^value: *$/m, type: `redis://127.0.0.1:${other.port}/0\r` },
      { on: /perform this (update|destroy)\?[\s\S]*\[Use arrows/, type: "yes\r" },
      { on: /\(y\/n\): $/, type: "y\r" },
      { on: /\[y\/N\] $/, type: "y\r" },
      { on: /Paste your (secret|variable): $/, type: "something secret\r", again: true },
      { on: /^PULUMI_CONFIG_PASSPHRASE: $/m, type: "something secret\r" },
    ],
    silent: [
      { in: /read -rs UPSTASH_API_KEY/, type: `${upstash.apiKey}\r` },
      { in: /read -rs PULUMI_CONFIG_PASSPHRASE/, type: `${PASSPHRASE}\r` },
    ],
  }));
});
afterAll(async () => {
  await reader?.stop();
  await other?.stop();
});

describe.skipIf(lacks("script (util-linux)", process.platform === "linux"))("somebody new", STEPS, () => {
  it("comes from the clone to a proven cache by the README's first command", async () => {
    const [first] = await follow("README.md", "Start", { only: ({ text }) => text.startsWith("npm ci") });
    expect(first?.text).toContain("✔ healthy");
    expect(await reader.project.read(".env")).toContain("REDIS_URL=redis://127.0.0.1:");
  });

  it("starts the example app on it", async () => {
    await type(`export PORT=${appPort}`);
    const heading = "The kit for Node, and an app that uses it";
    await follow("examples/app/README.md", heading, { only: ({ text }) => text.startsWith("./propiq") });
    await follow("examples/app/README.md", heading, {
      only: ({ text }) => text.startsWith("node"),
      background: true,
    });
    const health = async () => (await fetch(`http://127.0.0.1:${appPort}/health`)).json();
    await expect
      .poll(() => health().catch(() => undefined), { timeout: 20_000 })
      .toMatchObject({
        cache: { connected: true },
      });
  });

  it("checks it in all ways that need no cloud", async () => {
    const local = await follow("README.md", "Check a cache", {
      only: ({ text }) => !/--stack prod|--app-name/.test(text),
    });
    const verdicts = local.filter(({ command }) => /verify/.test(command.text));
    expect(verdicts.length).toBeGreaterThanOrEqual(5);
    for (const { text } of verdicts) expect(text).toContain("✔ healthy");
    expect(await reader.project.read("history.html")).toMatch(/^<!doctype html>/i);
    await type('kill "$!"');
  });

  it("sets another port, uses a Redis that runs already, and removes everything again", async () => {
    const done = await follow("README.md", "On your machine");
    expect(done.filter(({ text }) => text.includes("✔ healthy")).length).toBe(3);
    expect(lastOf(done)).toContain("Removed: the servers");
    await type("git diff --exit-code");
  });

  it("deploys to production", async () => {
    const before = site().settings();
    await follow("docs/production.md", "Sign in, once");
    await follow("docs/plans.md", "Choosing a plan", { only: ({ kind }) => kind === "block" });
    // So that the test does not wait for the sake of real users.
    await type("./propiq-cache pulumi config set drainSeconds 0 --stack prod");
    const done = await follow("docs/production.md", "Deploy");
    expect(done[0]?.text).toContain("✔ ready");
    expect(lastOf(done)).toContain("the app is connected, and echoes these settings");
    const [database] = reader.upstash.databases();
    expect(site().settings()).toMatchObject({ ...before, REDIS_HOST: database?.host });
    await follow("docs/costs.md", "The budget");
    const checks = await follow("README.md", "Check a cache", {
      only: ({ text }) => /--stack prod|--app-name/.test(text),
    });
    for (const { text } of checks) expect(text).toContain("✔ healthy");
  });

  it("moves to a larger plan, and keeps the previous cache", async () => {
    expect(lastOf(await follow("docs/growing.md", "Is it time?"))).toContain("upstash-free");
    const grown = await follow("docs/growing.md", "Grow");
    expect(grown.map(({ text }) => text).join("")).toContain("plan azure-managed-b0");
    expect(site().settings()["REDIS_HOST"]).toBe(reader.azure.caches()[0]?.host);
    expect(reader.upstash.databases()).toHaveLength(1);
  });

  then("enables alerts in Azure", async () => {
    const done = await follow("docs/alerts.md", "Alerts and a dashboard");
    expect(lastOf(done)).toMatch(/^https:\/\//m);
    await follow("docs/alerts.md", "A mail came", { once: true });
    await type("git commit -qam 'Watch the cache'");
  });

  then("can run every command that a hint of the check names", async () => {
    await type("./propiq-cache dev");
    for (const heading of headingsOf("docs/troubleshooting.md")) {
      // Only a cache with a password has a secret to rotate.
      if (heading === "KEY_OLD") {
        await type("./propiq-cache config set localPassword=true --stack native");
        await type("./propiq-cache dev");
      }
      await follow("docs/troubleshooting.md", heading, { once: true });
      // Each is another night.
      await type("git checkout -q Pulumi.prod.yaml");
    }
    await type("./propiq-cache dev --down");
  });

  it("moves back to the previous cache", async () => {
    await follow("docs/growing.md", "Go back");
    expect(site().settings()["REDIS_HOST"]).toBe(reader.upstash.databases()[0]?.host);
    expect(reader.azure.caches()).toEqual([]);
    await follow("docs/growing.md", "Another size of the same cache");
  });

  then("ends an impact for users, and fixes what another tool changed", async () => {
    site().setSettings({ ...site().settings(), REDIS_HOST: "127.0.0.1" });
    await site().app.settled();
    const [, seen] = await follow("docs/incidents.md", "The first minute", { orEndsWith: 1 });
    expect(seen?.text).toContain("SETTINGS_DIFFER");
    await follow("docs/incidents.md", "Disable the cache");
    expect(site().settings()["REDIS_ENABLED"]).toBe("false");
    await follow("docs/incidents.md", "Fix the cause");
    expect(site().settings()["REDIS_HOST"]).toBe(reader.upstash.databases()[0]?.host);
    expect(lastOf(await follow("docs/incidents.md", "Enable the cache"))).toContain("✔ healthy");
  });

  then("gives the stack another name, which the app does not notice", async () => {
    const before = site().settings();
    await follow("docs/production.md", "Rename the stack");
    await type("./propiq-cache pulumi stack rename prod --stack renamed");
    expect(site().settings()).toEqual(before);
  });

  it("deletes production, and finds the app as it was", async () => {
    await follow("docs/production.md", "Delete production");
    expect(Object.keys(site().settings()).filter((name) => /REDIS|PROPIQ/.test(name))).toEqual([]);
    expect([...reader.azure.caches(), ...reader.upstash.databases()]).toEqual([]);
  });

  then("takes over a cache that was made by hand, and moves off it", async () => {
    const arm = await openArm({ env: reader.azure.env, subscriptionId: reader.azure.subscriptionId });
    const path = `/subscriptions/${arm.subscriptionId}/resourceGroups/propiq-rg/providers/Microsoft.Cache/redis/made-by-hand`;
    const properties = { sku: { family: "C", name: "Basic", capacity: 0 } };
    await arm.request({
      method: "PUT",
      path,
      apiVersion: "2024-11-01",
      body: { location: "eastus", properties },
    });
    await expect.poll(() => reader.azure.caches().length).toBe(1);
    const [cache] = reader.azure.caches();
    const byHand = { REDIS_HOST: cache?.host ?? "", REDIS_PORT: "6380", REDIS_SSL: "true" };
    site().setSettings({ ...site().settings(), ...byHand, REDIS_PASSWORD: cache?.keys.primary ?? "" });

    // Nobody who comes from there has alerts yet: they would be made as well.
    await type("./propiq-cache pulumi config rm alerts --stack prod");
    const adopted = await follow("docs/hand-made.md", "Take it over");
    expect(adopted[0]?.text).toContain("uses the Azure cache made-by-hand");
    expect(site().settings()).toMatchObject(byHand);
    await follow("docs/hand-made.md", "Move to a cache of the stack's own");
    expect(site().settings()).toMatchObject({ REDIS_SSL: "true", REDIS_PORT: "10000" });
    await expect.poll(() => reader.azure.caches().map(({ name }) => name)).not.toContain("made-by-hand");
  });

  then("sets up pipelines, whose identities may do no more than they have to", async () => {
    const start = await type("git log --format=%h --reverse | head -n 1");
    await type(`git checkout -q ${start.trim()} -- Pulumi.prod.yaml && git commit -qm "Begin anew"`);
    await follow("docs/pipelines.md", "Set-up, once");
    const { environments } = reader.github;
    expect([...environments.keys()].toSorted()).toEqual(["prod", "prod-plan", "prod-preview", "prod-watch"]);
    expect([...reader.github.protectedBranches]).toEqual(["main"]);
    expect(environments.get("prod")).toMatchObject({ reviewers: [{ type: "User" }], branches: ["main"] });
    expect(environments.get("prod-preview")).toMatchObject({
      reviewers: [{ type: "User" }],
      branches: undefined,
    });
    for (const name of ["prod-plan", "prod-watch"])
      expect(environments.get(name)).toMatchObject({ reviewers: [], branches: ["main"] });
    const roles = (name: string) =>
      reader.grants.filter(({ principal }) => principal === name).map(({ role }) => role);
    expect(roles("propiq-cache-prod")).toEqual([
      ...["Storage Blob Data Contributor", "propiq-cache deployer"],
    ]);
    for (const name of ["prod-plan", "prod-preview"])
      expect(roles(`propiq-cache-${name}`)).toEqual(["Storage Blob Data Reader", "Reader"]);
    expect(reader.state.names()).toContain(".pulumi/stacks/propiq-cache/prod.json");
    await follow("docs/pipelines.md", "Safe by construction");
    await follow("docs/pipelines.md", "Azure Pipelines");
  });

  then("has typed every command of every document, except for those that are listed", async () => {
    const left = reader
      .unread()
      .filter(({ document }) => ELSEWHERE[document] === undefined)
      .map((command) => `${place(command)}: ${command.text}`);
    const listed: readonly string[] = NOT_TYPED.map(({ command }) => command);
    expect(left.filter((text) => !listed.includes(text.replace(/^\S+: /, "")))).toEqual([]);
    const unread = reader.unread().map(({ text }) => text);
    expect(listed.filter((command) => !unread.includes(command))).toEqual([]);
    expect(reader.unfilled()).toEqual([]);
    for (const [document, journey] of Object.entries(ELSEWHERE))
      expect(await projectFile(journey)).toContain(document);
    for (const { command, seen } of NOT_TYPED)
      expect(await projectFile(seen), seen).toContain(command.replace(/^npm (run )?| -- .*/g, ""));
  });

  it("has seen no secret on the screen", () => {
    expect(passwords.size).toBeGreaterThanOrEqual(3);
    const secrets = [PASSPHRASE, reader.upstash.apiKey, "something secret", ...passwords];
    for (const secret of secrets.filter((each) => each !== "")) expect(screens).not.toContain(secret);
  });
});
