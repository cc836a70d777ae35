/**
 * Calls of Azure Resource Manager as the provider's client makes them (provider/pkg/azure/client_azcore.go, azcore 1.18):
 * what it repeats, how it follows operations, and how it words errors. Where no header says how long to wait, a
 * hundredth of the real waits, so that tests end.
 */
import { setTimeout as delay } from "node:timers/promises";
import { type Account, causeOf } from "./account.ts";

/** The real ones: 20 s and doubling, 10 s, 30 s. */
const WAITS_MS = { retry: 200, poll: 100, deletePoll: 300 } as const;
/** azcore's default: three more attempts. */
const MORE_ATTEMPTS = 3;
/** arm/runtime/policy_register_rp.go. */
const REGISTRATION_API = "2019-05-01";
const REPEATED: readonly number[] = [408, 429, 500, 502, 503, 504];

interface Answer {
  status: number;
  headers: Headers;
  /** Parsed where it is JSON. */
  body: unknown;
  text: string;
}

/** `Status=400 Code="BadRequest" Message="…"`: all that the provider keeps of an error. */
export class ArmError extends Error {
  readonly status: number;

  constructor({ status, body, text }: Answer) {
    const error = ((body as { error?: unknown } | undefined)?.error ?? body ?? {}) as {
      code?: unknown;
      message?: unknown;
    };
    const inner = (body as { error?: { message?: unknown } } | undefined)?.error;
    const message = typeof inner?.message === "string" ? inner.message : text;
    const code = typeof error.code === "string" ? ` Code="${error.code}"` : "";
    super(`Status=${status}${code} Message="${message}"`);
    this.status = status;
  }
}

/** The write was taken, and then its operation failed: something of the resource is there. */
export class Unfinished extends Error {}

export class ArmClient {
  readonly #account: Account;
  readonly #signal: AbortSignal;
  constructor(account: Account, signal: AbortSignal) {
    this.#account = account;
    this.#signal = signal;
  }

  async get(path: string, apiVersion: string): Promise<unknown> {
    const answer = await this.#ask("GET", this.#url(path, apiVersion));
    if (answer.status !== 200) throw new ArmError(answer);
    return answer.body;
  }

  async post(path: string, apiVersion: string): Promise<unknown> {
    const answer = await this.#ask("POST", this.#url(path, apiVersion), {});
    if (answer.status !== 200 && answer.status !== 201) throw new ArmError(answer);
    return answer.body;
  }

  /** @throws unless there is nothing, or an empty answer */
  async canCreate(path: string, apiVersion: string): Promise<void> {
    const answer = await this.#ask("GET", this.#url(path, apiVersion));
    if (answer.status === 404 || answer.status === 204) return;
    if (answer.status !== 200) {
      throw new Error(
        `cannot check existence of resource '${path}': status code ${answer.status}, ${answer.text}`,
      );
    }
    const found = answer.body;
    if (typeof found === "object" && found !== null && Object.keys(found).length > 0) {
      throw new Error(`cannot create already existing resource '${path}'`);
    }
  }

  /** @throws Unfinished where the answer was good and the operation was not */
  async put(path: string, apiVersion: string, body: unknown): Promise<unknown> {
    const url = this.#url(path, apiVersion);
    const answer = await this.#ask("PUT", url, body);
    if (![200, 201, 202].includes(answer.status)) throw new ArmError(answer);
    try {
      return await this.#settled(answer, { method: "PUT", url, apiVersion, waitMs: WAITS_MS.poll });
    } catch (error) {
      throw new Unfinished(error instanceof Error ? error.message : String(error), { cause: error });
    }
  }

