/**
 * What a user may read as it is: what happened and why (`message`), and what to type next (`hint`).
 * Shown without a stack trace; never holds a secret.
 */
export class PropiqError extends Error {
  override readonly name = "PropiqError";
  readonly hint: string;
  /** What the process ends with: 1 the answer is no, 2 the question could not be asked, 130 interrupted. */
  readonly exitCode: 1 | 2 | 130;

  constructor(message: string, options: { hint: string; exitCode?: 1 | 2 | 130; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? 2;
  }
}

/** The words for an error: what users caused or can mend as it is, anything else as the bug that it is. */
export function explain(error: unknown): string {
  if (error instanceof PropiqError) return `${error.message}\n${error.hint}`;
  if (error instanceof Error)
    return `${error.message}\nThis is a mistake in propiq-cache itself: please report it.`;
  return String(error);
}

/** Exit codes of every command: the answer is no; the question could not be asked; interrupted. */
export const EXIT = { no: 1, notAsked: 2, interrupted: 130 } as const;
