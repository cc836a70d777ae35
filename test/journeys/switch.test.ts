/** The switch: `off` whatever the cache is doing, `on` only where it works, and an update that has nothing left to do. */
import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fingerprintOf } from "../../infra/contract/fingerprint.ts";
import { type Cloud, makeCloud } from "../support/cloud.ts";
import { STORY } from "../support/parts.ts";

let cloud: Cloud;
beforeAll(async () => {
  cloud = await makeCloud();
  await cloud.configure({ plan: "azure-managed-b0", drainSeconds: "0", envFile: ".env.cache" });
  await cloud.up();
});
afterAll(async () => {
  await cloud?.stop();
});

const site = () => cloud.azure.site();
const ours = () =>
  Object.fromEntries(
    Object.entries(site().settings()).filter(([key]) =>
      /^(REDIS_|CACHE_|PROPIQ_CACHE_FINGERPRINT)/.test(key),
    ),
  );
const foreign = () =>
  Object.fromEntries(
    Object.entries(site().settings()).filter(([key]) => !/^(REDIS_|CACHE_|PROPIQ_CACHE_)/.test(key)),
  );
const envFile = async () => parseEnv(await cloud.project.read(".env.cache"));
const listKeys = () => cloud.azure.log.filter(({ path }) => /listKeys$/i.test(path)).length;

describe("a stack that is wired into an app", STORY, () => {
  it("is disabled while its cache hangs, without a request to the cache or for its keys", async () => {
    const [cache] = cloud.azure.caches();
    const [before, others, asked] = [ours(), foreign(), listKeys()];
    cache?.redis.signal("SIGSTOP");

    const outcome = await cloud.run("off", "--stack", "prod");

    expect(outcome.code, outcome.all).toBe(0);
    expect(outcome.stdout).toContain(
      "luntra-outreach-app: REDIS_ENABLED=false is written. App Service restarts it",
    );
    expect(ours()).toEqual({
      ...before,
      REDIS_ENABLED: "false",
      PROPIQ_CACHE_FINGERPRINT: fingerprintOf({ ...before, REDIS_ENABLED: "false" }),
    });
    expect(foreign()).toEqual(others);
    expect(await envFile()).toEqual(ours());
    expect(listKeys()).toBe(asked);
    expect(await cloud.project.read("Pulumi.prod.yaml")).toMatch(/propiq-cache:enabled: false/);
  });

  it("is not enabled while its cache hangs, in the words of the check, and nothing is changed", async () => {
    const [before, writes] = [site().settings(), site().writes.length];
    const outcome = await cloud.run("on", "--stack", "prod");

    expect(outcome.code, outcome.all).toBe(1);
    expect(outcome.stdout).toMatch(/TIMEOUT|TCP_TIMEOUT/);
    expect(outcome.stdout).toContain("Nothing was changed");
    expect(outcome.stdout).toContain("No user impact.");
    expect(outcome.stdout).toContain("./propiq-cache on --stack prod");
    expect(outcome.stdout).not.toMatch(/propiq-cache (verify|off)/);
    expect(site().settings()).toEqual(before);
    expect(site().writes.length).toBe(writes);
    expect(await cloud.project.read("Pulumi.prod.yaml")).toContain("propiq-cache:enabled: false");
    cloud.azure.caches()[0]?.redis.signal("SIGCONT");
  });

  it("is disabled a second time without a write", async () => {
    const writes = site().writes.length;
    site().state = "Stopped";
    const outcome = await cloud.run("off", "--stack", "prod");
    site().state = "Running";
    expect(outcome.stdout).toContain("Nothing was written, nothing restarts");
    expect(outcome.stdout).toMatch(/The\s+app\s+is\s+stopped\./);
    expect(outcome.stdout).toContain("az webapp start --name luntra-outreach-app --resource-group propiq-rg");
    expect(site().writes.length).toBe(writes);
  });

  it("has an update with nothing to write, and no foreign edit in it", async () => {
    const writes = site().writes.filter(({ changed }) => changed.length > 0).length;
    const up = await cloud.up();
    expect(up.all).not.toMatch(/edited/);
    expect(site().writes.filter(({ changed }) => changed.length > 0).length).toBe(writes);
    const preview = await cloud.pulumi("preview", "--expect-no-changes");
    expect(preview.code, preview.all).toBe(0);
  });

  it("still shows in a preview which cache another plan would delete", async () => {
    await cloud.configure({ plan: "upstash-free" });
    const preview = await cloud.pulumi("preview");
    await cloud.configure({ plan: "azure-managed-b0" });
    expect(preview.code, preview.all).toBe(0);
    expect(preview.all).toContain("The cache of plan azure-managed-b0 is removed 0 s after");
  });

  it("is enabled again once its cache works, and the update after it has nothing to write either", async () => {
    const outcome = await cloud.run("on", "--stack", "prod");
    expect(outcome.code, outcome.all).toBe(0);
    expect(outcome.stdout).toContain("The cache answers at ");
    expect(ours()["REDIS_ENABLED"]).toBe("true");
    expect(await envFile()).toEqual(ours());
    expect(await cloud.project.read("Pulumi.prod.yaml")).not.toContain("enabled");
    await site().app.settled();

    const writes = site().writes.filter(({ changed }) => changed.length > 0).length;
    const up = await cloud.up();
    expect(up.all).not.toMatch(/edited/);
    expect(site().writes.filter(({ changed }) => changed.length > 0).length).toBe(writes);
  });

  it("writes nothing, in the config neither, where no place can be reached", async () => {
    const file = await cloud.project.read(".env.cache");
    await rm(join(cloud.project.root, ".env.cache"));
    await mkdir(join(cloud.project.root, ".env.cache"));
    cloud.azure.conditions.role = "Reader";
    const outcome = await cloud.run("off", "--stack", "prod");
    cloud.azure.conditions.role = "Contributor";
    await rmdir(join(cloud.project.root, ".env.cache"));
    await writeFile(join(cloud.project.root, ".env.cache"), file);

    expect(outcome.code, outcome.all).toBe(2);
    expect(outcome.stderr).toContain("Nothing was changed");
    expect(await cloud.project.read("Pulumi.prod.yaml")).not.toContain("enabled");
  });

  it("says what is missing where one place may not be written, and disables the others", async () => {
    cloud.azure.conditions.role = "Reader";
    const outcome = await cloud.run("off", "--stack", "prod");
    cloud.azure.conditions.role = "Contributor";

    expect(outcome.code, outcome.all).toBe(2);
    expect(outcome.stderr).toMatch(/az role assignment create .* --role 'Website Contributor'/);
    expect(await cloud.project.read("Pulumi.prod.yaml")).toContain("propiq-cache:enabled: false");
    const again = await cloud.run("off", "--stack", "prod");
    expect(again.code, again.all).toBe(0);
    expect(ours()["REDIS_ENABLED"]).toBe("false");
  });

  it("shows no key in any output", async () => {
    const key = cloud.azure.caches()[0]?.keys.primary ?? "";
    const outcome = await cloud.run("on", "--stack", "prod");
    expect(key).not.toBe("");
    expect(outcome.all).not.toContain(key);
    expect(outcome.all).not.toContain(encodeURIComponent(key));
  });
});

describe("a stack that does not exist", () => {
  it("is reported by name, with those that do", async () => {
    const outcome = await cloud.run("off", "--stack", "production");
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('There is no stack "production"');
    expect(outcome.stderr).toContain("dev, native, prod");
  });
});
