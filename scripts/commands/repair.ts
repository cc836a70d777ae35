/** `repair`: brings a stack back to what its config says, whatever happened to it. */
import { advice, writeAdvice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { EXIT } from "../../base/errors.ts";
import { planRepair } from "../../operations/repair/judge.ts";
import { factsOf } from "../../operations/repair/look.ts";
import {
  foundIn,
  type RepairReport,
  renderRepair,
  renderRepairPlan,
} from "../../operations/repair/report.ts";
import { lockRefusal, runRepair } from "../../operations/repair/run.ts";
import { confirm } from "../../toolchain/confirm.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { sayBeside } from "../print.ts";
import { writeReports } from "./output.ts";

export interface RepairOptions {
  stack: string;
  yes?: boolean;
  forceUnlock?: boolean;
  format: "text" | "json";
  report?: string[];
}

/** @returns 0 where the stack is as its config says, 1 where it is not, 2 where another update is running */
export async function repair(options: RepairOptions): Promise<number> {
  const { stack, yes = false, forceUnlock = false } = options;
  const cli = await ensurePulumi({ install: "no", say: sayBeside, env: process.env });
  const facts = await factsOf(cli, stack);
  const plan = planRepair(facts);
  const base = {
    ...{ schema: 1 as const, stack, found: foundIn(plan.found), steps: [] },
    notAsked: [...facts.notAsked],
  };
  const finish = async (report: RepairReport, exitCode: number): Promise<number> => {
    await writeReports(report, renderRepair, options);
    return exitCode;
  };
  if (plan.found.length === 0)
    return await finish(
      { ...base, verdict: "nothing-to-do" },
      facts.notAsked.length === 0 ? 0 : EXIT.notAsked,
    );
  const unfixable = plan.found.find((problem) => problem.unfixable !== undefined);
  if (unfixable?.unfixable !== undefined) {
    const failure = { what: unfixable.say, advice: writeAdvice(unfixable.unfixable) };
    return await finish({ ...base, verdict: "failed", failure }, EXIT.no);
  }
  const locked = lockRefusal(stack, facts.lock, forceUnlock);
  if (locked !== undefined)
    return await finish(
      { ...base, verdict: "failed", failure: { what: locked.what, advice: writeAdvice(locked.advice) } },
      EXIT.notAsked,
    );
  sayBeside(renderRepairPlan(stack, plan.found, plan.steps).trimEnd());
  if (!yes && !(await confirm("Run these commands now?"))) {
    const failure = {
      what: "Nothing was changed.",
      advice: writeAdvice(advice("Repair the stack.", propiq("repair", "--stack", stack, "--yes"))),
    };
    return await finish({ ...base, verdict: "failed", failure }, EXIT.no);
  }
  const report = await runRepair({ cli, facts, plan, forceUnlock, say: sayBeside });
  return await finish(report, report.verdict === "repaired" ? 0 : EXIT.no);
}
