// @module-tag pipeline
/**
 * preview.yml, deploy.yml, drift.yml and verify.yml, step by step in clean clones: what a team sees on good days and on bad ones.
 * Azure's deploy, which takes the same steps, is in the long pass.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIRST_STEPS, LONG, STORY } from "../support/parts.ts";
import { type Machine, runWorkflow, type Trigger, type WorkflowRun } from "../support/workflow-runner.ts";
import { PULL_REQUEST } from "../support/workflow-runner-github.ts";
import { runAzurePipeline } from "./azure-pipelines.ts";
import { makeTeam, type Team } from "./team.ts";

let team: Team;
/** What the app holds after a good deploy. */
let wired: Readonly<Record<string, string>> = {};
const runs: WorkflowRun[] = [];

beforeAll(async () => {
  team = await makeTeam();
  await team.commit({ drainSeconds: 0 });
});
afterAll(async () => {
  for (const run of runs) await run.remove();
  await team?.stop();
});

const HEAD = "feedfacefeedfacefeedfacefeedfacefeedface";

/** What was asked of the clouds from here on, as the rights that it takes: none but these, and no write of state. */
function asksOnly(...rights: readonly RegExp[]): () => void {
  const [asked, written] = [team.azure.log.length, team.state.written.length];
  return () => {
    const beyond = team.azure.log
      .slice(asked)
      .map(({ method, path }) => `${method} ${path}`)
      // The sign-in itself.
      .filter((request) => !/^GET |\/oauth2\/v2\.0\/token$/i.test(request))
      .filter((request) => !rights.some((right) => right.test(request)));
    expect(beyond).toEqual([]);
    expect(team.state.written.slice(written)).toEqual([]);
  };
}

/** Runs a workflow; whatever it says, no secret is in it. */
async function run(file: string, trigger: Trigger, machine: Machine = team.machine): Promise<WorkflowRun> {
  const done = await runWorkflow(file, machine, trigger);
  runs.push(done);
  const { REDIS_PASSWORD: password } = site().settings();
  const secrets = [
    ...team.secrets,
    ...(password === undefined ? [] : [password, encodeURIComponent(password)]),
  ];
  const shown = [
    done.text,
    ...Object.values(done.jobs).map(({ summary }) => summary),
    ...team.github.comments.map(({ body }) => body),
    ...team.github.issues.map(({ body }) => body),
    ...team.github.told,
  ].join("\n");
  for (const secret of secrets) expect(shown).not.toContain(secret);
  return done;
}

function pullRequest(from = team.github.repository): Trigger {
  const head = { sha: HEAD, repo: { full_name: from } };
  const payload = { pull_request: { number: PULL_REQUEST, head, base: { sha: "main" } } };
  return { event: "pull_request", ref: `refs/pull/${PULL_REQUEST}/merge`, payload };
}

const site = () => team.azure.site();

