/** Judges one step by what it did: the first thing that is wrong with it. Pure. */
import { counted } from "../../base/counted.ts";
import type { Failure } from "./failures.ts";
import type { Observed } from "./observe.ts";
import type { Step } from "./report.ts";
import type { RequestFigures } from "./requests.ts";

export interface StepFacts extends Observed {
  exitCode: number;
  requests: RequestFigures;
  /** The command's own words. */
  said: string;
  failure?: Pick<Failure, "say" | "expected">;
  /** What tried to leave the machine. */
  attempts: readonly string[];
  /** What the emulators do not know. */
  defects: readonly string[];
  /** After the removal: what is still there. */
  left?: { caches: readonly string[]; settings: readonly string[] };
}

export type Judgement = Pick<Step, "code" | "observed" | "hint">;

/** @param again the command that shows the step by hand */
export function judgeStep(facts: StepFacts, again: string): Judgement {
  const { exitCode, requests, said, failure, attempts, defects, foreignSettingsChanged, left } = facts;
  if (attempts.length > 0) {
    return {
      code: "LEFT_LOOPBACK",
      observed: `A program tried to connect to ${attempts.slice(0, 5).join(", ")}. It was refused.`,
      hint: "A rehearsal uses this machine only. Remove what the config or the project adds for other hosts.",
    };
  }
  if (defects.length > 0) {
    return {
      code: "NOT_EMULATED",
      observed: `The emulated cloud does not know a request: ${firstLine(defects[0] ?? "")}`,
      hint: "The rehearsal says nothing about this step. See rehearsal/README.md, How to add a service.",
    };
  }
  if (failure?.expected === "failed" || failure?.expected === "killed") {
    if (exitCode === 0) {
      return {
        code: "FAILURE_NOT_SEEN",
        observed: `${failure.say} The command succeeded all the same.`,
        hint: "The failure came too late to matter. Choose another plan or another step.",
      };
    }
    const words =
      failure.expected === "killed" ? failure.say : `${failure.say} The command ends with: ${said}`;
    return { code: "CLOUD_FAILED", observed: words, hint: "The next step recovers the stack." };
  }
  if (exitCode !== 0) {
    return { code: "COMMAND_FAILED", observed: said, hint: `Run the commands by hand: ${again}` };
  }
  if (foreignSettingsChanged.length > 0) {
    return {
      code: "FOREIGN_SETTINGS_CHANGED",
      observed: `Settings of the app that do not belong to the cache changed: ${foreignSettingsChanged.join(", ")}.`,
      hint: `Run the commands by hand: ${again}`,
    };
  }
  if (requests.failed > 0) {
    return {
      code: "REQUESTS_FAILED",
      observed: `${requests.failed} of ${counted(requests.sent, "request")} had no answer, or an error.`,
      hint: "Users of the app would see this. Read what the app prints while it restarts.",
    };
  }
  if (left !== undefined && left.settings.length > 0) {
    return {
      code: "SETTINGS_NOT_RESTORED",
      observed: `The app's settings differ from those before the first deploy: ${left.settings.join(", ")}.`,
      hint: `Run the commands by hand: ${again}`,
    };
  }
  if (left !== undefined && left.caches.length > 0) {
    return {
      code: "NOT_DELETED",
      observed: `Still running: ${left.caches.join(", ")}.`,
      hint: `Run the commands by hand: ${again}`,
    };
  }
  return {};
}

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** What Pulumi says around an error. */
const EMPTY = /^(update failed|\d+ errors? occurred:?|deleting urn:\S+)$/i;

/** The lines of an output that say what went wrong: errors of Pulumi, else the last lines. */
export function essenceOf(output: string): string {
  const lines = output
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const errors = lines
    .filter((line) => /^(error:|✘|FAIL\b)/.test(line))
    .map((line) => line.replace(/^(error:|✘) */, ""))
    .filter((line) => line !== "" && !EMPTY.test(line));
  const chosen = errors.length > 0 ? errors : lines.slice(-4);
  return [...new Set(chosen)].slice(0, 4).join(" ").slice(0, 700);
}
