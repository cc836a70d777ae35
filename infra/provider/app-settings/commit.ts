/** What follows once the app uses its settings: names that stay with their slot, and what the state records. */
import type { Change } from "./change.ts";
import type { Observed, Plan } from "./decide.ts";
import { decodeEarlier, EARLIER_KEY } from "./earlier.ts";
import type { AppSettingsOutputs } from "./inputs.ts";
import { ownedKeys } from "./merge.ts";
import { inStep } from "./step.ts";
import { changeSticky } from "./sticky.ts";
import { swapWords, takenAway } from "./words.ts";

export async function commit(
  { session, inputs, state, operation }: Change,
  { references }: Pick<Plan, "references">,
  { outcome, after }: Observed,
): Promise<AppSettingsOutputs> {
  const { app, label } = session;
  const { signal } = operation;
  const earlier = decodeEarlier(after[EARLIER_KEY]);
  if (earlier === undefined) throw takenAway(label);
  await inStep("making the settings sticky", async () => {
    const names = [...ownedKeys(inputs.settings), EARLIER_KEY];
    if (inputs.sticky) await changeSticky(app, { add: names }, signal);
    else if (earlier.sticky.length > 0) await changeSticky(app, { remove: earlier.sticky }, signal);
  });
  const swap = swapWords(label, inputs.slot, inputs.sticky ?? false);
  // A warning the first time only.
  const isKnown = inputs.sticky === true || state !== undefined;
  if (swap !== undefined) (isKnown ? operation.progress : operation.warn)(swap);
  return { by: operation.urn, earlier, references, outcome };
}
