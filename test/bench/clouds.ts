/** Stack `prod` in emulated clouds, and the usual template's stacks in the same. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plan } from "../../infra/plans/catalogue.ts";
import { startAccounts } from "../../rehearsal/accounts.ts";
import type { Azure } from "../../rehearsal/azure/emulator.ts";
import { type Copy, copyProject } from "./copies.ts";
import { type Environment, run, type Stack, stackOf, UP } from "./environment.ts";
import type { Tools } from "./workshop.ts";

const PASSPHRASE = "prod";

export interface Clouds {
  azure: Azure;
  /** Signed in to both. */
  env: Environment;
}

export async function startClouds({ say, atEnd }: Tools, env: Environment): Promise<Clouds> {
  say("starting the emulated clouds");
  // Operations end at once: what is measured is ours, not a cloud's.
  const accounts = await startAccounts({ azure: { durations: { createMs: 0, updateMs: 0, deleteMs: 0 } } });
  atEnd(accounts.stop);
  return { azure: accounts.azure, env: { ...env, ...accounts.env } };
}

export interface Prod extends Copy, Stack {
  /** Sets a key of its config without an update. */
  set(...words: [...string[], string]): Promise<void>;
}

/** A copy with stack `prod` up on a plan, its app wired. */
export async function bringUpProd(tools: Tools, { env }: Clouds, plan: Plan): Promise<Prod> {
  tools.say(`bringing up stack prod on ${plan}`);
  const copy = await copyProject(tools, { ...env, PULUMI_CONFIG_PASSPHRASE: PASSPHRASE });
  const passphraseFile = join(copy.root, ".propiq", "prod-passphrase");
  await writeFile(passphraseFile, `${PASSPHRASE}\n`);
  const place = { stack: "prod", at: copy.root, state: join(copy.root, ".propiq"), passphraseFile };
  const stack = stackOf(tools.cli, env, { ...place, program: "stacks/index.ts" });
  const set: Prod["set"] = (...words) => run(stack.pulumi("config", "set", ...words));
  await run(stack.pulumi("stack", "init"));
  await set("drainSeconds", "0");
  await set("monthlyBudgetUsd", "500");
  await set("plan", plan);
  await run(stack.pulumi(...UP));
  tools.atEnd(() => run(stack.pulumi("destroy", "--yes", "--skip-preview", "--non-interactive")));
  return { ...copy, ...stack, set };
}
