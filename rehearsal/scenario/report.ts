/** What a rehearsal found: one value, from which every format is made. */
import type { Isolation } from "./isolation.ts";
import type { RequestFigures } from "./requests.ts";

/**
 * - `COMMAND_FAILED`: a command ended with an error that no rehearsed failure explains
 * - `CLOUD_FAILED`: a failure that `--fail-at` asked for, and the command's answer to it
 * - `FAILURE_NOT_SEEN`: the command succeeded although the cloud failed
 * - `REQUESTS_FAILED`: the app's users got errors
 * - `FOREIGN_SETTINGS_CHANGED`: a setting of the app that is not ours has another value
 * - `SETTINGS_NOT_RESTORED`, `NOT_DELETED`: what `destroy` left behind
 * - `LEFT_LOOPBACK`: something tried to connect to another machine
 * - `NOT_EMULATED`: a request that the emulators do not know
 */
export const STEP_CODES = [
  "COMMAND_FAILED",
  "CLOUD_FAILED",
  "FAILURE_NOT_SEEN",
  "REQUESTS_FAILED",
  "FOREIGN_SETTINGS_CHANGED",
  "SETTINGS_NOT_RESTORED",
  "NOT_DELETED",
  "LEFT_LOOPBACK",
  "NOT_EMULATED",
] as const;
export type StepCode = (typeof STEP_CODES)[number];

export interface Step {
  name: string;
  /** As a user types it in the project's root. */
  command: string;
  exitCode: number;
  durationMs: number;
  requests: RequestFigures;
  appRestarts: number;
  /** Names of the app's settings that were added, changed or removed. */
  settingsWritten: string[];
  /** Those of them that are not ours. */
  foreignSettingsChanged: string[];
  code?: StepCode;
  observed?: string;
  hint?: string;
  /** What a reader should know without acting on it. */
  note?: string;
}

export const PLUGIN_NAMES = ["azure-native", "upstash"] as const;
export type PluginName = (typeof PLUGIN_NAMES)[number];

export interface RehearsalReport {
  schema: 1;
  generatedAt: string;
  verdict: "passed" | "failed";
  stack: string;
  plugins: Record<PluginName, "real" | "stand-in">;
  isolation: Isolation;
  /** Config keys that nothing in the emulated clouds stands for. */
  notMapped: string[];
  /** Whose app answered. The team's own may connect to other machines. */
  app: "example" | "own" | "none";
  durationMs: number;
  notes: string[];
  steps: Step[];
}

/** Only a failure that was asked for may fail, and may cost requests. */
export function verdictOf(steps: readonly Step[]): RehearsalReport["verdict"] {
  const isFailed = steps.some(({ code }) => code !== undefined && code !== "CLOUD_FAILED");
  const last = steps.findLast(({ name }) => !name.startsWith("destroy"));
  // A failure that nothing recovered from.
  return isFailed || steps.length === 0 || last?.code === "CLOUD_FAILED" ? "failed" : "passed";
}
