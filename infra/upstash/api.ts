/** Upstash's developer API (upstash.com/docs/devops/developer-api), as far as Pulumi's Upstash provider leaves it to us. */
import { advice } from "../../base/advice.ts";
import { askUpstash, UpstashError, type UpstashRequest } from "./ask.ts";
import { upstashCredentials } from "./credentials.ts";
import type { UpstashDatabase, UpstashPlanName } from "./database.ts";
import { readDatabase } from "./read-database.ts";

export { UpstashError } from "./ask.ts";

export interface UpstashApi {
  /** Who asks. */
  readonly email: string;
  /** All databases of the account. */
  list(signal?: AbortSignal): Promise<UpstashDatabase[]>;
  /** Nothing where it no longer exists. */
  get(id: string, signal?: AbortSignal): Promise<UpstashDatabase | undefined>;
  /** Keeps the data; clients are disconnected for 1 to 2 seconds (upstash.com/docs/redis/howto/upgradedatabase). */
  changePlan(id: string, plan: UpstashPlanName, signal?: AbortSignal): Promise<void>;
  /** @param usd whole dollars a month, after which the database is throttled */
  changeBudget(id: string, usd: number, signal?: AbortSignal): Promise<void>;
  /** Secret. @throws UpstashError where there is no such database */
  password(id: string, signal?: AbortSignal): Promise<string>;
  /** Makes a new password; the old one is refused at once (upstash.com/docs/devops/developer-api/redis/reset_password). */
  resetPassword(id: string, signal?: AbortSignal): Promise<void>;
  /** Deletes the database with its data. A database that does not exist is not an error. */
  remove(id: string, signal?: AbortSignal): Promise<void>;
}

/** @throws PropiqError where the environment holds no credentials */
export function openUpstash(env: NodeJS.ProcessEnv): UpstashApi {
  const credentials = upstashCredentials(env);
  const ask = (request: UpstashRequest) => askUpstash(credentials, request);
  const path = (call: string, id: string) => `/v2/redis/${call}/${encodeURIComponent(id)}`;
  const list = async (signal?: AbortSignal): Promise<UpstashDatabase[]> => {
    const what = "list the databases";
    const body = await ask({ method: "GET", path: "/v2/redis/databases", what, signal });
    if (!Array.isArray(body)) throw notUnderstood("the list of databases");
    return body.flatMap((item: unknown) => readDatabase(item) ?? []);
  };
  return {
    email: credentials.email,
    list,
    async get(id, signal) {
      const query = "?credentials=hide";
      const request = {
        method: "GET",
        path: path("database", id) + query,
        what: `read database ${id}`,
        signal,
      };
      try {
        const found = readDatabase(await ask(request));
        if (found === undefined) throw notUnderstood(`database ${id}`);
        return found;
      } catch (error) {
        // Which status an unknown id gets is not documented: the list says for sure whether it is there.
        if (!(error instanceof UpstashError) || !/^40[034]$/.test(`${error.status}`)) throw error;
        if ((await list(signal)).some((known) => known.id === id)) throw error;
        return undefined;
      }
    },
    async changePlan(id, plan, signal) {
      const what = `change database ${id} to plan ${plan}`;
      await ask({ method: "POST", path: path("change-plan", id), body: { plan_name: plan }, what, signal });
    },
    async changeBudget(id, budget, signal) {
      const what = `set the budget of database ${id}`;
      await ask({ method: "PATCH", path: path("update-budget", id), body: { budget }, what, signal });
    },
    async password(id, signal) {
      const what = `read the password of database ${id}`;
      const body = await ask({ method: "GET", path: path("database", id), what, signal });
      const found = passwordOf(body);
      if (found === undefined) throw notUnderstood(`database ${id}`);
      return found;
    },
    async resetPassword(id, signal) {
      const what = `reset the password of database ${id}`;
      await ask({ method: "POST", path: path("reset-password", id), what, signal });
    },
    async remove(id, signal) {
      const what = `delete database ${id}`;
      await ask({ method: "DELETE", path: path("database", id), what, signal }).catch(nothingIfGone);
    },
  };
}

function passwordOf(body: unknown): string | undefined {
  const found = typeof body === "object" && body !== null ? Reflect.get(body, "password") : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
}

const nothingIfGone = (error: unknown): undefined => {
  if (error instanceof UpstashError && error.status === 404) return undefined;
  throw error;
};

function notUnderstood(what: string): UpstashError {
  return new UpstashError(`Upstash's answer about ${what} is not understood.`, {
    next: advice(
      "Run the same command again. If the message remains, Upstash's API has changed: please report it.",
    ),
  });
}
