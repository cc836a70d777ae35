/** Copies of the project, so that a developer's own stacks, env file and ports stay as they are. */
import { dirname, join } from "node:path";
import { freePort } from "../../rehearsal/ports.ts";
import { makeProject } from "../support/project.ts";
import type { Command } from "./command.ts";
import { type Environment, run, type Stack, stackOf, UP, withPath } from "./environment.ts";
import type { Tools } from "./workshop.ts";

export interface Copy {
  root: string;
  /** `propiq-cache` in it, as `./propiq-cache` runs it. */
  propiqCache(...words: string[]): Command;
}

export async function copyProject({ cli, atEnd }: Tools, given: Environment): Promise<Copy> {
  const project = await makeProject();
  const { root } = project;
  // A CLI that the project built is in its own folder, which the copy does not have.
  const env = withPath(given, dirname(cli.bin));
  const propiqCache: Copy["propiqCache"] = (...words) => ({
    words: [process.execPath, join(root, "scripts", "propiq-cache.mjs"), ...words],
    cwd: root,
    env,
  });
  atEnd(async () => {
    // Here, because the project's own way to remove it does not know our Docker engine.
    await run(propiqCache("dev", "--down")).catch(() => {});
    await project.remove();
  });
  return { root, propiqCache };
}

/** A copy with one of the project's local stacks up, on a port of its own. */
export async function bringUpOwn(
  tools: Tools,
  stack: "native" | "dev",
  env: Environment,
): Promise<Copy & Stack> {
  tools.say(`bringing up stack ${stack}`);
  const copy = await copyProject(tools, env);
  const port = String(await freePort());
  await run(copy.propiqCache("pulumi", "config", "set", "port", port, "--stack", stack));
  await run(copy.propiqCache("pulumi", ...UP, "--stack", stack));
  const state = join(copy.root, ".propiq");
  const place = {
    stack,
    at: copy.root,
    state,
    passphraseFile: join(state, "passphrase"),
    program: "stacks/index.ts",
    configFile: join(state, "stacks", `Pulumi.${stack}.yaml`),
  };
  return { ...copy, ...stackOf(tools.cli, env, place) };
}
