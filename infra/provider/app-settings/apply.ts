/**
 * Creating and updating: reads the app, decides what to write, writes it, observes the app on it, and commits. Only then
 * does the update continue with what depends on it, such as deleting the previous cache.
 */
import type { Operation } from "../protocol/resource.ts";
import type { Change } from "./change.ts";
import { commit } from "./commit.ts";
import { prepare } from "./decide.ts";
import { cancelled, stepFailed } from "./failure.ts";
import type { AppSettingsInputs, AppSettingsOutputs, AppSettingsState } from "./inputs.ts";
import { rollOut } from "./roll-out.ts";
import { labelOf, openSession, redactorOf } from "./session.ts";
import { inStep, Unfinished } from "./step.ts";
import { noSuchApp } from "./words.ts";

export async function applySettings(
  inputs: AppSettingsInputs,
  state: AppSettingsState | undefined,
  operation: Operation,
): Promise<{ id: string; outputs: AppSettingsOutputs }> {
  try {
    const session = await inStep("signing in", () => openSession(inputs, operation));
    if (session === undefined) throw noSuchApp(inputs, inputs.subscriptionId);
    const change: Change = { session, inputs, state, operation };
    const plan = await prepare(change);
    const outputs =
      plan.settled === undefined ? await rollOut(change, plan) : await commit(change, plan, plan.settled);
    return { id: session.app.id, outputs };
  } catch (error) {
    throw reported(error, inputs, state, operation);
  }
}

function reported(
  error: unknown,
  inputs: AppSettingsInputs,
  state: AppSettingsState | undefined,
  { signal, stack }: Operation,
): Error {
  const label = labelOf(inputs);
  const { step, aftermath, cause } =
    error instanceof Unfinished
      ? error
      : { step: "signing in", aftermath: "untouched" as const, cause: error };
  if (signal.aborted) return cancelled(label, aftermath !== "untouched", stack);
  return stepFailed(cause, { step, label, stack, aftermath, redact: redactorOf(inputs, state) });
}
