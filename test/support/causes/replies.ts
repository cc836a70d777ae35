/** What a Redis says of itself, each made by a real server with the command or option that makes it. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../../../rehearsal/ports.ts";
import type { RedisOptions, TestRedis } from "../../../rehearsal/redis-server.ts";
import { error } from "../resp-server.ts";
import type { Cause, Scene, Stage } from "./cause.ts";

export const REPLY_CAUSES: readonly Cause[] = [
  { code: "AUTH_REQUIRED", when: "the settings lack the password", make: served({}, { REDIS_PASSWORD: "" }) },
  { code: "AUTH_WRONG", when: "the password is another", make: served({ password: "another" }) },
  { code: "AUTH_WRONG", when: "the server has no password", make: served({ password: "" }) },
  {
    code: "AUTH_WRONG",
    when: "the server knows no such user",
    make: asUser("somebody", []),
  },
  {
    code: "AUTH_WRONG",
    when: "the password stands where the user's name belongs, and the server needs none",
    async make({ redis, at, password }) {
      const server = await redis();
      await server.call("CONFIG", "SET", "requirepass", "");
      const { REDIS_PORT: port = "" } = at(server.port);
      return {
        env: { REDIS_URL: `redis://${encodeURIComponent(password)}@127.0.0.1:${port}/0` },
        redis: server,
      };
    },
  },
  {
    code: "AUTH_WRONG",
    when: "the user was switched off",
    make: asUser("app", ["app off ~* +@all"]),
  },
  { code: "AUTH_FORBIDDEN", when: "the user may not write", make: asUser("app", ["app on ~* +@all -set"]) },
  { code: "AUTH_FORBIDDEN", when: "the user has other keys", make: asUser("app", ["app on ~app:* +@all"]) },
  {
    code: "AUTH_FORBIDDEN",
    when: "the user may not even ping",
    make: asUser("app", ["app on ~* -@all +get"]),
  },
  { code: "DB_INDEX", when: "there is no such database", make: served({}, { REDIS_DB: "99" }) },
  {
    code: "READONLY",
    when: "it is a replica",
    make: async (stage) => served({ args: ["--replicaof", `127.0.0.1 ${await freePort()}`] })(stage),
  },
  {
    code: "MASTER_DOWN",
    when: "it is a replica that has lost its primary",
    async make({ redis, at }) {
      const primary = ["--replicaof", `127.0.0.1 ${await freePort()}`];
      const { port } = await redis({ args: [...primary, "--replica-serve-stale-data", "no"] });
      return { env: at(port) };
    },
  },
  {
    code: "OUT_OF_MEMORY",
    when: "it is full and evicts nothing",
    make: served({ args: ["--maxmemory", "1", "--maxmemory-policy", "noeviction"] }),
  },
  {
    code: "REDIS_ERROR",
    when: "a command was renamed away",
    make: served({ args: ["--rename-command", "SET", ""] }),
  },
  {
    code: "CLUSTER_DOWN",
    when: "it is a node of a cluster that serves nothing",
    make: async (stage) => served({ args: await clustered() })(stage),
  },
  { code: "CLUSTER_MOVED", when: "the keys are spread over nodes", deadline: 5, make: spread },
  { code: "LOADING", when: "it reads its data from disk", make: loading },
  { code: "MISCONF", when: "it cannot save its data", make: unsaved },
  { code: "MAX_CLIENTS", when: "all its connections are taken", make: crowded },
  { code: "BUSY_SCRIPT", when: "a script blocks it", make: busy },
  { code: "PROTECTED_MODE", when: "it takes only its own machine's connections", make: protectedFromOthers },
  // upstash.com/docs/redis/troubleshooting, read 2026-11.
  {
    code: "QUOTA_EXCEEDED",
    when: "Upstash says so in answer to AUTH",
    make: ({ resp }) => {
      const words = error("ERR max requests limit exceeded. Limit: 500000, Usage: 500000.");
      return resp({ AUTH: words, PING: words });
    },
  },
  {
    code: "QUOTA_EXCEEDED",
    when: "Upstash has no room for more data",
    make: ({ resp }) => resp({ SET: error("ERR DB capacity quota exceeded. Threshold: 268435456 bytes") }),
  },
  {
    code: "MAX_CLIENTS",
    when: "Upstash's connections are used up",
    make: ({ resp }) => resp({ AUTH: error("ERR max concurrent connections exceeded") }),
  },
  {
    code: "AUTH_WRONG",
    when: "Upstash does not know the token",
    make: ({ resp }) => resp({ AUTH: error("WRONGPASS invalid or missing auth token") }),
  },
  // In the form of Redis's own words; which ones Azure uses nobody has published.
  {
    code: "ACCESS_KEYS_DISABLED",
    when: "the reply says that access keys are off",
    make: ({ resp }) => resp({ AUTH: error("WRONGPASS access key authentication is disabled") }),
  },
  {
    code: "DB_INDEX",
    when: "Upstash has database 0 only",
    async make({ resp }) {
      const { env } = await resp({ SELECT: error("ERR Only 0th database is supported! Selected DB: 1") });
      return { env: { ...env, REDIS_DB: "1" } };
    },
  },
];

function served(options: RedisOptions, change: Record<string, string> = {}): Cause["make"] {
  return async ({ redis, at }) => {
    const { password, ...others } = options;
    const server = await redis({
      ...others,
      ...(password === undefined || password === "" ? {} : { password }),
    });
    // An empty one is none: to the server's own command line it would be a password.
    if (password === "") await server.call("CONFIG", "SET", "requirepass", "");
    return { env: at(server.port, change), redis: server };
  };
}

/** Signs in as a user of an ACL, with the password. */
function asUser(name: string, users: readonly string[]): Cause["make"] {
  return async ({ redis, at, password }) => {
    const server = await redis();
    for (const user of users) {
      const [word = "", ...rules] = user.split(" ");
      await server.call("ACL", "SETUSER", word, `>${password}`, ...rules);
    }
    const { REDIS_PORT: port = "" } = at(server.port);
    const url = `redis://${name}:${encodeURIComponent(password)}@127.0.0.1:${port}/0`;
    return { env: { REDIS_URL: url }, redis: server };
  };
}