describe("the pipelines of a stack", STORY, () => {
  it("gives a fork's pull request no preview, no comment and no identity", async () => {
    const { jobs, text } = await run("preview.yml", pullRequest("somebody/propiq-cache"));
    expect(jobs).toMatchObject({ preview: { result: "skipped" }, comment: { result: "skipped" } });
    expect(text).toBe("");
    expect(team.azure.log).toEqual([]);
  });

  it("comments on a first deploy: what is made, which settings, which app restarts, what it costs", async () => {
    const readsOnly = asksOnly();
    const { jobs, text } = await run("preview.yml", pullRequest());
    readsOnly();
    expect(jobs, text).toMatchObject({ preview: { result: "success" }, comment: { result: "success" } });
    expect(team.github.comments.map(({ issue }) => issue)).toEqual([PULL_REQUEST]);
    const { body = "" } = team.github.comments[0] ?? {};
    expect(body).toContain("| 🟢 made | upstash:index/redisDatabase:RedisDatabase | upstash |");
    expect(body).toContain("| 🟢 written | REDIS_URL | luntra-outreach-app |");
    expect(body).toContain("**Restarts:** luntra-outreach-app");
    expect(body).toContain("**Monthly cost:** nothing deployed → **$0.00**");
    expect(body).toContain(HEAD.slice(0, 12));
    expect(site().writes).toEqual([]);
    expect(team.upstash.databases()).toEqual([]);
  });

  it("deploys what was approved, checks with real traffic, and leaves a report", FIRST_STEPS, async () => {
    const done = await run("deploy.yml", { event: "push" });
    expect(done.jobs, done.text).toMatchObject({
      plan: { result: "success" },
      deploy: { result: "success" },
    });
    expect(done.jobs["plan"]?.summary).toContain(
      "| 🟢 made | upstash:index/redisDatabase:RedisDatabase | upstash |",
    );
    const { digest } = JSON.parse(await done.artifact("plan", "plan.json")) as { digest: string };
    expect(done.jobs["plan"]?.summary).toContain(digest);
    expect(done.step("deploy", "Confirm that it is what a deploy would do now").text).toContain(digest);
    expect(done.step("deploy", "Say how to go back").result).toBe("skipped");
    wired = site().settings();
    expect(wired).toMatchObject({ REDIS_ENABLED: "true" });
    expect(done.jobs["deploy"]?.summary).toContain("## ✅ healthy");
    expect(JSON.parse(await done.artifact("report", "verify.json"))).toMatchObject({ verdict: "healthy" });
    expect(await done.artifact("report", "verify.xml")).toContain("<testsuite");
    expect(await done.artifact("report", "verify.html")).toMatch(/^<!doctype html>/i);
    expect(team.state.names()).toContain(".pulumi/stacks/propiq-cache/prod.json");
    expect(team.state.names().filter((name) => name.includes("/locks/"))).toEqual([]);
  });

  it("refuses to deploy an unapproved change, with both lists", async () => {
    const writes = site().writes.length;
    const done = await run("deploy.yml", {
      event: "push",
      between: async (job) => {
        if (job === "plan") await team.commit({ ttl: { short: 61 } });
      },
    });
    await team.commit({ ttl: undefined });
    expect(done.jobs, done.text).toMatchObject({
      plan: { result: "success" },
      deploy: { result: "failure" },
    });
    const { result, text } = done.step("deploy", "Confirm that it is what a deploy would do now");
    expect(result).toBe("failure");
    expect(text).toMatch(/approved:\n {2}none\n.*\n {2}update propiq:index/);
    expect(text).toContain("  update setting CACHE_TTL_SHORT of luntra-outreach-app");
    expect(done.step("deploy", "Deploy").result).toBe("skipped");
    expect(site().writes.length).toBe(writes);
  });

  it("looks for drift: opens one issue that names the key, and closes it once the drift is fixed", async () => {
    site().setSettings({ ...wired, REDIS_HOST: "127.0.0.1" });
    const looksOnly = asksOnly(/^POST .*\/config\/appsettings\/list$/i);
    const drifted = await run("drift.yml", { event: "schedule" });
    looksOnly();
    expect(drifted.jobs, drifted.text).toMatchObject({
      compare: { result: "failure" },
      tell: { result: "success" },
    });
    expect(team.github.issues.map(({ state }) => state)).toEqual(["open"]);
    expect(team.github.issues[0]?.title).toBe("Stack prod has drifted");
    expect(team.github.issues[0]?.body).toContain("REDIS_HOST");

    site().setSettings(wired);
    await site().app.settled();
    const well = await run("drift.yml", { event: "schedule" });
    expect(well.jobs, well.text).toMatchObject({
      compare: { result: "success" },
      tell: { result: "success" },
    });
    expect(team.github.issues.map(({ state }) => state)).toEqual(["closed"]);
    team.github.issues.length = 0;
    team.github.told.length = 0;
  });

  it("stops a preview above the budget before anything is done, in the same comment", async () => {
    const writes = site().writes.length;
    await team.commit({ plan: "azure-c1" });
    const { jobs, text } = await run("preview.yml", pullRequest());
    await team.commit({ plan: "upstash-free" });
    expect(jobs, text).toMatchObject({ preview: { result: "failure" }, comment: { result: "success" } });
    const [comment, ...more] = team.github.comments.filter(({ issue }) => issue === PULL_REQUEST);
    expect(more).toEqual([]);
    expect(comment?.body).toContain("❌ A deploy would be refused");
    expect(comment?.body).toMatch(/azure-c1 costs about \\\$55\.00 a month, more than the \\\$25/);
    expect(comment?.body).toContain("./propiq-cache pulumi config set monthlyBudgetUsd 55 --stack prod");
    expect(site().writes.length).toBe(writes);
  });

  it(
    "deploys by Azure Pipelines, too: the same steps, signed in by the service connection",
    LONG,
    async () => {
      const { text, ok, variables } = await runAzurePipeline("deploy.yml", team);
      expect(ok, text).toBe(true);
      expect(text).toContain("6 unchanged");
      expect(text).toContain("✔ healthy");
      expect(variables).toMatchObject({ PLAN_BEFORE: "upstash-free", UP: "success", VERIFY: "success" });
      for (const secret of team.secrets) expect(text).not.toContain(secret);
    },
  );

  it("fails a deploy whose check fails, and prints the commands that end the impact and that roll back", async () => {
    // The update has nothing to do, and the check is refused by the cache.
    const [database] = team.upstash.databases();
    const accept = (password = "") =>
      database?.redis.call("ACL", "SETUSER", "default", "resetpass", `>${password}`);
    await accept("another password");
    const done = await run("deploy.yml", { event: "push", sha: HEAD });
    await accept(database?.password);
    expect(done.jobs, done.text).toMatchObject({ deploy: { result: "failure" } });
    const deploy = done.step("deploy", "Deploy");
    expect(deploy.result, deploy.text).toBe("success");
    expect(done.step("deploy", "Check").text).toContain("AUTH_WRONG");
    const { text } = done.step("deploy", "Say how to go back");
    expect(text).toContain("./propiq-cache off --stack prod");
    expect(text).toContain("export PULUMI_BACKEND_URL='azblob://propiq-state?storage_account=propiqstate'");
    expect(text).toContain(`git revert --no-edit ${HEAD.slice(0, 12)} && git push`);
    expect(done.jobs["deploy"]?.summary).toContain("./propiq-cache off --stack prod");
    expect(await done.artifact("report", "verify.xml")).toContain("<failure");
  });

  it("checks on a schedule: opens one issue while the cache is not healthy, and closes it when it is", async () => {
    site().setSettings({ ...wired, REDIS_HOST: "127.0.0.1", REDIS_URL: "redis://127.0.0.1:1/0" });
    await site().app.settled();
    const looksOnly = asksOnly(/^POST .*\/config\/appsettings\/list$/i);
    const failing = await run("verify.yml", { event: "schedule" });
    looksOnly();
    expect(failing.jobs, failing.text).toMatchObject({
      check: { result: "failure" },
      tell: { result: "success" },
    });
    expect(failing.step("check", "Check again, at once").result).toBe("success");
    expect(team.github.issues).toHaveLength(1);
    const { title, body } = team.github.issues[0] ?? {};
    expect(title).toContain("SETTINGS_DIFFER");
    const [, impact = "", command = ""] = body?.split("\n") ?? [];
    expect(impact).toMatch(/SETTINGS_DIFFER/);
    expect(command).toMatch(/^Run: \.\/propiq-cache /);
    for (const part of ["**Since:**", "**What changed:**", "\nThen: "]) expect(body).toContain(part);
    expect(team.github.told.at(-1)).toContain(`${impact}\n${command}\n`);

    site().setSettings(wired);
    await site().app.settled();
    const well = await run("verify.yml", { event: "schedule" });
    expect(well.jobs, well.text).toMatchObject({ check: { result: "success" }, tell: { result: "success" } });
    expect(well.step("check", "Say what it comes to").text).toMatch(
      /[\d,]+ a month at 730 runs: [\d.]+% of the 500,000/,
    );
    expect(team.github.issues.map(({ state }) => state)).toEqual(["closed"]);
    expect(team.github.told).toEqual([
      expect.stringContaining("SETTINGS_DIFFER"),
      expect.stringContaining("Well again"),
    ]);
    // The history went from one machine to the next.
    const history = (await well.artifact("watch", "history.jsonl")).trim().split("\n");
    expect(history.map((line) => (JSON.parse(line) as { verdict: string }).verdict)).toEqual([
      "failed",
      "healthy",
    ]);
  });
});
