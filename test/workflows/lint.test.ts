/** The workflows, judged by those who know how they go wrong, and held to what safe ones have in common. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { ensureActionlint } from "../support/actionlint.ts";
import { lacks } from "../support/parts.ts";
import { ensureZizmor } from "../support/zizmor.ts";

const FOLDER = join(PROJECT_ROOT, ".github", "workflows");
const names = await readdir(FOLDER);
const actionlint = await ensureActionlint();
const zizmor = await ensureZizmor();

/** What a linter said, whatever it ended with. */
async function said(bin: string, words: readonly string[]): Promise<{ code: number; text: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(bin, words, { cwd: PROJECT_ROOT });
    return { code: 0, text: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, text: stdout + stderr };
  }
}

it.skipIf(lacks("actionlint (Go)", actionlint !== undefined))("actionlint finds nothing", async () => {
  const { code, text } = await said(
    actionlint ?? "",
    names.map((name) => join(FOLDER, name)),
  );
  expect(code, text).toBe(0);
});

it.skipIf(lacks("zizmor (Python)", zizmor !== undefined))(
  "zizmor finds nothing, asked as strictly as it can be",
  async () => {
    const words = [
      "--offline",
      "--no-config",
      "--no-progress",
      "--strict-collection",
      "--persona=auditor",
      join(FOLDER, ".."),
    ];
    const { code, text } = await said(zizmor ?? "", words);
    expect(code, text).toBe(0);
    expect(text).toContain("No findings to report");
  },
);

interface Workflow {
  on: Record<string, unknown>;
  permissions: unknown;
  concurrency: { "cancel-in-progress": unknown };
  jobs: Record<string, { permissions: Record<string, string>; steps: Step[] }>;
}
interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

describe.each(names)("%s", async (name) => {
  const text = await readFile(join(FOLDER, name), "utf8");
  const workflow = parse(text) as Workflow;
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);

  it("gives each job what it needs, and the workflow nothing", () => {
    expect(workflow.permissions).toEqual({});
    for (const job of Object.values(workflow.jobs)) expect(job.permissions).toBeDefined();
  });

  it("never runs a pull request with the rights of main", () => {
    expect(Object.keys(workflow.on)).not.toContain("pull_request_target");
    expect(Object.keys(workflow.on)).not.toContain("workflow_run");
  });

  it("pins each action by its commit, and says which version that is", () => {
    for (const line of text.split("\n").filter((each) => each.trim().startsWith("uses:"))) {
      expect(line).toMatch(/uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  it("hands values to run steps through their environment alone", () => {
    for (const { run = "" } of steps) expect(run).not.toContain("${{");
  });

  it("lets no job that may ask for a token write to the repository", () => {
    for (const { permissions } of Object.values(workflow.jobs)) {
      if (permissions["id-token"] !== "write") continue;
      expect(permissions).toEqual({ contents: "read", "id-token": "write" });
    }
  });
});

it("deploys restore no cache and build no tools", async () => {
  const text = await readFile(join(FOLDER, "deploy.yml"), "utf8");
  expect(text).not.toContain("actions/cache");
  expect(text).not.toContain("--install");
  expect((parse(text) as Workflow).concurrency["cancel-in-progress"]).toBe(false);
});

it("the job that comments on a pull request checks out none of its code", async () => {
  const { jobs } = parse(await readFile(join(FOLDER, "preview.yml"), "utf8")) as Workflow;
  const checkouts = jobs["comment"]?.steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
  expect(checkouts?.map((step) => step.with?.["ref"])).toEqual([
    expect.stringMatching(/^\$\{\{ github\.event\.pull_request\.base\.sha \}\}$/),
  ]);
  // Without `npm ci` there is nothing that a lock file of the pull request could bring in.
  expect(jobs["comment"]?.steps.map(({ run }) => run).filter(Boolean)).toEqual([
    'node scripts/ci/comment.ts "$RUNNER_TEMP/change/change.json"',
  ]);
});
