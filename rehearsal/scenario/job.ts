/** The messages between the command and the process of a rehearsal. */
import type { Advice } from "../../base/advice.ts";
import type { ErrorCode } from "../../base/error-codes.ts";
import type { Plan } from "../../infra/plans/catalogue.ts";
import type { FailAt } from "./options.ts";
import type { RehearsalReport, Step } from "./report.ts";
import type { StageOptions } from "./stage.ts";

export interface Job extends StageOptions {
  plans: readonly Plan[];
  requestsPerSecond: number;
  failAt?: FailAt;
  shell: boolean;
}

export type Message =
  | { kind: "say"; line: string }
  | { kind: "began"; name: string; command: string }
  | { kind: "ended"; step: Step }
  | { kind: "report"; report: RehearsalReport }
  | { kind: "shell-ended"; code: number; attempts: string[] }
  | { kind: "failed"; message: string; code: ErrorCode; next: Advice; stack?: string };
