/** Constant requests to an app, as many users send them: at a fixed rate, whatever became of the earlier ones. */
import { request } from "node:https";

export interface RequestFigures {
  sent: number;
  /** No answer, or one with a status of 500 and above. */
  failed: number;
  /** The longest time in which no request was answered well. */
  longestGapMs: number;
}

export interface Traffic {
  /** Figures of the time since the last call. Requests under way count when they end. */
  take(): RequestFigures;
  stop(): Promise<void>;
}

export interface TrafficOptions {
  /** `https://host:port` */
  url: string;
  /** PEM of the authority that signed the app's certificate. */
  ca: string;
  paths: readonly string[];
  perSecond: number;
}

/** Longer than any answer without a cache takes. */
const PATIENCE_MS = 15_000;

export function sendRequests({ url, ca, paths, perSecond }: TrafficOptions): Traffic {
  const figures = startFigures(performance.now());
  const underWay = new Set<Promise<void>>();
  let turn = 0;
  const timer = setInterval(() => {
    const path = paths[turn % paths.length] ?? "/";
    turn += 1;
    figures.sent();
    const asked = ask(url + path, ca).then((isServed) => {
      underWay.delete(asked);
      if (isServed) figures.served(performance.now());
      else figures.failed();
    });
    underWay.add(asked);
  }, 1000 / perSecond);
  return {
    take: () => figures.take(performance.now()),
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

/** Counts by a clock that the caller reads. */
export function startFigures(nowMs: number) {
  let counts = { sent: 0, failed: 0 };
  let lastMs = nowMs;
  let longestMs = 0;
  const close = (atMs: number) => {
    longestMs = Math.max(longestMs, atMs - lastMs);
    lastMs = atMs;
  };
  return {
    sent() {
      counts.sent += 1;
    },
    failed() {
      counts.failed += 1;
    },
    served: close,
    take(atMs: number): RequestFigures {
      // A gap that continues counts in both steps, in each with its own part.
      const longestGapMs = counts.sent === 0 ? 0 : Math.round(Math.max(longestMs, atMs - lastMs));
      const figures = { ...counts, longestGapMs };
      counts = { sent: 0, failed: 0 };
      longestMs = 0;
      lastMs = atMs;
      return figures;
    },
  };
}

/** @returns whether the app answered, with anything but an error of its own */
export function ask(url: string, ca: string, patienceMs = PATIENCE_MS): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { ca, agent: false, timeout: patienceMs }, (response) => {
      response.resume();
      response.on("end", () => resolve((response.statusCode ?? 500) < 500));
      response.on("error", () => resolve(false));
    });
    asked.on("timeout", () => asked.destroy(new Error("no answer")));
    asked.on("error", () => resolve(false));
    asked.end();
  });
}
