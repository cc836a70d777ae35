/** `config set KEY=VALUE…` and `config rm KEY…`. */
import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { columnsFor } from "../../check/render/wrap.ts";
import { assignmentsIn, removalsIn } from "../../operations/config/assignments.ts";
import { removeConfig, setConfig } from "../../operations/config/change.ts";
import type { Note } from "../../operations/result.ts";
import { noteLines } from "../../operations/text.ts";
import { say } from "../print.ts";
import { terminal } from "./output.ts";

interface ConfigOptions {
  stack: string;
}

export async function set(words: readonly string[], { stack }: ConfigOptions): Promise<number> {
  return shown(await setConfig(stack, assignmentsIn(words), { readSecret, storeSecret: storeIn(stack) }));
}

export async function rm(words: readonly string[], { stack }: ConfigOptions): Promise<number> {
  return shown(await removeConfig(stack, removalsIn(words)));
}

function shown(notes: readonly Note[]): number {
  const columns = columnsFor(terminal().width);
  for (const note of notes) for (const line of noteLines(note, columns)) say(line);
  return 0;
}

async function readSecret(): Promise<string> {
  const { standardInput } = await import("../../operations/subjects/sources.ts");
  return await standardInput("Paste the value, then Enter: ");
}

/** Only Pulumi can encrypt for the stack. */
function storeIn(stack: string) {
  return async (key: string, value: string): Promise<void> => {
    const [{ ensurePulumi }, { runPulumi }] = await Promise.all([
      import("../../toolchain/pulumi.ts"),
      import("../../operations/stacks/run-pulumi.ts"),
    ]);
    const cli = await ensurePulumi({ install: "no", say: () => {}, env: process.env });
    const words = ["config", "set", "--secret", `propiq-cache:${key}`, "--stack", stack, "--non-interactive"];
    const end = await runPulumi(cli, words, { stdio: "capture", input: value });
    if (end.code === 0) return;
    const [why = ""] = end.stderr.replaceAll(value, "(secret)").trim().split("\n");
    throw new PropiqError(`The value of ${key} could not be encrypted. Nothing was written. ${why}`, {
      code: "SECRET_NOT_STORED",
      next: advice(
        "Set PULUMI_CONFIG_PASSPHRASE to the passphrase of the stack.",
        propiq("config", "set", `${key}=-`, "--stack", stack),
      ),
    });
  };
}
