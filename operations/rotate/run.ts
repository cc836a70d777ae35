/** Runs the steps of a rotation. Each one can be killed: the next run finds out from the cloud where to continue. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { advice, type WrittenAdvice, writeAdvice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { foreignText } from "../../base/safe-text.ts";
import { checkCache } from "../../check/check.ts";
import type { Target } from "../../check/target.ts";
import { ArmError } from "../../infra/azure/arm.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import { inWords } from "../stacks/azure.ts";
import { restoreStackConfig, stackConfigWith } from "../stacks/config-edit.ts";
import { runEngine } from "../stacks/engine-run.ts";
import { runPulumi } from "../stacks/run-pulumi.ts";
import { removeStackLocks } from "../stacks/stack-state.ts";
import type { KeySlot, Step } from "./plan.ts";
import type { RotateReport } from "./report.ts";
import { parsed, type Secrets } from "./secrets.ts";
import { refusal, type Situation } from "./situation.ts";

export interface Run {
  cli: PulumiCli;
  situation: Situation;
  secrets: Secrets;
  /** Takes a line of progress. */
  say: (line: string) => void;
}

/** @throws PropiqError only when it was interrupted: a failure is in the report */
export async function runRotation(run: Run): Promise<RotateReport> {
  const { situation, secrets, say } = run;
  const { stack, config } = situation;
  const done: RotateReport["steps"] = [];
  const progress: Progress = { refusedSince: undefined, interruptionMs: 0 };
  const base = () => ({
    schema: 1 as const,
    stack,
    plan: config.settings.plan,
    steps: done,
    interruptionMs: Math.round(interruptionOf(progress)),
    ...(secrets.keySlot === undefined ? {} : { keySlot: secrets.keySlot }),
  });
  if (situation.staleLock) await clearLock(run);
  for (const step of secrets.steps) {
    say(`${step.name} …`);
    const startedAt = performance.now();
    try {
      await perform(step, run, progress);
    } catch (error) {
      if (error instanceof PropiqError && error.exitCode === 130) throw error;
      const failure = { step: step.name, ...explained(error, stack) };
      return { ...base(), verdict: "failed", oldSecretRefused: false, failure };
    } finally {
      done.push({ name: step.name, durationMs: Math.round(performance.now() - startedAt) });
    }
  }
  return { ...base(), verdict: "rotated", oldSecretRefused: true };
}

interface Progress {
  /** Since when the apps hold a secret that the cache refuses. */
  refusedSince: number | undefined;
  interruptionMs: number;
}

function interruptionOf({ refusedSince, interruptionMs }: Progress): number {
  return refusedSince === undefined ? interruptionMs : interruptionMs + performance.now() - refusedSince;
}

async function perform(step: Step, run: Run, progress: Progress): Promise<void> {
  const { secrets, situation } = run;
  switch (step.kind) {
    case "regenerate":
      return await secrets.renew(step);
    case "reset-password":
      progress.refusedSince = performance.now();
      return await secrets.renew(step);
    case "replace-password":
      progress.refusedSince = performance.now();
      await up(run, [...UP, "--replace", run.secrets.replace ?? ""]);
      progress.interruptionMs = interruptionOf(progress);
      progress.refusedSince = undefined;
      return;
    case "move":
      return await moveTo(step.slot, run);
    case "check-url":
      return await proveNewUrl(run);
    case "store-url":
      return await storeUrl(run);
    case "write-settings":
      await writeSettings(run);
      progress.interruptionMs = interruptionOf(progress);
      progress.refusedSince = undefined;
      return;
    case "prove":
      return await proveRefused(secrets.old, situation.stack);
    default:
      return step satisfies never;
  }
}

const UP = ["up", "--yes", "--skip-preview", "--message", "propiq-cache rotate"];

