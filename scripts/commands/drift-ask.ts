/** What drift compares: a stack's state, and what Pulumi's refresh finds. Nothing is written. */

import { PropiqError } from "../../base/errors.ts";
import { parseRefresh, type Refreshed } from "../../operations/drift/refresh.ts";
import { parseState, type StackState } from "../../operations/drift/state.ts";
import { lockOf, projectBackend } from "../../operations/stacks/backend.ts";
import { isLocalStack } from "../../operations/stacks/local-config.ts";
import { stateUnread } from "../../operations/stacks/outputs.ts";
import { localBackend, runPulumi } from "../../operations/stacks/run-pulumi.ts";
import { ensurePulumi, type PulumiCli } from "../../toolchain/pulumi.ts";

export interface StackSeen {
  state: StackState;
  refreshed: Refreshed;
}

/** @throws PropiqError where there is no state to compare with, or an update is changing it */
export async function seenOf(stack: string): Promise<StackSeen> {
  await refuseWhileUpdated(stack);
  const cli = await ensurePulumi({ install: "no", say: () => {}, env: process.env });
  const state = await stateOf(cli, stack);
  if (state.resources.length === 0)
    throw new PropiqError(`Stack ${stack} has nothing that could drift: nothing was deployed there yet.`, {
      hint: isLocalStack(stack)
        ? "Bring it up: ./propiq-cache dev"
        : `Deploy it: ./propiq-cache pulumi up --stack ${stack}`,
    });
  return { state, refreshed: await refresh(cli, stack) };
}

/** In the middle of an update, state and cloud differ because they must. */
async function refuseWhileUpdated(stack: string): Promise<void> {
  const backend = isLocalStack(stack)
    ? localBackend()
    : process.env["PULUMI_BACKEND_URL"] || (await projectBackend());
  const lock = backend === undefined ? undefined : await lockOf(backend, stack);
  if (!lock?.held || lock.stale) return;
  throw new PropiqError(`Another update of stack ${stack} is running (process ${lock.pid}).`, {
    hint: `When it is over: ./propiq-cache drift --stack ${stack}\nIf nothing runs any more: ./propiq-cache pulumi cancel --yes --stack ${stack}`,
  });
}

async function stateOf(cli: PulumiCli, stack: string): Promise<StackState> {
  const words = ["stack", "export", "--show-secrets", "--stack", stack, "--non-interactive"];
  const { code, stdout, stderr } = await runPulumi(cli, words, { stdio: "capture" });
  if (code !== 0) throw stateUnread(stack, stderr, "drift");
  return parseState(stdout);
}

async function refresh(cli: PulumiCli, stack: string): Promise<Refreshed> {
  const words = ["refresh", "--preview-only", "--json", "--stack", stack, "--non-interactive"];
  // Without it, a refresh's JSON tells no resource from another.
  const streaming = { ...cli, env: { ...cli.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "1" } };
  const { code, stdout, stderr } = await runPulumi(streaming, words, { stdio: "capture" });
  const refreshed = parseRefresh(stdout);
  if (code === 0 || refreshed.errors.length > 0) return refreshed;
  const message = stderr.trim() || `Pulumi's refresh ended with ${code} and said nothing`;
  return { ...refreshed, errors: [{ message }] };
}
