/**
 * The server behind an emulated cache: a real redis-server with TLS, on an address of its own and Azure's port, with two
 * keys that are both passwords of the default user, and without the commands that Azure keeps to itself.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startRedis, type TestRedis } from "../redis-server.ts";
import type { Authority, CertificateFiles } from "../tls.ts";

export interface AccessKeys {
  primary: string;
  secondary: string;
}

export interface CacheServerOptions {
  authority: Authority;
  host: string;
  /** Of TLS. */
  port: number;
  /** Commands that clients do not have: "(error) ERR unknown command", as Microsoft's documentation puts it. */
  withheld: readonly string[];
  memoryBytes: number;
  /** As in redis.conf: `volatile-lru`. */
  policy: string;
}

export interface CacheServer {
  host: string;
  port: number;
  redis: TestRedis;
  /** From now on only these open it; none where undefined. Connections that are already in stay. */
  setKeys(keys: AccessKeys | undefined): Promise<void>;
  configure(directive: string, value: string): Promise<void>;
  /** Whether new connections get in. */
  setReachable(reachable: boolean): Promise<void>;
  /** Down for a moment, and then there again without its data, as a node that was replaced. */
  replace(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * learn.microsoft.com/azure/azure-cache-for-redis/cache-configure, "Redis commands not supported". CLUSTER is left there,
 * since only its writing subcommands are disabled; SYNC, PSYNC and REPLCONF belong to replicas, which cannot sign in.
 */
export const WITHHELD_BY_AZURE_CACHE = [
  "ACL",
  "BGREWRITEAOF",
  "BGSAVE",
  "CONFIG",
  "DEBUG",
  "MIGRATE",
  "PSYNC",
  "REPLCONF",
  "REPLICAOF",
  "SAVE",
  "SHUTDOWN",
  "SLAVEOF",
  "SYNC",
] as const;

const ADMIN = "azure-admin";

export async function startCacheServer(options: CacheServerOptions): Promise<CacheServer> {
  const { authority, host, port } = options;
  const files = await authority.issue(`IP:${host}`);
  let keys: AccessKeys | undefined;
  let reachable = true;
  const changed = new Map<string, string>();
  let redis = await start(options, files);

  const applyKeys = () =>
    redis.call(
      "ACL",
      "SETUSER",
      "default",
      "resetpass",
      ...Object.values(keys ?? {}).map((key) => `>${key}`),
    );
  const applyReachable = () => redis.call("CONFIG", "SET", "tls-port", String(reachable ? port : 0));
  return {
    host,
    port,
    get redis() {
      return redis;
    },
    async setKeys(wanted) {
      keys = wanted;
      await applyKeys();
    },
    async configure(directive, value) {
      changed.set(directive, value);
      await redis.call("CONFIG", "SET", directive, value);
    },
    async setReachable(wanted) {
      if (wanted === reachable) return;
      reachable = wanted;
      await applyReachable();
    },
    async replace() {
      await redis.stop();
      redis = await start(options, files);
      await applyKeys();
      for (const [directive, value] of changed) await redis.call("CONFIG", "SET", directive, value);
      if (!reachable) await applyReachable();
    },
    stop: () => redis.stop(),
  };
}

async function start(options: CacheServerOptions, tls: CertificateFiles): Promise<TestRedis> {
  const { host, port, withheld, memoryBytes, policy } = options;
  const [password, prefix] = [randomBytes(12).toString("hex"), randomBytes(12).toString("hex")];
  const redis = await startRedis({
    port,
    tls,
    // The keys come later, over the socket: a command line can be read by everyone.
    users: ["default on resetpass ~* &* +@all", `${ADMIN} on >${password} ~* &* +@all`],
    args: [
      ...["--bind", host, "--maxmemory", String(memoryBytes), "--maxmemory-policy", policy],
      ...withheld.flatMap((command) => ["--rename-command", command, `${prefix}-${command}`]),
    ],
  });
  return {
    ...redis,
    target: { host, port, tls: true, db: 0 },
    async call(command, ...args) {
      const admin = new Redis({
        path: join(redis.folder, "socket"),
        username: ADMIN,
        password,
        retryStrategy: () => null,
        enableReadyCheck: false,
      });
      admin.on("error", () => {});
      const upper = command.toUpperCase();
      try {
        return await admin.call(withheld.includes(upper) ? `${prefix}-${upper}` : command, args);
      } finally {
        admin.disconnect();
      }
    },
  };
}
