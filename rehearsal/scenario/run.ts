/** Runs the steps of a rehearsal, one after the other, under constant requests. */
import { spawn } from "node:child_process";
import { type Command, commandLine, propiq } from "../../base/command.ts";
import { cleaned } from "../../check/render/clean.ts";
import { FAILURES, type Failure } from "./failures.ts";
import { essenceOf, judgeStep } from "./judge.ts";
import { cachesLeft, type Observer } from "./observe.ts";
import type { FailAt } from "./options.ts";
import type { Step } from "./report.ts";
import type { Traffic } from "./requests.ts";
import type { Stage } from "./stage.ts";
import { recoveryOf, type StepPlan } from "./steps.ts";

export interface Tools {
  stage: Stage;
  observer: Observer;
  traffic: Traffic | undefined;
  failAt: FailAt | undefined;
  /** Called before a step, and after it with what came of it. */
  progress(event: { began: string; command: string } | { ended: Step }): void;
}

interface Work {
  step: StepPlan;
  commands: readonly Command[];
  failure?: Failure;
}

/** Stops after the first step that failed: the next ones would say nothing. */
export async function runSteps(plans: readonly StepPlan[], tools: Tools): Promise<Step[]> {
  const steps: Step[] = [];
  const turns = new Map<string, number>();
  for (const step of plans) {
    const failure = failureOf(step, tools.failAt, turns, steps);
    await tools.stage.deployNext(step.plan, failure !== undefined);
    const done = await runStep({ step, commands: step.commands, ...(failure && { failure }) }, tools);
    steps.push(done);
    if (done.code === "CLOUD_FAILED") {
      const isKilled = failure?.expected === "killed";
      await tools.stage.deployNext(step.plan, false);
      const commands = recoveryOf(tools.stage.stack, step, isKilled);
      const recovered = await runStep({ step: { ...step, name: `recover ${step.name}` }, commands }, tools);
      steps.push(recovered);
      if (recovered.code !== undefined) break;
    } else if (done.code !== undefined) break;
  }
  return steps;
}

function failureOf(
  step: StepPlan,
  failAt: FailAt | undefined,
  turns: Map<string, number>,
  done: readonly Step[],
): Failure | undefined {
  if (failAt === undefined || step.moment === undefined) return undefined;
  const turn = turns.get(step.moment) ?? 0;
  turns.set(step.moment, turn + 1);
  const hasFailed = done.some(({ code }) => code === "CLOUD_FAILED");
  const { plan, previous } = step;
  return FAILURES[failAt][step.moment]?.({ plan, previous, turn, hasFailed });
}

async function runStep({ step, commands, failure }: Work, tools: Tools): Promise<Step> {
  const { stage, observer, traffic, progress } = tools;
  const { name } = step;
  const command = commands.map(commandLine).join(" && ");
  progress({ began: name, command });
  const beganAt = performance.now();
  const armed = failure?.arm(stage.clouds);
  const end = await runAll(commands, stage, armed?.killAt);
  await armed?.disarm();
  for (const { app } of stage.clouds.sites) await app.settled();
  const durationMs = Math.round(performance.now() - beganAt);
  const requests = traffic?.take() ?? { sent: 0, failed: 0, longestGapMs: 0 };
  const observed = observer.take();
  const isLast = step.moment === "destroy" && failure === undefined;
  const judgement = judgeStep(
    {
      ...observed,
      ...{ exitCode: end.code, requests, said: essenceOf(end.output) },
      ...(failure === undefined ? {} : { failure }),
      attempts: await stage.attempts(),
      defects: stage.defects(),
      ...(isLast
        ? { left: { caches: cachesLeft(stage.clouds), settings: observer.changedSinceStart() } }
        : {}),
    },
    commandLine(propiq("rehearse", "--stack", stage.stack, "--shell")),
  );
  const absorbed =
    failure?.expected === "absorbed" ? `${failure.say} The command repeats them and succeeds.` : undefined;
  const note = absorbed ?? (step.moment === "plan" ? stage.budgetNote(step.plan) : undefined);
  const done: Step = cleaned({
    ...{ name, command, exitCode: end.code, durationMs, requests, ...observed, ...judgement },
    ...(note === undefined ? {} : { note }),
  });
  progress({ ended: done });
  return done;
}

interface End {
  code: number;
  output: string;
}

/** Like `&&`: up to the first that fails. */
async function runAll(commands: readonly Command[], stage: Stage, killAt?: Promise<void>): Promise<End> {
  let last: End = { code: 0, output: "" };
  for (const command of commands) {
    // The file holds the plan already: the command that a user types would start Pulumi for it.
    if (isConfigSet(command)) continue;
    last = await runOne(command, stage, killAt);
    if (last.code !== 0) return last;
  }
  return last;
}

const isConfigSet = ({ words }: Command): boolean => words.includes("config") && words.includes("set");

/** With what nobody types, and what a command without a terminal needs. */
function unattended({ words: [, ...all] }: Command): string[] {
  const words = all.filter((word) => typeof word === "string");
  const [first, second = ""] = words;
  if (first !== "pulumi") return words;
  const added = ["up", "destroy"].includes(second) ? ["--skip-preview", "--suppress-permalink=true"] : [];
  return [...words.filter((word) => word !== "--non-interactive"), ...added, "--non-interactive"];
}

/** 128 and the signal, as a shell has it. */
const KILLED = 137;

function runOne(command: Command, stage: Stage, killAt?: Promise<void>): Promise<End> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [stage.launcher, ...unattended(command)], {
      cwd: stage.root,
      env: { ...stage.env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    void killAt?.then(() => child.kill("SIGKILL"));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? KILLED, output }));
  });
}
