import type { CheckId, Code } from "../report.ts";

/** Why a cache cannot be used, found while it was tried. Never a mistake of ours. */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly code: Code;
  /** Which check it belongs to; absent: the one that was under way. */
  readonly check: CheckId | undefined;

  /** @param observed what was seen, in words that may hold a server's text: it is cleaned for the report */
  constructor(code: Code, observed: string, options: { check?: CheckId; cause?: unknown } = {}) {
    super(observed, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.check = options.check;
  }
}
