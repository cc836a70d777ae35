/** A stack's state with its secrets, for this process alone. */

import { isLocalStack } from "../../base/command.ts";
import { parseJson } from "../../base/json.ts";
import type { Values } from "../../infra/provider/protocol/values.ts";
import type { PulumiCli } from "../../toolchain/pulumi.ts";
import { parseRefresh, type Refreshed } from "../drift/refresh.ts";
import { parseState, type StackState } from "../drift/state.ts";
import { type Lock, lockOf, projectBackend, removeStaleLocks } from "./backend.ts";
import { stateUnread } from "./outputs.ts";
import { localBackend, runPulumi } from "./run-pulumi.ts";

/** @throws PropiqError where the state cannot be read */
export async function stackState(cli: PulumiCli, stack: string, command: string): Promise<StackState> {
  const words = ["stack", "export", "--show-secrets", "--stack", stack, "--non-interactive"];
  const { code, stdout, stderr } = await runPulumi(cli, words, { stdio: "capture" });
  if (code !== 0) throw stateUnread(stack, stderr, command);
  return await stateIn(stdout, stack, command);
}

/** @throws PropiqError for a state that is not JSON, or that no update of ours wrote */
export async function stateIn(json: string, stack: string, command: string): Promise<StackState> {
  const exported = parseJson(json);
  if (exported === undefined) throw stateUnread(stack, "it is not JSON", command);
  const state = parseState(exported);
  const [{ refuseState }, { RESOURCE_TYPES }] = await Promise.all([
    import("../../infra/provider/protocol/damaged.ts"),
    import("../../infra/provider/types.ts"),
  ]);
  for (const { type, urn, outputs } of state.resources) {
    const own = RESOURCE_TYPES.find((each) => each.type === type);
    // JSON holds nothing else.
    if (own !== undefined) refuseState(own, urn, outputs as Values);
  }
  return state;
}

/** The lock of the stack, as far as its back end is one of files. */
export async function stackLock(stack: string): Promise<Lock> {
  const backend = await backendOf(stack);
  return backend === undefined ? { held: false } : await lockOf(backend, stack);
}

/** Removes the locks of processes of this machine that were killed, and no other. */
export async function removeStackLocks(stack: string): Promise<void> {
  const backend = await backendOf(stack);
  if (backend !== undefined) await removeStaleLocks(backend, stack);
}

async function backendOf(stack: string): Promise<string | undefined> {
  return isLocalStack(stack) ? localBackend() : process.env["PULUMI_BACKEND_URL"] || (await projectBackend());
}

/** The settings that the last update gave to the apps; none where nothing was deployed. */
export function deployedSettings({ resources }: StackState): Readonly<Record<string, string>> | undefined {
  const proof = resources.find(({ type }) => type === "propiq:index:VerifiedCache");
  const settings = proof?.outputs["settings"];
  return typeof settings === "object" && settings !== null
    ? (settings as Readonly<Record<string, string>>)
    : undefined;
}

/** How many entries of the history are read: refreshes and imports can follow an update. */
const LATEST = 20;

/** Whether the latest update failed or was interrupted. A destroy after it makes it irrelevant. */
export async function didLastUpdateFail(cli: PulumiCli, stack: string): Promise<boolean> {
  const words = ["stack", "history", "--json", "--page-size", `${LATEST}`, "--stack", stack];
  const { stdout } = await runPulumi(cli, [...words, "--non-interactive"], { stdio: "capture" });
  return isFailedUpdate(parseJson(stdout));
}

/** @param history as Pulumi prints it, newest first */
export function isFailedUpdate(history: unknown): boolean {
  const entries = Array.isArray(history) ? (history as Readonly<Record<string, unknown>>[]) : [];
  const latest = entries.find(({ kind }) => kind === "update" || kind === "destroy");
  return latest?.["kind"] === "update" && latest["result"] === "failed";
}

/** What Pulumi's refresh would change in the state; nothing is written, and a lock is not in the way. */
export async function previewRefresh(cli: PulumiCli, stack: string): Promise<Refreshed> {
  const words = ["refresh", "--preview-only", "--json", "--stack", stack, "--non-interactive"];
  // Without it, a refresh's JSON does not distinguish the resources.
  const streaming = { ...cli, env: { ...cli.env, PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "1" } };
  const { code, stdout, stderr } = await runPulumi(streaming, words, { stdio: "capture" });
  const refreshed = parseRefresh(stdout);
  if (code === 0 || refreshed.errors.length > 0) return refreshed;
  const message = stderr.trim() || `Pulumi's refresh ended with ${code} and said nothing`;
  return { ...refreshed, errors: [{ message }] };
}
