/**
 * A team with a pipeline: stack `prod` in emulated clouds, its state in emulated storage, its repository on an emulated
 * GitHub, and machines that know of them no more than GitHub's own would.
 */
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parseDocument } from "yaml";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { startAccounts } from "../../rehearsal/accounts.ts";
import type { Azure } from "../../rehearsal/azure/emulator.ts";
import { installStandIn } from "../../rehearsal/plugins/install.ts";
import type { Upstash } from "../../rehearsal/upstash/emulator.ts";
import { programs } from "../../toolchain/on-path.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { makeProject, QUICK_CLONE, shareCompiled } from "../support/project.ts";
import type { Machine } from "../support/workflow-runner.ts";
import { type GitHubDouble, startGitHub } from "../support/workflow-runner-github.ts";
import { type StateStore, startStateStore } from "../support/workflow-runner-state.ts";

export interface Team {
  azure: Azure;
  upstash: Upstash;
  github: GitHubDouble;
  state: StateStore;
  machine: Machine;
  /** Every secret of the team's, none of which may show anywhere. */
  secrets: readonly string[];
  /** Changes the stack's config in the repository, as a commit does; undefined removes a key. */
  commit(config: Readonly<Record<string, unknown>>): Promise<void>;
  stop(): Promise<void>;
}

const PASSPHRASE = "the team's own passphrase";
const ENVIRONMENTS = ["prod", "prod-plan", "prod-preview", "prod-watch"];

export async function makeTeam(): Promise<Team> {
  const accounts = await startAccounts();
  const { azure, upstash } = accounts;
  const [github, state] = await Promise.all([startGitHub(), startStateStore()]);
  const folder = await mkdtemp(join(tmpdir(), "propiq-team-"));
  const pulumiHome = join(folder, "pulumi");
  await installStandIn("azure-native", pulumiHome);
  await installStandIn("upstash", pulumiHome);
  const bin = await layNpm(join(folder, "bin"));
  const pulumi = await ensurePulumi({ install: "no", say: () => {}, env: process.env });
  const home = join(folder, "home");
  await mkdir(home);
  const project = await makeProject();

  const { UPSTASH_EMAIL = "", UPSTASH_API_KEY = "", ...upstashPlace } = upstash.env;
  const { ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN, ...azurePlace } = azure.federatedEnv;
  const { ARM_CLIENT_ID = "", ARM_TENANT_ID = "", ARM_SUBSCRIPTION_ID = "", ...rest } = azurePlace;
  const { ARM_USE_OIDC: _, ...azureWay } = rest;
  const secrets = { UPSTASH_EMAIL, UPSTASH_API_KEY, PULUMI_CONFIG_PASSPHRASE: PASSPHRASE };
  const vars = {
    AZURE_CLIENT_ID: ARM_CLIENT_ID,
    AZURE_TENANT_ID: ARM_TENANT_ID,
    AZURE_SUBSCRIPTION_ID: ARM_SUBSCRIPTION_ID,
    PULUMI_BACKEND_URL: state.url,
  };
  const path = [bin, dirname(process.execPath), dirname(pulumi.bin), process.env["PATH"] ?? ""];
  const env = {
    ...upstashPlace,
    ...azureWay,
    PATH: path.join(delimiter),
    HOME: home,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    PULUMI_HOME: pulumiHome,
    ...QUICK_CLONE,
  };
  const token = { ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN };
  const identityEnv = Object.fromEntries(
    Object.entries({ ...token, ...state.env }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  );

  const file = join(project.root, "Pulumi.prod.yaml");
  const machine: Machine = {
    env,
    identityEnv,
    github,
    secrets: Object.fromEntries(
      ENVIRONMENTS.map((name) => [name, { ...secrets, WEBHOOK_URL: github.webhookUrl }]),
    ),
    vars: Object.fromEntries(ENVIRONMENTS.map((name) => [name, { ...vars, ALARM_AFTER: "1" }])),
    outside: {
      caches: join(folder, "caches"),
      clientIds: [ARM_CLIENT_ID],
      async layCode(to) {
        await cp(project.root, to, {
          recursive: true,
          filter: (name) => !/\/(node_modules|\.propiq)(\/|$)/.test(name.slice(project.root.length)),
        });
        await shareCompiled(to);
      },
    },
  };
  await mkdir(machine.outside.caches);

  // Once, by hand, as docs/pipelines.md says: the stack, whose salt is then committed.
  const made = await project.run(["pulumi", "stack", "init", "prod", "--non-interactive"], {
    env: { ...env, ...identityEnv, ...secrets, PULUMI_BACKEND_URL: state.url },
  });
  if (made.code !== 0) throw new Error(`stack init ended with ${made.code}:\n${made.all}`);

  return {
    azure,
    upstash,
    github,
    state,
    machine,
    secrets: [UPSTASH_API_KEY, PASSPHRASE, ACTIONS_ID_TOKEN_REQUEST_TOKEN ?? "", github.webhookUrl],
    async commit(config) {
      const document = parseDocument(await readFile(file, "utf8"));
      for (const [key, value] of Object.entries(config))
        if (value === undefined) document.deleteIn(["config", `propiq-cache:${key}`]);
        else document.setIn(["config", `propiq-cache:${key}`], value);
      await writeFile(file, document.toString());
    },
    async stop() {
      await project.remove();
      await Promise.all([accounts.stop(), github.stop(), state.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * An `npm` that knows `ci` alone, and gives a clone the packages that are installed here, which are those of the lock
 * file. The registry is not what these tests are about; `.ci/run` does the real thing.
 */
async function layNpm(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const script = [
    "#!/bin/sh",
    '[ "$*" = ci ] && [ -f package-lock.json ] || { echo "npm $* is not known here" >&2; exit 1; }',
    `exec ln -s '${join(PROJECT_ROOT, "node_modules")}' node_modules`,
    "",
  ].join("\n");
  await writeFile(join(folder, "npm"), script, { mode: 0o755 });
  const [npx] = programs("npx", process.env);
  if (npx === undefined) throw new Error("There is no npx on PATH.");
  await symlink(npx, join(folder, "npx"));
  return folder;
}
