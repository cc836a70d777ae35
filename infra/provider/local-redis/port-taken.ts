/** The words for a port that someone else holds. */
import { PropiqError } from "../../../base/errors.ts";
import { waysAroundPort } from "../../caches/port-taken.ts";
import type { PortHolder } from "./port.ts";

/** @param stack the stack whose cache was to listen there */
export function portTaken(port: number, holder: Exclude<PortHolder, "nobody">, stack: string): PropiqError {
  const who =
    holder === "redis"
      ? `A Redis that is not ours already answers on 127.0.0.1:${port}. It was left as it is.`
      : `Another program of this machine already listens on port ${port}.`;
  return new PropiqError(who, { hint: waysAroundPort(port, stack) });
}
