/**
 * The actions that our workflows use, by what they do to a job; their inputs as in each one's action.yml. An action or
 * an input that is not here is refused.
 */
import { cp, mkdir, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";

export interface ActionCall {
  /** Without its commit. */
  name: string;
  inputs: Readonly<Record<string, string>>;
  /** The job's folder. */
  workspace: string;
  permissions: Readonly<Record<string, string>>;
  /** What lies outside of a job. */
  outside: Outside;
}

export interface Outside {
  /** Lays the code of a commit in a folder: the pull request's or main's as the event has it, or one that is named. */
  layCode(folder: string, ref: string | undefined): Promise<void>;
  /** Where artifacts of the run are, a folder each. */
  artifacts: string;
  /** Where caches are, a folder each; they outlive a run. */
  caches: string;
  /** Client ids that the sign-in service knows. */
  clientIds: readonly string[];
}

interface Action {
  inputs: readonly string[];
  run(call: ActionCall): Promise<void>;
}

const ACTIONS: Readonly<Record<string, Action>> = {
  "actions/checkout": {
    inputs: ["ref", "persist-credentials"],
    async run({ inputs, workspace, permissions, outside }) {
      must(permissions["contents"] === "read", "a private repository is not to be read by this job");
      must(inputs["persist-credentials"] === "false", "its token would stay in .git/config");
      await outside.layCode(workspace, inputs["ref"]);
    },
  },
  "actions/setup-node": {
    inputs: ["node-version", "package-manager-cache"],
    async run({ inputs }) {
      must(`v${inputs["node-version"]}` === process.version.split(".")[0], "the tests run another Node");
      must(inputs["package-manager-cache"] === "false", "it would restore a cache");
    },
  },
  "Azure/login": {
    inputs: ["client-id", "tenant-id", "subscription-id"],
    async run({ inputs, permissions, outside }) {
      must(permissions["id-token"] === "write", "this job may not ask for a token");
      must(outside.clientIds.includes(inputs["client-id"] ?? ""), "no such identity");
      must(Boolean(inputs["tenant-id"] && inputs["subscription-id"]), "where to sign in to?");
    },
  },
  "actions/upload-artifact": {
    inputs: ["name", "path", "if-no-files-found", "include-hidden-files", "retention-days"],
    async run({ inputs, workspace, outside }) {
      const from = resolve(workspace, inputs["path"] ?? "");
      const there = await stat(from).catch(() => undefined);
      if (there === undefined) return must(inputs["if-no-files-found"] !== "error", `${from} is not there`);
      const to = join(outside.artifacts, inputs["name"] ?? "artifact");
      must(
        (await stat(to).catch(() => undefined)) === undefined,
        `artifact ${inputs["name"]} is there already`,
      );
      // A folder's content lies in the artifact itself, a file under its own name.
      await mkdir(to, { recursive: true });
      await cp(from, there.isDirectory() ? to : join(to, from.split("/").at(-1) ?? ""), { recursive: true });
    },
  },
  "actions/download-artifact": {
    inputs: ["name", "path"],
    async run({ inputs, workspace, outside }) {
      const from = join(outside.artifacts, inputs["name"] ?? "");
      must(
        (await stat(from).catch(() => undefined)) !== undefined,
        `Artifact not found for name: ${inputs["name"]}`,
      );
      await cp(from, resolve(workspace, inputs["path"] ?? "."), { recursive: true });
    },
  },
  "actions/cache/restore": {
    inputs: ["path", "key", "restore-keys"],
    async run({ inputs, workspace, outside }) {
      // One prefix, and the newest under it: all that our workflows ask for.
      const from = join(outside.caches, inputs["restore-keys"] ?? "none");
      if (await stat(from).catch(() => undefined))
        await cp(from, resolve(workspace, inputs["path"] ?? ""), { recursive: true });
    },
  },
  "actions/cache/save": {
    inputs: ["path", "key"],
    async run({ inputs, workspace, outside }) {
      const [, prefix = ""] = /^(.*-)\d+-\d+$/.exec(inputs["key"] ?? "") ?? [];
      must(prefix !== "", "a key is written once: it wants the run and its attempt");
      const to = join(outside.caches, prefix);
      await rm(to, { recursive: true, force: true });
      await cp(resolve(workspace, inputs["path"] ?? ""), to, { recursive: true });
    },
  },
};

export async function runAction(call: ActionCall): Promise<void> {
  const action = ACTIONS[call.name];
  if (action === undefined) throw new Error(`action ${call.name} is not known here`);
  for (const input of Object.keys(call.inputs))
    if (!action.inputs.includes(input)) throw new Error(`${call.name}: input ${input} is not known here`);
  await action.run(call);
}

/** What the real one would stop at, as a step that fails. */
export class StepFailure extends Error {}

function must(condition: boolean, why: string): void {
  if (!condition) throw new StepFailure(why);
}
