/** The advice of a report in its parts. Renderers never look for commands in a text. */
import type { WrittenAdvice } from "../../base/advice.ts";

/** Reports of an older version have only the hint. */
export function adviceOf({ hint, advice }: { hint: string; advice?: WrittenAdvice }): WrittenAdvice {
  return advice ?? { say: hint, run: [] };
}
