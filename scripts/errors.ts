export { PropiqError } from "../infra/errors.ts";

/** Process exit codes of every command: the question's answer was no; it could not be asked; interrupted. */
export const EXIT = { no: 1, notAsked: 2, interrupted: 130 } as const;
