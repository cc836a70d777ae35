/** A hint in plain text, from data: what to do, and the commands to type. */
import { adviceText, advice as given } from "../base/advice.ts";
import type { Command } from "../base/command.ts";

export function hint(say: string, ...run: readonly Command[]): string {
  return adviceText(given(say, ...run));
}
