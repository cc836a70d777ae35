/**
 * Upstash, as far as this project meets it: its developer API under its own name behind a proxy, with a real Redis server
 * behind each database. It refuses what Upstash refuses; what it does not know is an error of the test, reported by
 * `stop`.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { type Fault, Faults, type OrderedFault } from "../azure/faults.ts";
import { type Answer, type RawRequest, serve } from "../azure/server.ts";
import { type Authority, makeAuthority } from "../tls.ts";
import { type Conditions, defaultConditions } from "./conditions.ts";
import { Databases, type RunningDatabase } from "./databases.ts";
import { startConnectProxy } from "./proxy.ts";
import { Refusal, type Reply, refusals } from "./refusals.ts";
import { upstashService } from "./service.ts";

export interface UpstashOptions {
  /** Signs all certificates; one of the emulator's own where absent. */
  authority?: Authority;
  conditions?: Partial<Conditions>;
}

export interface LoggedRequest {
  /** Milliseconds since 1970, with fractions, when it came. */
  at: number;
  method: string;
  path: string;
  /** 0 until it is answered, and where the connection was dropped. */
  status: number;
  /** Parsed JSON. */
  requestBody?: unknown;
}

export interface Upstash {
  /** Of a signed-in pipeline; merge it into a process's own. */
  env: Record<string, string>;
  authority: Authority;
  email: string;
  /** Secret, with characters that other encodings change. */
  apiKey: string;
  /** Every request that came, oldest first. */
  log: readonly LoggedRequest[];
  /** Hosts other than Upstash's that a client tried to reach through the proxy, and did not. */
  refusedHosts: readonly string[];
  /** Requests that the emulator does not know, and its own bugs; `stop` throws them. */
  defects: readonly string[];
  /** Has the proxy lead another `host:port` to a port of 127.0.0.1. */
  lead(to: string, port: number): void;
  /** What is so in this account; a test may change it at any time. */
  conditions: Conditions;
  databases(): RunningDatabase[];
  /** As a user makes one by hand, in the console. @returns its id */
  makeDatabase(wish: { name: string; plan: string; primaryRegion?: string }): Promise<string>;
  /** As a user changes one there, without the API's rules. */
  changeDatabase(id: string, change: { plan?: string; budget?: number; eviction?: boolean }): Promise<void>;
  removeDatabase(id: string): Promise<void>;
  /** As a user does in the console, or by `POST /v2/redis/reset-password`. */
  resetPassword(id: string): Promise<void>;
  fault(fault: Omit<Fault, "operation">): OrderedFault;
  /** @throws Error where anything was asked that the emulator does not know, or went wrong inside of it */
  stop(): Promise<void>;
}

const now = (): number => performance.timeOrigin + performance.now();

export async function startUpstash(options: UpstashOptions = {}): Promise<Upstash> {
  const authority = options.authority ?? (await makeAuthority());
  const conditions: Conditions = { ...defaultConditions(), ...options.conditions };
  const email = `owner-${randomBytes(4).toString("hex")}@example.com`;
  const apiKey = `${randomBytes(12).toString("hex")}-/+%"&<`;
  const databases = new Databases(authority, conditions, email);
  const service = upstashService(databases, conditions);
  const faults = new Faults();
  const log: LoggedRequest[] = [];
  const defects: string[] = [];

  const answer = async ({ method, url, headers, text }: RawRequest): Promise<Answer> => {
    const entry: LoggedRequest = { at: now(), method, path: url.pathname, status: 0 };
    log.push(entry);
    const fault = faults.meet(method, url.pathname);
    if (fault?.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    if (fault?.drop === true) return "drop";
    const reply = fault?.reply ?? (await replyTo(entry, url.searchParams, headers.authorization, text));
    if (fault?.drop === "after") return "drop";
    entry.status = reply.status;
    return reply;
  };

  const replyTo = async (
    entry: LoggedRequest,
    query: URLSearchParams,
    authorization: string | undefined,
    text: string,
  ): Promise<Reply> => {
    const { method, path } = entry;
    try {
      if (!isKey(authorization, email, apiKey)) throw refusals.wrongKey();
      const body: unknown = text === "" ? undefined : JSON.parse(text);
      if (body !== undefined) entry.requestBody = body;
      const reply = await service({ method, path, query, body });
      if (reply === undefined) throw new Error(`no such call here: ${method} ${path}`);
      return reply;
    } catch (error) {
      if (error instanceof Refusal) return error.reply;
      defects.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
      return { status: 500, body: "emulator defect" };
    }
  };

  const server = await serve(authority, answer, "DNS:api.upstash.com");
  const proxy = await startConnectProxy({ "api.upstash.com:443": Number(new URL(server.origin).port) });
  return {
    env: {
      UPSTASH_EMAIL: email,
      UPSTASH_API_KEY: apiKey,
      HTTPS_PROXY: proxy.url,
      NODE_USE_ENV_PROXY: "1",
      NO_PROXY: "127.0.0.1,localhost",
      NODE_EXTRA_CA_CERTS: authority.own.cert,
    },
    authority,
    email,
    apiKey,
    log,
    refusedHosts: proxy.refused,
    defects,
    lead: proxy.lead,
    conditions,
    databases: () => databases.running(),
    makeDatabase: ({ name, plan, primaryRegion = "us-east-1" }) =>
      databases.create({
        ...{ name, plan, primaryRegion, readRegions: [], eviction: true },
        ...{ autoUpgrade: false, prodPack: false, budget: 20 },
      }),
    changeDatabase: (id, change) => databases.change(id, change),
    removeDatabase: (id) => databases.remove(id),
    resetPassword: (id) => databases.resetPassword(id),
    fault: (fault) => faults.order(fault),
    async stop() {
      await proxy.stop();
      await server.stop();
      await databases.stop();
      if (options.authority === undefined) await authority.remove();
      if (defects.length > 0)
        throw new Error(`the emulator of Upstash was asked too much:\n${defects.join("\n")}`);
    },
  };
}

/** Basic authentication of e-mail and key (upstash/docs, devops/developer-api/authentication.mdx). */
function isKey(authorization: string | undefined, email: string, apiKey: string): boolean {
  const expected = Buffer.from(`Basic ${Buffer.from(`${email}:${apiKey}`).toString("base64")}`);
  const given = Buffer.from(authorization ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
