/** deploy.yml, preview.yml and verify.yml, step by step in clean clones: what a team sees on a good day and on a bad one. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { runWorkflow, type WorkflowRun } from "../support/workflow-runner.ts";
import { PULL_REQUEST } from "../support/workflow-runner-github.ts";
import { makeTeam, type Team } from "./team.ts";

let team: Team;
const runs: WorkflowRun[] = [];

beforeAll(async () => {
  team = await makeTeam();
  await team.commit({ drainSeconds: 0 });
});
afterAll(async () => {
  for (const run of runs) await run.remove();
  await team?.stop();
});

const pullRequest = {
  number: PULL_REQUEST,
  head: { sha: "feedfacefeedfacefeedfacefeedfacefeedface", repo: { full_name: "propiq/propiq-cache" } },
  base: { sha: "0123456789abcdef0123456789abcdef01234567" },
};

async function run(
  file: string,
  event: "push" | "pull_request" | "schedule",
  payload = {},
): Promise<WorkflowRun> {
  const done = await runWorkflow(file, team.machine, { event, payload });
  runs.push(done);
  for (const secret of team.secrets) expect(done.text).not.toContain(secret);
  const { REDIS_PASSWORD: password } = team.azure.site().settings();
  if (password !== undefined) expect(done.text).not.toContain(password);
  return done;
}
const preview = () => run("preview.yml", "pull_request", { pull_request: pullRequest });

it("previews a first deploy in a comment: what is made, which settings, which app restarts, what it costs", async () => {
  const { jobs, text } = await preview();
  expect(jobs["preview"]?.result, text).toBe("success");
  expect(jobs["comment"]?.result, text).toBe("success");
  const [comment, ...more] = team.github.comments;
  expect(more).toEqual([]);
  expect(comment?.body).toContain("RedisDatabase");
  expect(comment?.body).toContain("REDIS\\_URL".replace("\\", ""));
  expect(comment?.body).toContain("**Restarts:** luntra-outreach-app");
  expect(comment?.body).toContain("**Monthly cost:** nothing deployed → **$0.00**");
  expect(team.azure.site().writes).toEqual([]);
  expect(team.upstash.databases()).toEqual([]);
});

it("deploys, checks with real traffic, and leaves a report", async () => {
  const done = await run("deploy.yml", "push");
  expect(done.jobs["deploy"]?.result, done.text).toBe("success");
  expect(done.step("deploy", "Say how to go back").result).toBe("skipped");
  expect(team.azure.site().settings()).toMatchObject({ REDIS_ENABLED: "true" });
  expect(done.jobs["deploy"]?.summary).toContain("✅");
  expect(JSON.parse(await done.artifact("report", "verify.json"))).toMatchObject({ schema: 1 });
  expect(await done.artifact("report", "verify.xml")).toContain("<testsuite");
  expect(await done.artifact("report", "verify.html")).toContain("<!doctype html>");
});
