/** What is used of autocannon here; it comes without types (its README.md, "API"). */
declare module "autocannon" {
  interface Request {
    method?: string;
    path?: string;
    setupRequest?: (request: Request, context: Record<string, unknown>) => Request;
    onResponse?: (status: number, body: string, context: Record<string, unknown>) => void;
  }
  interface Options {
    url: string;
    connections: number;
    /** Seconds. */
    duration?: number;
    /** Requests in all; then `duration` does not count. */
    amount?: number;
    /** Milliseconds; it looks only then whether it is to end. */
    sampleInt?: number;
    /** Requests a second, of all connections together. */
    overallRate?: number;
    /** Seconds. */
    timeout?: number;
    requests: readonly Request[];
  }
  interface Result {
    non2xx: number;
    /** Connections that failed, time-outs among them. */
    errors: number;
    requests: { total: number };
  }
  interface Run extends Promise<Result> {
    /** Ends it early; what is under way then is not counted. */
    stop(): void;
  }
  export default function autocannon(options: Options): Run;
}
