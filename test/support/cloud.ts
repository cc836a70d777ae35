/** Stack `prod` of a clone, in emulated clouds: what a team's pipeline does, from end to end. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Accounts, type AccountsOptions, startAccounts } from "../../rehearsal/accounts.ts";
import { installStandIn } from "../../rehearsal/plugins/install.ts";
import { makeProject, type Outcome, type Project, type Running } from "./project.ts";
import type { ConfigChange } from "./stack-config.ts";

export const PASSPHRASE = "a passphrase of the team's";

export interface Cloud extends Accounts {
  project: Project;
  /** `propiq-cache` with these words. */
  run(...words: string[]): Promise<Outcome>;
  /** `propiq-cache pulumi … --stack prod`, without questions. */
  pulumi(...words: string[]): Promise<Outcome>;
  start(...words: string[]): Running;
  /** Sets keys of the stack's config; paths such as `azure.resize` work too, and undefined removes a key. */
  configure(config: ConfigChange): Promise<void>;
  /** `up`, which must go well. */
  up(): Promise<Outcome>;
}

export async function makeCloud(options: AccountsOptions = {}): Promise<Cloud> {
  const accounts = await startAccounts(options);
  const project = await makeProject();
  const home = await mkdtemp(join(tmpdir(), "propiq-home-"));
  await installStandIn("azure-native", home);
  await installStandIn("upstash", home);
  const env = {
    ...accounts.env,
    PULUMI_HOME: home,
    PULUMI_CONFIG_PASSPHRASE: PASSPHRASE,
  };
  const run: Cloud["run"] = (...words) => project.run(words, { env });
  const start: Cloud["start"] = (...words) => project.start(words, { env });
  const pulumi: Cloud["pulumi"] = (...words) =>
    run("pulumi", ...words, "--stack", "prod", "--non-interactive");
  const must = async (what: string, outcome: Promise<Outcome>) => {
    const { code, all } = await outcome;
    if (code !== 0) throw new Error(`${what} ended with ${code}:\n${all}`);
    return await outcome;
  };
  await must("stack init", run("pulumi", "stack", "init", "prod", "--non-interactive"));

  return {
    ...accounts,
    project,
    env,
    run,
    pulumi,
    start,
    configure: (config) => project.configure("prod", config),
    up: () => must("up", pulumi("up", "--yes", "--skip-preview")),
    async stop() {
      await project.remove();
      await rm(home, { recursive: true, force: true });
      await accounts.stop();
    },
  };
}
