/** The next steps after a fault, for the cache at hand. */
import type { Advice } from "../../base/advice.ts";
import type { Code } from "../report.ts";
import type { Subject } from "../subject.ts";
import { endpointOf } from "../target.ts";
import { providerOfHost } from "./provider-of-host.ts";
import { REMEDIES, type Row } from "./remedies.ts";

export function adviceFor(code: Code, subject: Subject): Advice {
  const row: Row = REMEDIES[code];
  const provider = subject.provider ?? providerOfHost(subject.target?.host);
  const own = (provider && row[provider]) ?? row.any;
  const { say, run } = typeof own === "function" ? own(subject) : own;
  const { target } = subject;
  return {
    say: say.replaceAll("{endpoint}", target === undefined ? "the cache" : endpointOf(target)),
    run: run.flatMap((step) => step(subject) ?? []),
  };
}