/** The update of `pulumi up`, with another key than the config's for this one run. */
async function moveTo(slot: KeySlot, run: Run): Promise<void> {
  const { situation } = run;
  if (slot === situation.config.settings.keySlot) return await up(run, UP);
  const folder = await mkdtemp(join(tmpdir(), "propiq-rotate-"));
  try {
    const file = join(folder, `Pulumi.${situation.stack}.yaml`);
    const text = await stackConfigWith(situation.stack, [{ path: ["keySlot"], value: slot }]);
    await writeFile(file, text, { mode: 0o600 });
    await up(run, [...UP, "--config-file", file]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeSettings(run: Run): Promise<void> {
  const { refresh } = run.secrets;
  if (refresh !== undefined) await up(run, ["refresh", "--target", refresh, "--yes", "--skip-preview"]);
  await up(run, UP);
}

async function up({ cli, situation, say }: Run, words: readonly string[]): Promise<void> {
  const { failure } = await runEngine(cli, situation.stack, words, follow(say));
  if (failure !== undefined) throw refusal(failure.what, failure.advice);
}

/**
 * Of what Pulumi prints, what its provider reports of the app: that is what takes the time. The row with which Pulumi
 * closes the resource repeats the last report.
 */
function follow(say: (line: string) => void): (line: string) => void {
  let last: string | undefined;
  return (line) => {
    const [, text] =
      /^\s*(?:~|@|\+)?\s*propiq:index:AppSettings .*?(waiting .*|writing .*)$/.exec(line) ?? [];
    if (text === undefined || text === last) return;
    last = text;
    say(`  ${text}`);
  };
}

async function clearLock({ situation, say }: Run): Promise<void> {
  say("An update of this machine was killed. Its lock is removed.");
  await removeStackLocks(situation.stack);
}

async function proveNewUrl({ secrets: { url = "" } }: Run): Promise<void> {
  const target = parsed(url);
  if (target === undefined) return;
  const report = await checkCache({ enabled: true, target }, { samples: 1 });
  const failed = report.checks.find(({ status }) => status === "fail");
  if (failed === undefined) return;
  throw refusal(
    `The cache does not work with the new URL: ${failed.code}: ${failed.observed ?? failed.title}. Nothing was changed.`,
    advice("Check the new password at its provider."),
  );
}

/** Through standard input: arguments can be read by every process of the machine. */
async function storeUrl({ cli, situation: { stack }, secrets: { url = "" } }: Run): Promise<void> {
  const words = ["config", "set", "propiq-cache:url", "--secret", "--stack", stack, "--non-interactive"];
  const before = await stackConfigWith(stack, []);
  const end = await runPulumi(cli, words, { stdio: "capture", input: url });
  if (end.code === 0) return;
  await restoreStackConfig(stack, before);
  throw refusal(
    `The new URL could not be stored in the config: ${foreignText(end.stderr, (text) => text.replaceAll(url, "[secret]"), 300)}`,
    advice("Fix this and run the same command again."),
  );
}

/** A new key takes effect on every node of the cache within seconds; Azure names no time. */
const PROOF = { patienceMs: 60_000, pauseMs: 1000, deadlineMs: 10_000 } as const;

/** Signs in with each of the secrets that were valid before. @throws PropiqError where one still is */
export async function proveRefused(old: readonly Target[], stack: string): Promise<void> {
  const endsAt = performance.now() + PROOF.patienceMs;
  for (const target of old) {
    for (;;) {
      const outcome = await signInWith(target);
      if (outcome === "refused") break;
      if (performance.now() > endsAt) throw notRefused(outcome, stack);
      await delay(PROOF.pauseMs);
    }
  }
}

async function signInWith(target: Target): Promise<"refused" | "accepted" | "unknown"> {
  const { checks } = await checkCache(
    { enabled: true, target },
    { samples: 1, deadlineMs: PROOF.deadlineMs },
  );
  const auth = checks.find(({ id }) => id === "auth");
  if (auth?.status === "pass") return "accepted";
  return auth?.code === "AUTH_WRONG" ? "refused" : "unknown";
}

function notRefused(outcome: "accepted" | "unknown", stack: string): PropiqError {
  return outcome === "accepted"
    ? refusal(
        "The apps use the new secret. The cache still accepts an old one.",
        advice(
          "Run it again. For a plan external, revoke the old password at its provider.",
          propiq("rotate", "--stack", stack),
        ),
      )
    : refusal(
        "The apps use the new secret. Whether the old one is refused could not be tried: the cache cannot be reached from this machine.",
        advice("Run it again from a machine that reaches the cache.", propiq("rotate", "--stack", stack)),
      );
}

function explained(error: unknown, stack: string): { what: string; advice: WrittenAdvice } {
  const again = propiq("rotate", "--stack", stack);
  const known = error instanceof ArmError ? inWords(error, "rotate the keys", again) : error;
  if (known instanceof PropiqError) return { what: known.message, advice: writeAdvice(known.next) };
  throw error;
}
