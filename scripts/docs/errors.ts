/** The page of error codes, generated from their one list. */
import { ERROR_CODES } from "../../base/error-codes.ts";

export function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, meaning]) => `| \`${code}\` | ${meaning} |`);
  return `# Error codes

<!-- Generated from base/error-codes.ts by \`npm run format\`. -->

A command that could not run ends with 2, and prints what happened, what to do and one of these codes. A code never
changes its meaning. Codes of a failed check are in [Troubleshooting](troubleshooting.md).

| code | meaning |
| --- | --- |
${rows.join("\n")}
`;
}
