/** The error for a port that another program uses. */
import { PropiqError } from "../../../base/errors.ts";
import { portAdvice } from "../../caches/port-taken.ts";
import type { PortHolder } from "./port.ts";

/** @param stack the stack whose cache was to listen there */
export function portTaken(port: number, holder: Exclude<PortHolder, "nobody">, stack: string): PropiqError {
  const who =
    holder === "redis"
      ? `Another Redis already answers on 127.0.0.1:${port}. It was not changed.`
      : `Another program of this machine already listens on port ${port}.`;
  return new PropiqError(who, { code: "PORT_IN_USE", next: portAdvice(port, stack) });
}
