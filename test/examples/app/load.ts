/** Load on the example app, with every answer looked at: whose data it holds, and how long it took. */
import autocannon from "autocannon";

export interface Question {
  /** Whose data the answer must hold, and nobody else's. */
  user: string;
  path: string;
}

export interface LoadOptions {
  url: string;
  connections: number;
  /** Requests in all, or for how many seconds. */
  amount?: number;
  seconds?: number;
  /** Requests a second, of all connections together; as many as are answered when absent. */
  rate?: number;
  /** Ends it before its time. */
  signal?: AbortSignal;
  ask: () => Question;
}

export interface LoadResult {
  answers: number;
  /** No answer, or not 200. */
  failed: number;
  /** Answers with another user's data, or with nobody's. */
  mixedUp: number;
  /** Milliseconds, ascending. */
  times: number[];
}

export async function load(options: LoadOptions): Promise<LoadResult> {
  const { url, connections, amount, seconds, rate, signal, ask } = options;
  const times: number[] = [];
  let mixedUp = 0;
  const run = autocannon({
    url,
    connections,
    ...(amount === undefined ? {} : { amount }),
    ...(seconds === undefined ? {} : { duration: seconds }),
    ...(rate === undefined ? {} : { overallRate: rate }),
    // Seconds. Only a request that gets no answer at all reaches this, however busy the machine is.
    timeout: 120,
    // It ends with a sample: the usual one, a second, would make it up to a second longer.
    sampleInt: 100,
    requests: [
      {
        setupRequest(request, context) {
          const question = ask();
          Object.assign(context, { user: question.user, startMs: performance.now() });
          return { ...request, path: question.path };
        },
        onResponse(status, body, context) {
          times.push(performance.now() - Number(context["startMs"]));
          const users = [...body.matchAll(/"userId":"([^"]*)"/g)].map(([, user]) => user);
          const own = users.every((user) => user === context["user"]);
          if (!own || (status === 200 && users.length === 0)) mixedUp += 1;
        },
      },
    ],
  });
  signal?.addEventListener("abort", () => run.stop());
  const result = await run;
  return {
    answers: times.length,
    failed: result.non2xx + result.errors,
    mixedUp,
    times: times.toSorted((a, b) => a - b),
  };
}

/** @param share e.g. 0.99 */
export function percentile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new RangeError("nothing has no percentiles");
  return value;
}

/**
 * The mix that the app's savings are measured at: users in Zipf's distribution with exponent 1 (the second asks half as
 * often as the first, the third a third as often), and of their requests 60% for the list of analyses, 30% for the
 * profile, 10% for the dashboard.
 */
export function zipfMix(users: number, random: () => number): () => Question {
  const weights = Array.from({ length: users }, (_, at) => 1 / (at + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const pick = (): number => {
    let left = random() * total;
    return weights.findIndex((weight) => {
      left -= weight;
      return left <= 0;
    });
  };
  return () => {
    const user = `user-${Math.max(0, pick())}`;
    const page = random();
    const name = page < 0.6 ? "analyses" : page < 0.9 ? "profile" : "dashboard";
    return { user, path: `/users/${user}/${name}` };
  };
}
