/**
 * Runs our workflows as GitHub would: jobs in the order of their needs, each on a machine of its own with a clean clone,
 * steps in order, `run` by `bash -e`, with the variables, permissions and files that a runner gives. What actions and
 * expressions do is in the files beside this one. What is not known throws.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { type Outside, runAction, StepFailure } from "./workflow-runner-actions.ts";
import { type Contexts, fill, holds } from "./workflow-runner-expressions.ts";
import type { GitHubDouble } from "./workflow-runner-github.ts";

export interface Machine {
  /** What every job has: PATH, HOME, the way to the emulators. Never a credential. */
  env: Readonly<Record<string, string>>;
  /** Only for jobs that may ask for a token of identity. */
  identityEnv: Readonly<Record<string, string>>;
  github: GitHubDouble;
  outside: Omit<Outside, "artifacts">;
  /** By environment; a job without one has none of them. */
  secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  vars: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface Trigger {
  event: "push" | "pull_request" | "schedule" | "workflow_dispatch";
  ref?: string;
  sha?: string;
  /** Of the event's payload. */
  payload?: Readonly<Record<string, unknown>>;
  inputs?: Readonly<Record<string, string>>;
  /** What happens outside after a job has ended, for instance while a person is asked to approve the next one. */
  between?: (job: string) => Promise<void>;
}

export type Result = "success" | "failure" | "skipped";
export interface StepRun {
  name: string;
  result: Result;
  /** Both streams, in the order in which they came. */
  text: string;
}
export interface JobRun {
  result: Result;
  steps: StepRun[];
  /** What stands in the job's summary. */
  summary: string;
}
export interface WorkflowRun {
  jobs: Readonly<Record<string, JobRun>>;
  /** A job's step by its name. */
  step(job: string, name: string): StepRun;
  /** Everything that was printed. */
  text: string;
  /** A file of an artifact. */
  artifact(name: string, file: string): Promise<string>;
  remove(): Promise<void>;
}

interface Job {
  if?: string;
  needs?: string | string[];
  environment?: string;
  permissions?: Record<string, string>;
  env?: Record<string, unknown>;
  steps: Step[];
}
interface Step {
  name: string;
  id?: string;
  if?: string;
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
  env?: Record<string, unknown>;
}
interface Workflow {
  env?: Record<string, unknown>;
  jobs: Record<string, Job>;
}

let runs = 0;

