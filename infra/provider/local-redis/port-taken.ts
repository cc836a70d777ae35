/** The words for a port that someone else holds, with the ways on. */
import { PropiqError } from "../../errors.ts";
import type { PortHolder } from "./port.ts";

/** @param stack the stack whose cache was to listen there */
export function portTaken(port: number, holder: Exclude<PortHolder, "nobody">, stack: string): PropiqError {
  const set = `npx propiq-cache pulumi config set`;
  const other = `Take another port: ${set} port ${port + 1} --stack ${stack}`;
  if (holder === "other") {
    return new PropiqError(`Another program of this machine already listens on port ${port}.`, {
      hint: `${other}\nor find and end it: lsof -i :${port}`,
    });
  }
  return new PropiqError(
    `A Redis that is not ours already answers on 127.0.0.1:${port}. It was left as it is.`,
    {
      hint: [
        other,
        "or use the one that runs there:",
        `  ${set} plan external --stack ${stack}`,
        `  ${set} --secret url redis://127.0.0.1:${port}/0 --stack ${stack}`,
      ].join("\n"),
    },
  );
}
