/** One question to Upstash's developer API: signed in, asked again where that helps, and its refusals in words. */

import { setTimeout as sleep } from "node:timers/promises";
import { type Advice, advice } from "../../base/advice.ts";
import { shell } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { parseJson } from "../../base/json.ts";
import { foreignText } from "../../base/safe-text.ts";
import type { UpstashCredentials } from "./credentials.ts";

/** The same host that the provider has built in. */
const ORIGIN = "https://api.upstash.com";
/** Milliseconds for one attempt. */
const ATTEMPT_MS = 30_000;
const ATTEMPTS = 5;
const FIRST_PAUSE_MS = 500;
/** The service may ask for more; a single wait is never longer. */
const LONGEST_PAUSE_MS = 60_000;

/** What Upstash refused, or that it did not answer. Neither the message nor the advice holds a secret. */
export class UpstashError extends PropiqError {
  /** Of the answer; nothing where none came. */
  readonly status: number | undefined;

  constructor(message: string, options: { next: Advice; status?: number; cause?: unknown }) {
    super(message, { code: "UPSTASH_ERROR", ...options });
    this.status = options.status;
  }
}

export interface UpstashRequest {
  method: string;
  path: string;
  body?: object;
  /** Fits behind "could not". */
  what: string;
  signal: AbortSignal | undefined;
}

/**
 * Reads are asked again while the answer may pass; writes only after 429, when nothing was done.
 * @returns the answer's JSON
 * @throws UpstashError; the signal's reason
 */
export async function askUpstash(credentials: UpstashCredentials, request: UpstashRequest): Promise<unknown> {
  for (let attempt = 1; ; attempt++) {
    const answer = await askOnce(credentials, request);
    if (answer instanceof Response && answer.ok) return parseJson(await answer.text());
    const status = answer instanceof Response ? answer.status : undefined;
    if (attempt === ATTEMPTS || !mayPass(request.method, status))
      throw await refused(credentials, request, answer);
    const asked =
      answer instanceof Response ? Number(answer.headers.get("retry-after") ?? Number.NaN) : Number.NaN;
    const pauseMs = Number.isFinite(asked) ? asked * 1000 : FIRST_PAUSE_MS * 2 ** (attempt - 1);
    await sleep(
      Math.min(pauseMs, LONGEST_PAUSE_MS),
      undefined,
      request.signal ? { signal: request.signal } : {},
    );
  }
}

function mayPass(method: string, status: number | undefined): boolean {
  if (status === 429) return true;
  return method === "GET" && (status === undefined || status === 408 || status >= 500);
}

/** @returns the answer, or why there was none */
async function askOnce(
  { email, apiKey }: UpstashCredentials,
  request: UpstashRequest,
): Promise<Response | Error> {
  const { method, path, body, signal } = request;
  signal?.throwIfAborted();
  const patience = AbortSignal.timeout(ATTEMPT_MS);
  try {
    return await fetch(ORIGIN + path, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${email}:${apiKey}`).toString("base64")}`,
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: signal === undefined ? patience : AbortSignal.any([patience, signal]),
    });
  } catch (error) {
    signal?.throwIfAborted();
    if (patience.aborted) return new Error(`no answer within ${ATTEMPT_MS / 1000} s`, { cause: error });
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function refused(
  credentials: UpstashCredentials,
  { what }: UpstashRequest,
  answer: Response | Error,
): Promise<UpstashError> {
  if (answer instanceof Error) {
    return new UpstashError(`Upstash could not be asked to ${what}: ${reasonOf(answer)}`, {
      next: advice(
        "Check that https://api.upstash.com can be reached from here, then run the same command again. Behind a proxy, name it first.",
        shell("export HTTPS_PROXY=http://proxy:3128 NODE_USE_ENV_PROXY=1"),
      ),
      cause: answer,
    });
  }
  const { status } = answer;
  const said = safeWords(await answer.text().catch(() => ""), credentials);
  return new UpstashError(`Upstash refused to ${what}: ${said || "no reason given"} (status ${status})`, {
    next: advice(nextFor(status)),
    status,
  });
}

const NEXT: Readonly<Record<number, string>> = {
  401: "Check UPSTASH_EMAIL and UPSTASH_API_KEY: the key must be a management API key of that very account (console: Account > Management API), not a database's token.",
  403: "The key may not do this. A read-only key cannot change anything: make another in the Upstash console (Account > Management API).",
  404: "The database may have been deleted. See the Upstash console: https://console.upstash.com",
  429: "Upstash asks for a pause. Run the same command again in a minute.",
};

function nextFor(status: number): string {
  if (status >= 500)
    return "That is a fault at Upstash (status.upstash.com). Run the same command again in a minute.";
  return NEXT[status] ?? "See the database in the Upstash console: https://console.upstash.com";
}

/** fetch says "fetch failed"; what failed stands in its cause. */
function reasonOf(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && error.message === "fetch failed" ? cause.message : error.message;
}

/** What the service says, as one short line, and never the key, in whatever form it is repeated. */
function safeWords(body: string, { email, apiKey }: UpstashCredentials): string {
  const parsed = parseJson(body);
  const inner =
    typeof parsed === "object" && parsed !== null
      ? (Reflect.get(parsed, "error") ?? Reflect.get(parsed, "message"))
      : parsed;
  const secrets = [Buffer.from(`${email}:${apiKey}`).toString("base64"), apiKey, encodeURIComponent(apiKey)];
  const redact = (text: string) =>
    secrets.reduce((left, secret) => left.replaceAll(secret, "[secret]"), text);
  return foreignText(typeof inner === "string" ? inner : body, redact);
}
