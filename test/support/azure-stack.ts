/** A clone of the project with the azure-native stand-in, signed in to an emulated Azure. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect } from "vitest";
import { type Azure, type AzureOptions, startAzure } from "../../rehearsal/azure/emulator.ts";
import { installStandIn } from "../../rehearsal/plugins/install.ts";
import { makeProject, type Outcome, type Project, type Running } from "./project.ts";

/** A local stack, so that no test types a passphrase. */
const STACK = "dev";

export interface AzureStack {
  azure: Azure;
  project: Project;
  /** `pulumi …` for the stack, to its end. */
  run(...words: string[]): Promise<Outcome>;
  /** The same, where it must succeed. */
  well(...words: string[]): Promise<Outcome>;
  start(...words: string[]): Running;
  /** `propiq-cache …` for the stack. */
  command(...words: string[]): Promise<Outcome>;
  /** Sets a key of the config, by its path. */
  set(key: string, value: string): Promise<void>;
  unset(key: string): Promise<void>;
  /** What stands in the env file. */
  env(): Promise<NodeJS.Dict<string>>;
  /** Requests that changed something, as `PUT …/redis/name`. */
  writes(): string[];
  stop(): Promise<void>;
}

export async function startAzureStack(options: AzureOptions = {}): Promise<AzureStack> {
  const azure = await startAzure(options);
  const project = await makeProject();
  const home = await mkdtemp(join(tmpdir(), "propiq-home-"));
  await installStandIn("azure-native", home);
  const words = (given: string[]) => ["pulumi", ...given, "--stack", STACK];
  const env = () => ({ env: { ...azure.env, PULUMI_HOME: home } });
  const run = (...given: string[]): Promise<Outcome> => project.run(words(given), env());
  const well = async (...given: string[]): Promise<Outcome> => {
    const outcome = await run(...given);
    expect(outcome.code, outcome.all).toBe(0);
    return outcome;
  };
  return {
    azure,
    project,
    run,
    well,
    start: (...given) => project.start(words(given), env()),
    command: (...given) => project.run([...given, "--stack", STACK], env()),
    set: (key, value) => project.configure(STACK, { [key]: value }),
    unset: (key) => project.configure(STACK, { [key]: undefined }),
    env: async () => parseEnv(await project.read(".env").catch(() => "")),
    writes: () =>
      azure.log
        .filter(({ method, path }) => /^(PUT|PATCH|DELETE)$/.test(method) && path.includes("/providers/"))
        .map(({ method, path }) => `${method} ${path.split("/providers/").at(-1)}`),
    async stop() {
      await project.remove();
      await rm(home, { recursive: true, force: true });
      await azure.stop();
    },
  };
}
