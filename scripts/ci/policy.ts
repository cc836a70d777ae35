/** What a policy pack said, from the text of a preview: `--json` leaves it out. Pure. */

/**
 * Each violation that stops an update, in a line: the rule, and what is wrong.
 * @param text of `pulumi preview --policy-pack`, without colours (pulumi: pkg/backend/display/progress.go, printPolicies)
 */
export function violationsIn(text: string): string[] {
  const lines = text.split(/\r?\n/);
  const start = lines.indexOf("Policies:");
  if (start < 0) return [];
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => line.trim() === "");
  const violations: string[] = [];
  let stops = false;
  for (const line of rest.slice(0, end < 0 ? rest.length : end)) {
    const [, level, rule] = /^\s+- \[(\w+)\]\s+(\S+)/.exec(line) ?? [];
    if (rule !== undefined) {
      stops = level === "mandatory";
      if (stops) violations.push(`${rule}:`);
    } else if (stops && /^ {10}/.test(line)) {
      violations.push(`${violations.pop()} ${line.trim()}`);
    } else {
      stops = false;
    }
  }
  return violations;
}
