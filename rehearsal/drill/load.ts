/** Requests to the app at a fixed rate, each with its whole latency, whatever became of the ones before. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

export interface Sample {
  url: string;
  /** On the clock of `performance.now()`. */
  startedMs: number;
  /** Absent while there is no answer. */
  endedMs?: number;
  /** The HTTP status, once there is one. */
  status?: number;
  /** Why there is no whole answer: the code of a network error, as in ECONNREFUSED. */
  error?: string;
}

export interface Load {
  /** In the order in which they were sent. */
  readonly samples: readonly Sample[];
  /** Sends no more; requests under way continue. */
  pause(): void;
  /** Ends everything. */
  stop(): void;
}

/** @param urls requested in turn */
export function startLoad(urls: readonly string[], requestsPerSecond: number): Load {
  const samples: Sample[] = [];
  const open = new Set<Request>();
  const periodMs = 1000 / requestsPerSecond;
  let dueMs = performance.now();
  const send = () => {
    const request = get(urls[samples.length % urls.length] ?? "");
    samples.push(request.sample);
    open.add(request);
    void request.done.then(() => open.delete(request));
    // After a pause of this process the missed requests are left out: a burst would measure something else.
    dueMs = Math.max(dueMs + periodMs, performance.now());
    timer = setTimeout(send, Math.max(0, dueMs - performance.now()));
  };
  let timer = setTimeout(send, 0);
  return {
    samples,
    pause: () => clearTimeout(timer),
    stop() {
      clearTimeout(timer);
      for (const request of open) request.cancel();
    },
  };
}

export interface Request {
  sample: Sample;
  /** Resolves when it has an answer or an error. */
  done: Promise<void>;
  cancel(): void;
}

/** A connection of its own for each request: one that the app closes in between would look like a failure. */
export function get(url: string): Request {
  const sample: Sample = { url, startedMs: performance.now() };
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  // An app on this machine seldom has a certificate that anyone could verify.
  const request = send(url, { agent: false, rejectUnauthorized: false });
  const { promise: done, resolve } = Promise.withResolvers<void>();
  const end = (error?: NodeJS.ErrnoException) => {
    if (sample.endedMs !== undefined) return;
    sample.endedMs = performance.now();
    if (error !== undefined) sample.error = error.code ?? error.message;
    resolve();
  };
  request.on("error", end);
  request.on("response", (response) => {
    if (response.statusCode !== undefined) sample.status = response.statusCode;
    response.on("error", end);
    response.on("end", () => end());
    response.resume();
  });
  request.end();
  return { sample, done, cancel: () => request.destroy() };
}

/** Answered whole, and not with an error. */
export function isSuccess({ endedMs, status = 0, error }: Sample): boolean {
  return endedMs !== undefined && error === undefined && status > 0 && status < 400;
}

/** @param nowMs how long a request without an answer has taken by then */
export function latencyMs({ startedMs, endedMs }: Sample, nowMs: number): number {
  return (endedMs ?? nowMs) - startedMs;
}

/** By nearest rank. @returns undefined of no values */
export function percentile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)];
}
