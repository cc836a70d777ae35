/** rotate.yml and its twin for Azure Pipelines: a new secret, the old one refused, and the report as the summary. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LONG } from "../support/parts.ts";
import { runWorkflow, type WorkflowRun } from "../support/workflow-runner.ts";
import { runAzurePipeline } from "./azure-pipelines.ts";
import { makeTeam, type Team } from "./team.ts";

describe("a scheduled rotation", LONG, () => {
  let team: Team;
  const runs: WorkflowRun[] = [];

  beforeAll(async () => {
    team = await makeTeam();
    await team.commit({ plan: "azure-managed-b0", drainSeconds: 0 });
    runs.push(await runWorkflow("deploy.yml", team.machine, { event: "push" }));
  });
  afterAll(async () => {
    for (const run of runs) await run.remove();
    await team?.stop();
  });

  const password = () => team.azure.site().settings()["REDIS_PASSWORD"] ?? "";

  it("rotates, checks, and shows the report as the summary, without a secret", async () => {
    const before = password();
    const done = await runWorkflow("rotate.yml", team.machine, { event: "schedule" });
    runs.push(done);
    expect(done.jobs, done.text).toMatchObject({ rotate: { result: "success" } });
    expect(password()).not.toBe(before);
    const { summary = "" } = done.jobs["rotate"] ?? {};
    expect(summary).toContain("✔ rotated");
    expect(JSON.parse(await done.artifact("report", "rotate.json"))).toMatchObject({ verdict: "rotated" });
    for (const secret of [...team.secrets, before, password()]) {
      expect(done.text).not.toContain(secret);
      expect(summary).not.toContain(secret);
    }
  });

  it("does the same by Azure Pipelines", async () => {
    const before = password();
    const { ok, text } = await runAzurePipeline("rotate.yml", team);
    expect(ok, text).toBe(true);
    expect(password()).not.toBe(before);
    for (const secret of [...team.secrets, before, password()]) expect(text).not.toContain(secret);
  });
});
