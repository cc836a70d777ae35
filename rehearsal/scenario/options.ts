/** The options of `rehearse`. Loaded with the command line, so it imports nothing. */

/** Where the cloud can fail. */
export const FAIL_AT = ["preflight", "create", "proof", "settings", "restart", "delete"] as const;
export type FailAt = (typeof FAIL_AT)[number];

export const REHEARSAL_FORMATS = ["text", "json", "junit", "markdown", "html"] as const;
export type RehearsalFormat = (typeof REHEARSAL_FORMATS)[number];