async function clustered(): Promise<string[]> {
  return ["--cluster-enabled", "yes", "--cluster-port", String(await freePort())];
}

async function spread({ redis, at }: Stage): Promise<Scene> {
  const [first, second] = [
    await redis({ args: await clustered() }),
    await redis({ args: await clustered() }),
  ];
  await first.call("CLUSTER", "ADDSLOTSRANGE", "0", "8191");
  await second.call("CLUSTER", "ADDSLOTSRANGE", "8192", "16383");
  const bus = /@(\d+)/.exec(String(await first.call("CLUSTER", "NODES")))?.[1] ?? "";
  await second.call("CLUSTER", "MEET", "127.0.0.1", String(first.port), bus);
  await until(first, ["CLUSTER", "INFO"], /cluster_state:ok[\s\S]*cluster_size:2/);
  return { env: at(first.port), redis: first };
}

async function loading({ redis, at, after }: Stage): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "redis-loading-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const before = await redis({ folder });
  for (let key = 0; key < 200; key++) await before.call("SET", `key:${key}`, "x".repeat(600));
  await before.call("SAVE");
  await before.stop();
  // Hidden settings of Redis's own tests: each key takes 50 ms, and clients are served after every KB.
  const slowly = ["--key-load-delay", "50000", "--loading-process-events-interval-bytes", "1024"];
  const { port } = await redis({ folder, args: slowly, startedAt: /Server initialized/ });
  return { env: at(port) };
}

async function unsaved({ redis, at }: Stage): Promise<Scene> {
  const server = await redis({ args: ["--save", "3600 1"] });
  // Its socket is removed with the folder, so this one is opened before.
  const { REDIS_PORT: port, REDIS_PASSWORD: password = "" } = at(server.port);
  const admin = new Redis({ port: Number(port), password });
  await admin.ping();
  await rm(server.folder, { recursive: true });
  await admin.bgsave();
  while (!/rdb_last_bgsave_status:err/.test(await admin.info("persistence"))) await soon();
  admin.disconnect();
  return { env: at(server.port) };
}

async function crowded({ redis, at, after, password }: Stage): Promise<Scene> {
  const server = await redis({ args: ["--maxclients", "1"] });
  const holder = new Redis({ port: server.port, password });
  await holder.ping();
  after(() => holder.disconnect());
  return { env: at(server.port) };
}

async function busy({ redis, at, after, password }: Stage): Promise<Scene> {
  const server = await redis({ args: ["--busy-reply-threshold", "20"] });
  const blocker = new Redis({ port: server.port, password });
  await blocker.ping();
  const script = blocker.eval("while true do end", 0).catch(() => {});
  const other = new Redis({ port: server.port, password, enableReadyCheck: false });
  other.on("error", () => {});
  while (!(await other.ping().catch(String)).includes("BUSY")) await soon();
  after(async () => {
    await other.script("KILL");
    await script;
    blocker.disconnect();
    other.disconnect();
  });
  return { env: at(server.port) };
}

/** In a network of its own, where 10.0.0.1 is this machine and yet not its loopback address. */
async function protectedFromOthers({ at, after }: Stage): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "redis-protected-"));
  after(() => rm(folder, { recursive: true, force: true }));
  const port = await freePort();
  const script = `
    ip link set lo up && ip address add 10.0.0.1/32 dev lo
    redis-server --port ${port} --dir '${folder}' --save '' > "$0/log" & server=$!
    while ! grep -qs Ready "$0/log"; do sleep 0.02; done
    "$@"; code=$?; kill $server; exit $code`;
  const within = ["unshare", "-rn", "sh", "-c", script, folder];
  return { env: at(port, { REDIS_HOST: "10.0.0.1" }), within };
}

async function until(server: TestRedis, command: [string, ...string[]], words: RegExp): Promise<void> {
  while (!words.test(String(await server.call(...command)))) await soon();
}

function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}
