import { type Advice, adviceText } from "../../base/advice.ts";

/** What a report shows of a finding: its advice, then what another tool's file needs. Undefined: nothing. */
export function hintOf(finding: { advice?: Advice; snippet?: string } | undefined): string | undefined {
  const { advice, snippet } = finding ?? {};
  const parts = [advice === undefined ? undefined : adviceText(advice), snippet];
  const written = parts.filter((part) => part !== undefined);
  return written.length === 0 ? undefined : written.join("\n");
}
