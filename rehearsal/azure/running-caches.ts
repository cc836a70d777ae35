/** The caches that run in the emulated Azure right now, as tests look at them from behind. */
import type { Target } from "../../check/target.ts";
import type { TestRedis } from "../redis-server.ts";
import type { AccessKeys, CacheServer } from "./cache-server.ts";

export interface RunningCache {
  id: string;
  name: string;
  kind: "redis" | "redisEnterprise";
  host: string;
  port: number;
  keys: AccessKeys;
  /** As an app gets in: with the primary key, over TLS. */
  target: Target;
  /** The server itself; its `call` is the administrator's and knows every command. */
  redis: TestRedis;
}

interface Entry {
  id: string;
  name: string;
  kind: RunningCache["kind"];
  server: CacheServer;
  keys: () => AccessKeys;
}

export class RunningCaches {
  readonly #byId = new Map<string, Entry>();

  add(entry: Entry): void {
    this.#byId.set(entry.id.toLowerCase(), entry);
  }

  remove(id: string): void {
    this.#byId.delete(id.toLowerCase());
  }

  list(): RunningCache[] {
    return [...this.#byId.values()].map(({ id, name, kind, server, keys }) => ({
      id,
      name,
      kind,
      host: server.host,
      port: server.port,
      keys: keys(),
      target: { host: server.host, port: server.port, tls: true, db: 0, password: keys().primary },
      redis: server.redis,
    }));
  }
}
