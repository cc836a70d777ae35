/** Process exit codes of every command: the question's answer was no; it could not be asked; interrupted. */
export const EXIT = { no: 1, notAsked: 2, interrupted: 130 } as const;

/**
 * What a user may read as it is: what happened and why (`message`), and what to type next (`hint`).
 * Printed without a stack trace; never holds a secret.
 */
export class PropiqError extends Error {
  override readonly name = "PropiqError";
  readonly hint: string;
  readonly exitCode: 1 | 2 | 130;

  constructor(message: string, options: { hint: string; exitCode?: 1 | 2 | 130; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.notAsked;
  }
}
