/**
 * Long-running operations as clients poll them: `Azure-AsyncOperation` reports a status, `Location` answers 202
 * until the
 * end, and the resource itself shows its provisioningState (Azure/azure-rest-api-specs, "ARM async operations").
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { ArmRefusal, type ArmReply, type ArmRequest, type ErrorDetail } from "./message.ts";

export interface OperationOptions {
  /** E.g. `Microsoft.Cache`: the one whose operation it is. */
  namespace: string;
  location: string;
  /** What the service calls the collection that is polled. */
  collection: "asyncOperations" | "operationsStatus" | "operations";
  /** It lasts at least this long, and as long as `work`. */
  durationMs: number;
  /** The status while it lasts, e.g. `Creating`. */
  running: string;
  /** What has to be done before it can end. */
  work?: () => Promise<unknown>;
  /** Called when it ends well. @returns what the `Location` then answers: the resource; nothing after a deletion */
  succeed: () => Promise<unknown> | unknown;
  /** Called when it ends as Failed. */
  fail: () => Promise<void> | void;
}

/** An end that a test ordered. `error` absent: Failed without a word, which happens (Azure/azure-sdk-for-net#30766). */
export interface OrderedFailure {
  status: "Failed";
  error?: ErrorDetail;
}

interface Operation extends OperationOptions {
  id: string;
  startedAt: Date;
  endedAt?: Date;
  status: string;
  error?: ErrorDetail;
  result?: unknown;
  ended: Promise<void>;
}

const INTERNAL_ERROR: ErrorDetail = { code: "InternalServerError", message: "An internal error occurred." };

function end(operation: Operation, status: string, error: ErrorDetail | undefined): void {
  if (error !== undefined) operation.error = error;
  operation.endedAt = new Date();
  operation.status = status;
}

/** A poll is answered when the operation ends, or after this: few requests, and no client waits longer than it must. */
const HOLD_MS = 50;

export class Operations {
  readonly #byId = new Map<string, Operation>();
  readonly #ordered = new WeakMap<ArmRequest, OrderedFailure>();
  readonly #aborted = new AbortController();
  readonly #origin: () => string;
  readonly #subscriptionId: string;
  readonly #defect: (error: unknown) => void;

  /** @param defect called with what must not happen: work that throws anything but a refusal */
  constructor(origin: () => string, subscriptionId: string, defect: (error: unknown) => void) {
    this.#origin = origin;
    this.#subscriptionId = subscriptionId;
    this.#defect = defect;
  }

  /** Lets the operation that this request starts end as Failed. */
  orderFailure(request: ArmRequest, failure: OrderedFailure): void {
    this.#ordered.set(request, failure);
  }

  /** Whether that failure is still to come, since no operation was started. */
  isFailureLeft(request: ArmRequest): boolean {
    return this.#ordered.has(request);
  }

  /** @returns the headers by which clients follow it; a service sends those that its specification names */
  start(request: ArmRequest, options: OperationOptions): { asyncOperation: string; location: string } {
    const id = randomUUID();
    const failure = this.#ordered.get(request);
    this.#ordered.delete(request);
    const operation: Operation = {
      ...options,
      id,
      startedAt: new Date(),
      status: options.running,
      ended: Promise.resolve(),
    };
    operation.ended = this.#run(operation, failure).catch((error: unknown) => {
      this.#defect(error);
      // A client that polls it must not wait for ever.
      end(operation, "Failed", INTERNAL_ERROR);
    });
    this.#byId.set(id, operation);
    const { namespace, location, collection } = options;
    const base = `${this.#origin()}/subscriptions/${this.#subscriptionId}/providers/${namespace}/locations/${location.replaceAll(" ", "%20")}`;
    const query = `?api-version=${request.apiVersion}`;
    return {
      asyncOperation: `${base}/${collection}/${id}${query}`,
      location: `${base}/operationResults/${id}${query}`,
    };
  }

  async #run(operation: Operation, failure: OrderedFailure | undefined): Promise<void> {
    const { durationMs, work, succeed, fail } = operation;
    const lasts = sleep(durationMs, undefined, { signal: this.#aborted.signal }).catch(() => {});
    let error = failure?.error;
    let status = failure?.status ?? "Succeeded";
    if (failure === undefined) {
      try {
        await work?.();
      } catch (cause) {
        status = "Failed";
        error = INTERNAL_ERROR;
        if (cause instanceof ArmRefusal) error = { code: cause.code, message: cause.message };
        else this.#defect(cause);
      }
    }
    await lasts;
    if (this.#aborted.signal.aborted) return;
    if (status === "Succeeded") operation.result = await succeed();
    else await fail();
    end(operation, status, error);
  }

  /** The answer of `…/asyncOperations/{id}` and `…/operationsStatus/{id}`. */
  async status(id: string, path: string): Promise<ArmReply> {
    const operation = this.#find(id);
    await this.#hold(operation);
    const { status, startedAt, endedAt, error } = operation;
    const body = {
      id: path,
      name: id,
      status,
      startTime: startedAt.toISOString(),
      ...(endedAt === undefined ? {} : { endTime: endedAt.toISOString(), percentComplete: 100 }),
      ...(error === undefined ? {} : { error }),
    };
    return { status: 200, body, headers: endedAt === undefined ? { "Retry-After": "0" } : {} };
  }

  /** The answer of a `Location`: 202 while it lasts, then the resource, 204 where it no longer exists, or the error. */
  async result(id: string): Promise<ArmReply> {
    const operation = this.#find(id);
    await this.#hold(operation);
    if (operation.endedAt === undefined) return { status: 202, headers: { "Retry-After": "0" } };
    const { result } = operation;
    if (operation.status === "Succeeded")
      return result === undefined ? { status: 204 } : { status: 200, body: result };
    const error = operation.error ?? { code: "Failed", message: "The async operation failed." };
    return { status: 200, body: { status: operation.status, error } };
  }

  /** Ends all that run, as if the machine had been turned off: nothing else happens in them. */
  async stop(): Promise<void> {
    this.#aborted.abort();
    await Promise.all([...this.#byId.values()].map(({ ended }) => ended));
  }

  #find(id: string): Operation {
    const operation = this.#byId.get(id);
    if (operation === undefined) throw new ArmRefusal(404, "NotFound", `Operation ${id} was not found.`);
    return operation;
  }

  async #hold(operation: Operation): Promise<void> {
    if (operation.endedAt === undefined) await Promise.race([operation.ended, sleep(HOLD_MS)]);
  }
}
