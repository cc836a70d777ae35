/** An answer of Azure Resource Manager that is an error, or no answer at all. */
export class ArmError extends Error {
  override readonly name = "ArmError";
  /** The HTTP status; absent where no answer came, so that nobody knows whether the request took effect. */
  readonly status: number | undefined;
  /** Azure's own word, such as AuthorizationFailed; `NoAnswer` where none came. */
  readonly code: string;
  /** What the answer asks to wait before the next attempt. */
  readonly retryAfterMs: number | undefined;

  /** @param message Azure's text, without secrets */
  constructor(
    message: string,
    details: { status?: number; code: string; retryAfterMs?: number | undefined; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.status = details.status;
    this.code = details.code;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** What an answer with an error looks like: ARM's own form, and App Service's. */
interface ErrorBody {
  error?: { code?: unknown; message?: unknown };
  code?: unknown;
  message?: unknown;
  Code?: unknown;
  Message?: unknown;
}

/**
 * The error in an answer.
 * @param body parsed JSON, or text
 * @param headers names in lower case
 */
export function armErrorOf(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | undefined>>,
): ArmError {
  const form = (typeof body === "object" && body !== null ? body : {}) as ErrorBody;
  const code = firstText(form.error?.code, form.code, form.Code) ?? `Http${status}`;
  const text = typeof body === "string" ? body.slice(0, 500) : undefined;
  const message = firstText(form.error?.message, form.message, form.Message, text) ?? `HTTP status ${status}`;
  return new ArmError(message, { status, code, retryAfterMs: retryAfterMs(headers) });
}

function firstText(...candidates: unknown[]): string | undefined {
  return candidates.find((text): text is string => typeof text === "string" && text !== "");
}

/** Retry-After in its forms: `retry-after-ms`, `x-ms-retry-after-ms`, seconds, or a date. */
export function retryAfterMs(headers: Readonly<Record<string, string | undefined>>): number | undefined {
  const ms = headers["retry-after-ms"] ?? headers["x-ms-retry-after-ms"];
  if (ms !== undefined && /^\d+$/.test(ms)) return Number(ms);
  const value = headers["retry-after"];
  if (value === undefined) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