  /** @param polls whether the specification marks it as long-running; what no longer exists is well deleted */
  async delete(path: string, apiVersion: string, polls: boolean): Promise<void> {
    const url = this.#url(path, apiVersion);
    const answer = await this.#ask("DELETE", url);
    if (answer.status === 404) return;
    if (![200, 202, 204].includes(answer.status)) throw new ArmError(answer);
    if (!polls) return;
    await this.#settled(answer, { method: "DELETE", url, apiVersion, waitMs: WAITS_MS.deletePoll }).catch(
      (error: unknown) => {
        if (!(error instanceof ArmError && error.status === 404)) throw error;
      },
    );
  }

  /** Follows an operation to its end: by Azure-AsyncOperation, else Location, else the resource's own state. */
  async #settled(first: Answer, operation: Followed): Promise<unknown> {
    const asyncUrl = first.headers.get("azure-asyncoperation");
    const location = first.headers.get("location");
    if (asyncUrl) return await this.#byStatus(first, asyncUrl, operation);
    if (location) return await this.#byLocation(first, this.#absolute(location, operation), operation);
    return operation.method === "PUT" ? await this.#byState(first, operation) : first.body;
  }

  async #byStatus(first: Answer, url: string, { method, url: resource, waitMs }: Followed): Promise<unknown> {
    await this.#pause(first, 0);
    for (;;) {
      const answer = await this.#ask("GET", url);
      if (answer.status >= 400) throw new ArmError(answer);
      const status = (answer.body as { status?: unknown } | undefined)?.status;
      if (typeof status !== "string") throw new Error("the response didn't contain a status");
      if (/^succeeded$/i.test(status)) break;
      if (/^(failed|canceled|cancelled)$/i.test(status)) throw new ArmError(answer);
      await this.#pause(answer, waitMs);
    }
    if (method === "DELETE") return undefined;
    const answer = await this.#ask("GET", resource);
    if (answer.status !== 200) throw new ArmError(answer);
    return answer.body;
  }

  async #byLocation(first: Answer, url: string, { waitMs }: Followed): Promise<unknown> {
    await this.#pause(first, 0);
    for (let at = url; ; ) {
      const answer = await this.#ask("GET", at);
      if (answer.status >= 400) throw new ArmError(answer);
      const state = provisioningState(answer.body);
      const goesOn = state === undefined ? answer.status === 202 : !isTerminal(state);
      if (state !== undefined && /^(failed|canceled)$/i.test(state)) throw new ArmError(answer);
      if (!goesOn) return answer.body;
      at = answer.headers.get("location") ?? at;
      await this.#pause(answer, waitMs);
    }
  }

  async #byState(first: Answer, { url, waitMs }: Followed): Promise<unknown> {
    for (let answer = first; ; ) {
      const state = provisioningState(answer.body) ?? "Succeeded";
      if (/^succeeded$/i.test(state)) return answer.body;
      if (isTerminal(state)) throw new ArmError(answer);
      await this.#pause(answer, waitMs);
      answer = await this.#ask("GET", url);
      if (answer.status >= 400) throw new ArmError(answer);
    }
  }

  /** One request, repeated where azcore repeats it; a provider of resources is registered on the way. */
  async #ask(method: string, url: string, body?: unknown): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#once(method, url, body).catch((error: Error) => {
        if (this.#signal.aborted || attempt === MORE_ATTEMPTS) throw error;
        return undefined;
      });
      if (answer !== undefined) {
        const namespace = unregistered(answer);
        if (namespace !== undefined && attempt < MORE_ATTEMPTS) {
          await this.#register(namespace);
          continue;
        }
        const repeats = REPEATED.includes(answer.status) || isBusy(answer);
        if (!repeats || attempt === MORE_ATTEMPTS) return answer;
      }
      await this.#pause(answer, WAITS_MS.retry * 2 ** attempt);
    }
  }

  async #once(method: string, url: string, body: unknown): Promise<Answer> {
    const headers = { authorization: `Bearer ${await this.#account.token()}`, accept: "application/json" };
    const response = await fetch(url, {
      method,
      signal: this.#signal,
      headers:
        body === undefined ? headers : { ...headers, "content-type": "application/json; charset=utf-8" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch((error: Error) => {
      const { host, pathname } = new URL(url);
      throw new Error(`${method} "https://${host}${pathname}": ${causeOf(error)}`, { cause: error });
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text), text };
  }

  async #register(namespace: string): Promise<void> {
    const base = `/subscriptions/${this.#account.subscriptionId}/providers/${namespace}`;
    const registered = await this.#once("POST", this.#url(`${base}/register`, REGISTRATION_API), undefined);
    if (registered.status !== 200) throw new ArmError(registered);
    for (;;) {
      const answer = await this.#once("GET", this.#url(base, REGISTRATION_API), undefined);
      if (answer.status !== 200) throw new ArmError(answer);
      if ((answer.body as { registrationState?: unknown }).registrationState === "Registered") return;
      await this.#pause(answer, WAITS_MS.poll);
    }
  }

  async #pause(answer: Answer | undefined, waitMs: number): Promise<void> {
    const after = answer?.headers.get("retry-after");
    const asked = after && /^\d+$/.test(after) ? Number(after) * 1000 : waitMs;
    await delay(asked, undefined, { signal: this.#signal });
  }

  #url(path: string, apiVersion: string): string {
    return `${this.#account.resourceManager}${path}?api-version=${apiVersion}`;
  }

  #absolute(location: string, { apiVersion }: Followed): string {
    const url = new URL(location, this.#account.resourceManager);
    if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", apiVersion);
    return url.href;
  }
}

interface Followed {
  method: "PUT" | "DELETE";
  url: string;
  apiVersion: string;
  waitMs: number;
}

function provisioningState(body: unknown): string | undefined {
  const { properties } = (body ?? {}) as { properties?: { provisioningState?: unknown } };
  const state = properties?.provisioningState;
  return typeof state === "string" ? state : undefined;
}

const isTerminal = (state: string): boolean => /^(succeeded|failed|canceled)$/i.test(state);

function isBusy({ status, body }: Answer): boolean {
  return (
    status === 409 && (body as { error?: { code?: unknown } })?.error?.code === "AnotherOperationInProgress"
  );
}

/** azcore's arm/runtime/policy_register_rp.go. */
function unregistered({ status, body }: Answer): string | undefined {
  const error = (body as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
  if (status !== 409 || error?.code !== "MissingSubscriptionRegistration") return undefined;
  return /namespace '([^']+)'/.exec(String(error.message))?.[1];
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
