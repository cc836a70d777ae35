/** Errors that users can act on. */
import { type Advice, adviceText } from "./advice.ts";
import type { ErrorCode } from "./error-codes.ts";
import { type SafeText, safeLines } from "./safe-text.ts";

/**
 * What a user may read as it is: what happened and why (`message`), and what to do next (`next`).
 * Shown without a stack trace; never holds a secret.
 */
export class PropiqError extends Error {
  override readonly name = "PropiqError";
  readonly next: Advice;
  /** Stable, for tests and for programs that read our output. */
  readonly code: ErrorCode;
  /** What the process ends with: 1 the answer is no, 2 the question could not be asked, 130 interrupted. */
  readonly exitCode: 1 | 2 | 130;

  constructor(
    message: string,
    options: { code: ErrorCode; next: Advice; exitCode?: 1 | 2 | 130; cause?: unknown },
  ) {
    super(
      safeLines(withoutSecrets(message)),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.next = withoutSecretsIn(options.next);
    this.code = options.code;
    this.exitCode = options.exitCode ?? 2;
  }

  /** The next steps as text, a line for each command. */
  get hint(): SafeText {
    return safeLines(adviceText(this.next));
  }
}

/** The variables whose values no message may hold. */
const SECRET_VARIABLES: readonly string[] = [
  "ARM_CLIENT_SECRET",
  "AZURE_CLIENT_SECRET",
  "PULUMI_CONFIG_PASSPHRASE",
  "REDIS_PASSWORD",
  "UPSTASH_API_KEY",
];
/** A shorter value is as likely a part of an ordinary word. */
const SHORTEST_SECRET = 6;

/** Removes passwords in URLs and the secrets of this process's environment. */
export function withoutSecrets(text: string): string {
  const secrets = SECRET_VARIABLES.flatMap((name) => process.env[name] ?? []).filter(
    (value) => value.length >= SHORTEST_SECRET,
  );
  return secrets.reduce(
    (clean, secret) =>
      clean.replaceAll(secret, "(secret)").replaceAll(encodeURIComponent(secret), "(secret)"),
    text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s/@:]*):[^\s/@]+@/gi, "$1:(secret)@"),
  );
}

function withoutSecretsIn({ say, run }: Advice): Advice {
  return { say: withoutSecrets(say), ...(run === undefined ? {} : { run }) };
}

/** The same for readers who look its code up: of an error that users can act on, the code is the last line. */
export function explainWithCode(error: unknown): SafeText {
  return error instanceof PropiqError ? safeLines(`${explain(error)}\nCode: ${error.code}`) : explain(error);
}

/** The text for an error: one that users can act on as it is, any other as the bug that it is. */
export function explain(error: unknown): SafeText {
  if (error instanceof PropiqError) return safeLines(`${error.message}\n${error.hint}`);
  if (error instanceof Error)
    return safeLines(`${error.message}\nThis is a bug in propiq-cache: please report it.`);
  return safeLines(String(error));
}

/** Exit codes of every command: the answer is no; the question could not be asked; interrupted. */
export const EXIT = { no: 1, notAsked: 2, interrupted: 130 } as const;
