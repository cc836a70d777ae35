/** What the commands of a hint need in the shell, named before them. Pure. */
import { isLocalStack } from "../base/command.ts";

/** Unless the hint speaks of it already. Local stacks have theirs at hand. */
export function withPassphrase(hint: string): string {
  const [, stack] = /\.\/propiq-cache pulumi [^\n]*--stack ([\w.-]+)/.exec(hint) ?? [];
  const isNamed = stack === undefined || isLocalStack(stack) || hint.includes("PULUMI_CONFIG_PASSPHRASE");
  return isNamed ? hint : `With PULUMI_CONFIG_PASSPHRASE set, of stack ${stack}:\n${hint}`;
}
