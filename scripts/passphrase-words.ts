/** What the commands of a hint need in the shell, named before them. Pure. */
import { needsPassphrase } from "../check/faults/commands.ts";

/** Unless the hint speaks of it already. Local stacks have theirs at hand. */
export function withPassphrase(hint: string): string {
  const [, stack] = /npx propiq-cache pulumi [^\n]*--stack ([\w.-]+)/.exec(hint) ?? [];
  const isNamed = stack === undefined || !needsPassphrase(stack) || hint.includes("PULUMI_CONFIG_PASSPHRASE");
  return isNamed ? hint : `With PULUMI_CONFIG_PASSPHRASE set, of stack ${stack}:\n${hint}`;
}
