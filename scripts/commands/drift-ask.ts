/** What drift compares: a stack's state, and what Pulumi's refresh finds. Nothing is written. */

import { advice } from "../../base/advice.ts";
import { deploy, onStack } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import type { Refreshed } from "../../operations/drift/refresh.ts";
import type { StackState } from "../../operations/drift/state.ts";
import { previewRefresh, stackLock, stackState } from "../../operations/stacks/stack-state.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";

export interface StackSeen {
  state: StackState;
  refreshed: Refreshed;
}

/** @throws PropiqError where there is no state to compare with, or an update is changing it */
export async function seenOf(stack: string): Promise<StackSeen> {
  await refuseWhileUpdated(stack);
  const cli = await ensurePulumi({ install: "no", say: () => {}, env: process.env });
  const state = await stackState(cli, stack, "drift");
  if (state.resources.length === 0)
    throw new PropiqError(`Stack ${stack} cannot drift: it has not been deployed yet.`, {
      code: "NOT_DEPLOYED",
      next: advice("Deploy it.", deploy(stack)),
    });
  return { state, refreshed: await previewRefresh(cli, stack) };
}

/** In the middle of an update, state and cloud differ because they must. */
async function refuseWhileUpdated(stack: string): Promise<void> {
  const lock = await stackLock(stack);
  if (!lock.held || lock.stale) return;
  throw new PropiqError(`Another update of stack ${stack} is running (process ${lock.pid}).`, {
    code: "STACK_LOCKED",
    next: advice(
      "Wait for it to end, then run the same command again. If it was killed on another machine:",
      onStack(stack, "repair", "--force-unlock"),
    ),
  });
}
