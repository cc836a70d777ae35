/** The steps of a rehearsal: the commands of a stack's life, in their order. Pure. */
import { type Command, propiq, pulumi } from "../../base/command.ts";
import type { Plan } from "../../infra/plans/catalogue.ts";
import type { Moment } from "./failures.ts";

export interface StepPlan {
  name: string;
  /** As a user types them in the project's root. */
  commands: readonly Command[];
  /** What it deploys. */
  plan: Plan;
  /** The plan before it. */
  previous: Plan;
  moment?: Moment;
}

export interface Journey {
  stack: string;
  /** The configured plan. */
  first: Plan;
  plans: readonly Plan[];
  /** Whether the stack wires an App Service. */
  hasApps: boolean;
  hasRotate: boolean;
}

export function stepsOf({ stack, first, plans, hasApps, hasRotate }: Journey): StepPlan[] {
  const onStack = ["--stack", stack];
  const up = pulumi(stack, "up", "--yes");
  const setPlan = (plan: Plan) => pulumi(stack, "config", "set", "plan", plan);
  const same = (name: string, ...commands: Command[]): StepPlan => ({
    name,
    commands,
    plan: first,
    previous: first,
  });
  const changes: StepPlan[] = [];
  let previous = first;
  for (const plan of plans) {
    if (plan === previous) continue;
    changes.push({ name: plan, commands: [setPlan(plan), up], plan, previous, moment: "plan" });
    previous = plan;
  }
  if (previous !== first)
    changes.push({ name: "back", commands: [setPlan(first), up], plan: first, previous, moment: "plan" });
  return [
    { ...same("preflight", propiq("preflight", ...onStack)), moment: "preflight" },
    { ...same("up", up), moment: "up" },
    same("verify", propiq("verify", ...onStack, ...(hasApps ? ["--app"] : []))),
    ...changes,
    same("off", propiq("off", ...onStack)),
    same("on", propiq("on", ...onStack)),
    ...(hasRotate ? [same("rotate", propiq("rotate", ...onStack, "--yes"))] : []),
    { ...same("destroy", pulumi(stack, "destroy", "--yes")), moment: "destroy" },
  ];
}

/** The commands that bring a stack back after a step that failed. */
export function recoveryOf(
  stack: string,
  { moment, commands }: Pick<StepPlan, "moment" | "commands">,
  isKilled: boolean,
): readonly Command[] {
  const up = pulumi(stack, "up", "--yes");
  if (moment === "preflight" || moment === "destroy") return commands;
  if (!isKilled) return [up];
  return [
    pulumi(stack, "cancel", "--yes"),
    pulumi(stack, "refresh", "--clear-pending-creates", "--exclude", "**", "--yes", "--non-interactive"),
    up,
  ];
}