/** @param file its name in `.github/workflows` */
export async function runWorkflow(file: string, machine: Machine, trigger: Trigger): Promise<WorkflowRun> {
  const workflow = parse(
    await readFile(join(PROJECT_ROOT, ".github", "workflows", file), "utf8"),
  ) as Workflow;
  const folder = await mkdtemp(join(tmpdir(), "propiq-workflow-"));
  const artifacts = join(folder, "artifacts");
  await mkdir(artifacts);
  const run = { folder, id: ++runs, outside: { ...machine.outside, artifacts }, machine, trigger, workflow };
  const jobs: Record<string, JobRun> = {};
  // Ours stand in the order of their needs.
  for (const [name, job] of Object.entries(workflow.jobs)) {
    jobs[name] = await runJob(run, name, job, jobs);
    await trigger.between?.(name);
  }
  return {
    jobs,
    step(job, name) {
      const step = jobs[job]?.steps.find((each) => each.name === name);
      if (step === undefined) throw new Error(`${file}: job ${job} has no step ${name}`);
      return step;
    },
    text: Object.values(jobs)
      .flatMap(({ steps }) => steps.map(({ text }) => text))
      .join(""),
    artifact: (name, path) => readFile(join(artifacts, name, path), "utf8"),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Run {
  folder: string;
  id: number;
  outside: Outside;
  machine: Machine;
  trigger: Trigger;
  workflow: Workflow;
}

async function runJob(
  run: Run,
  name: string,
  job: Job,
  earlier: Readonly<Record<string, JobRun>>,
): Promise<JobRun> {
  const { machine, workflow } = run;
  const needs = [job.needs ?? []].flat();
  const workspace = join(run.folder, name, "work");
  const temp = join(run.folder, name, "temp");
  await mkdir(workspace, { recursive: true });
  await mkdir(temp, { recursive: true });
  const summaryFile = join(temp, "summary.md");
  const permissions = job.permissions ?? {};
  const token = machine.github.token(permissions);
  const steps: Record<string, { outputs: Record<string, string>; outcome: Result }> = {};
  const base: Contexts = {
    github: githubOf(run, token),
    inputs: run.trigger.inputs ?? {},
    needs: Object.fromEntries(needs.map((need) => [need, { result: earlier[need]?.result ?? "skipped" }])),
    vars: {},
    secrets: {},
    runner: { temp },
  };
  const standing = { failed: needs.some((need) => earlier[need]?.result !== "success") };
  if (!holds(job.if, base, standing)) return { result: "skipped", steps: [], summary: "" };
  standing.failed = false;
  const environment = job.environment === undefined ? "" : fill(job.environment, base, standing);
  const contexts: Contexts = {
    ...base,
    vars: machine.vars[environment] ?? {},
    secrets: machine.secrets[environment] ?? {},
    steps,
  };
  const filled = (values: Readonly<Record<string, unknown>> = {}): Record<string, string> =>
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, fill(String(value), contexts, standing)]),
    );
  const jobEnv = {
    ...machine.env,
    ...(permissions["id-token"] === "write" ? machine.identityEnv : {}),
    ...runnerEnv(run, workspace, temp),
    ...filled(workflow.env),
    ...filled(job.env),
  };

  const ran: StepRun[] = [];
  for (const step of job.steps) {
    // Every step of a job is there for expressions, run or not.
    const id = step.id ?? `_${ran.length}`;
    steps[id] = { outputs: {}, outcome: "skipped" };
  }
  for (const [index, step] of job.steps.entries()) {
    const id = step.id ?? `_${index}`;
    if (!holds(step.if, contexts, standing)) {
      ran.push({ name: step.name, result: "skipped", text: "" });
      continue;
    }
    const outputFile = join(temp, `output-${index}`);
    const stepSummary = join(temp, `summary-${index}.md`);
    await writeFile(outputFile, "");
    await writeFile(stepSummary, "");
    const env = {
      ...jobEnv,
      ...filled(step.env),
      GITHUB_OUTPUT: outputFile,
      GITHUB_STEP_SUMMARY: stepSummary,
    };
    const { ok, text } =
      step.run === undefined
        ? await act(run, step, filled(step.with), workspace, permissions)
        : await bash(step.run, workspace, env);
    if (!ok) standing.failed = true;
    steps[id] = {
      outputs: outputsIn(await readFile(outputFile, "utf8")),
      outcome: ok ? "success" : "failure",
    };
    ran.push({ name: step.name, result: ok ? "success" : "failure", text });
    await writeFile(summaryFile, await readFile(stepSummary, "utf8"), { flag: "a" });
  }
  return {
    result: standing.failed ? "failure" : "success",
    steps: ran,
    summary: await readFile(summaryFile, "utf8").catch(() => ""),
  };
}

/** The contexts' own words for what a runner also has as variables. */
function githubOf({ trigger, machine, id }: Run, token: string) {
  return {
    event_name: trigger.event,
    event: trigger.payload ?? {},
    ref: trigger.ref ?? "refs/heads/main",
    sha: trigger.sha ?? "0123456789abcdef0123456789abcdef01234567",
    repository: machine.github.repository,
    server_url: "https://github.com",
    run_id: String(id),
    run_attempt: "1",
    token,
  };
}

function runnerEnv({ trigger, machine, id }: Run, workspace: string, temp: string): Record<string, string> {
  return {
    CI: "true",
    GITHUB_ACTIONS: "true",
    GITHUB_API_URL: machine.github.api,
    GITHUB_SERVER_URL: "https://github.com",
    GITHUB_REPOSITORY: machine.github.repository,
    GITHUB_EVENT_NAME: trigger.event,
    GITHUB_SHA: trigger.sha ?? "0123456789abcdef0123456789abcdef01234567",
    GITHUB_RUN_ID: String(id),
    GITHUB_WORKSPACE: workspace,
    RUNNER_TEMP: temp,
  };
}

async function act(
  { outside }: Run,
  { uses = "" }: Step,
  inputs: Readonly<Record<string, string>>,
  workspace: string,
  permissions: Readonly<Record<string, string>>,
): Promise<{ ok: boolean; text: string }> {
  const [name = ""] = uses.split("@");
  try {
    await runAction({ name, inputs, workspace, permissions, outside });
    return { ok: true, text: "" };
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    return { ok: false, text: `${name}: ${error.message}\n` };
  }
}

/** As the runner calls it: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax (shell) */
async function bash(script: string, cwd: string, env: Record<string, string>) {
  const child = spawn("bash", ["--noprofile", "--norc", "-e", "-c", script], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  const [code] = (await once(child, "close")) as [number | null];
  return { ok: code === 0, text };
}

function outputsIn(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
