/** `off` and `on`: the switch, in words. */
import { rendererOf } from "../../check/render/load.ts";
import { columnsFor } from "../../check/render/wrap.ts";
import { type SwitchResult, switchOff, switchOn } from "../../operations/switch/switch.ts";
import { noteLines } from "../../operations/text.ts";
import { printReport } from "../print.ts";
import { terminal } from "./output.ts";

interface SwitchOptions {
  stack: string;
}

export async function off({ stack }: SwitchOptions): Promise<number> {
  return await shown(await switchOff(stack));
}

export async function on({ stack }: SwitchOptions): Promise<number> {
  return await shown(await switchOn(stack));
}

async function shown({ exitCode, notes, report }: SwitchResult): Promise<number> {
  const columns = columnsFor(terminal().width);
  if (report !== undefined) printReport((await rendererOf("text"))(report, terminal()));
  for (const note of notes) printReport(`${noteLines(note, columns).join("\n")}\n`);
  return exitCode;
}
