/** What a rotation reports. No secret is ever in it. */

import { type WrittenAdvice, writtenLines } from "../../base/advice.ts";
import { counted } from "../../base/counted.ts";
import { MARKS } from "../result.ts";
import type { KeySlot } from "./plan.ts";

export interface RotateReport {
  schema: 1;
  verdict: "rotated" | "failed";
  stack: string;
  plan: string;
  steps: { name: string; durationMs: number }[];
  /** How long the settings of the apps held a secret that the cache refused. */
  interruptionMs: number;
  /** Proven by sign-ins with every secret that was valid before. */
  oldSecretRefused: boolean;
  /** Azure: the key that the apps use. */
  keySlot?: KeySlot;
  /** Why it failed, and at which step. */
  failure?: { step: string; what: string; advice: WrittenAdvice };
}

export interface DryRun {
  schema: 1;
  dryRun: true;
  stack: string;
  plan: string;
  steps: { name: string }[];
  /** Of each app. */
  restarts: number;
  /** The stack's own apps and env files. */
  users: string[];
  /** Connections on the cache now, those of other clients included. */
  connectedClients?: number;
}

export function renderRotation(report: RotateReport): string {
  const { verdict, stack, plan, steps, interruptionMs, oldSecretRefused, failure } = report;
  const lines = [
    verdict === "rotated"
      ? `${MARKS.pass} rotated  stack ${stack}, plan ${plan}`
      : `${MARKS.fail} failed  stack ${stack}, plan ${plan}${failure === undefined ? "" : `: ${failure.step}`}`,
    "",
    ...steps.map(({ name, durationMs }) => `  ${name.padEnd(26)} ${inSeconds(durationMs)}`),
    "",
    `Old secret: ${oldSecretRefused ? "refused by the cache, as a sign-in showed" : "not proven to be refused"}`,
    `Without a working secret: ${interruptionMs === 0 ? "at no time" : inSeconds(interruptionMs)}`,
    ...(failure === undefined ? [] : ["", failure.what, ...writtenLines(failure.advice)]),
  ];
  return `${lines.join("\n")}\n`;
}

/** What will be done, before anybody is asked. */
export function renderPlan(run: DryRun): string {
  const { stack, plan, steps, restarts, users, connectedClients } = run;
  const often = restarts === 1 ? "once" : restarts === 2 ? "twice" : `${restarts} times`;
  return `${[
    `Rotation of stack ${stack}, plan ${plan}:`,
    ...steps.map(({ name }, index) => `  ${index + 1}. ${name}`),
    `Each app restarts ${often}. Users of this stack: ${users.length === 0 ? "none" : users.join(", ")}.`,
    ...(plan.startsWith("upstash")
      ? [
          "An Upstash database has one password. The apps run without their cache from step reset-password until they have restarted with the new password: about as long as one update takes.",
        ]
      : []),
    ...(["docker", "native"].includes(plan)
      ? [
          "The cache has one password. Apps of this machine lose access until they have read the env file again. A cache in Docker starts empty.",
        ]
      : []),
    `Every other user or tool with the old secret loses access.${connectedClients === undefined ? "" : ` The cache has ${counted(connectedClients, "connection")} now.`}`,
  ].join("\n")}\n`;
}

function inSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
