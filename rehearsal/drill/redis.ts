/** A real Redis behind the proxy, and how each fault begins and ends there. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { Target } from "../../check/target.ts";
import { startRedis, type TestRedis } from "../redis-server.ts";
import type { FaultName } from "./faults.ts";
import { type Behaviour, RedisProxy } from "./proxy.ts";
import { encodeBulk, encodeError } from "./resp.ts";
import type { Traffic } from "./traffic.ts";

/** Ends a fault. */
type End = () => Promise<void>;

const SLOW_MS = 300;
const FLAP_MS = 1000;
/** As much as the smallest plans have. */
const MEMORY = "100mb";
/** No server listens there, so the replica stays alone with its data. */
const NO_PRIMARY = ["127.0.0.1", "1"] as const;

/** What Redis answers while it loads, except to the commands that set up a connection. */
const WHILE_LOADING: Readonly<Record<string, string | undefined>> = {
  AUTH: undefined,
  HELLO: undefined,
  SELECT: undefined,
  CLIENT: undefined,
  INFO: encodeBulk("# Persistence\r\nloading:1\r\nloading_eta_seconds:1\r\n"),
};
const LOADING = encodeError("LOADING Redis is loading the dataset in memory");
const QUOTA = encodeError(
  "ERR max daily request limit exceeded. Limit: 10000, Usage: 10000. See https://upstash.com/docs/redis/troubleshooting/max_daily_request_limit for details",
);
const WEB_PAGE =
  "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 24\r\n\r\n<h1>400 Bad Request</h1>";

export class DrillRedis {
  readonly password: string;
  readonly #server: TestRedis;
  readonly #proxy: RedisProxy;
  readonly #admin: Redis;

  private constructor(password: string, server: TestRedis, proxy: RedisProxy) {
    this.password = password;
    this.#server = server;
    this.#proxy = proxy;
    this.#admin = new Redis({
      path: join(server.folder, "socket"),
      password,
      retryStrategy: () => null,
      enableReadyCheck: false,
    });
    this.#admin.on("error", () => {});
  }

  /** @param bin the program redis-server */
  static async start(bin: string): Promise<DrillRedis> {
    const password = randomBytes(18).toString("base64url");
    const server = await startRedis({ bin, password, guarded: true, args: ["--maxmemory", MEMORY] });
    const proxy = await RedisProxy.start({ to: server.port, password });
    return new DrillRedis(password, server, proxy);
  }

  /** Where the app finds it. */
  get target(): Target {
    return { host: "127.0.0.1", port: this.#proxy.port, tls: false, db: 0, password: this.password };
  }

  get traffic(): Traffic {
    return this.#proxy.traffic;
  }

  get connections(): number {
    return this.#proxy.connections;
  }

  async begin(fault: FaultName): Promise<End> {
    return await this.#faults[fault]();
  }

  async stop(): Promise<void> {
    this.#admin.disconnect();
    await this.#proxy.stop();
    await this.#server.stop();
  }

  readonly #faults: Readonly<Record<FaultName, () => Promise<End>>> = {
    down: () => this.#down(),
    "start-without": () => this.#down(),
    hang: async () => {
      // The system takes connections and bytes in the name of a stopped process, which answers all of them later.
      this.#server.signal("SIGSTOP");
      return async () => this.#server.signal("SIGCONT");
    },
    slow: async () => this.#behaving({ delayMs: SLOW_MS }),
    drop: async () => {
      this.#proxy.cut();
      return async () => {};
    },
    flap: async () => {
      let turn = this.#proxy.refuse();
      let isDown = true;
      const timer = setInterval(() => {
        isDown = !isDown;
        turn = turn.then(() => (isDown ? this.#proxy.refuse() : this.#proxy.accept()));
      }, FLAP_MS);
      return async () => {
        clearInterval(timer);
        await turn;
        await this.#proxy.accept();
      };
    },
    "wrong-password": async () => {
      await this.#set("requirepass", randomBytes(18).toString("base64url"));
      const end = this.#behaving({ strangersRefused: true });
      this.#proxy.cut();
      return async () => {
        await this.#set("requirepass", this.password);
        await end();
        this.#proxy.cut();
      };
    },
    full: async () => {
      await this.#empty();
      await this.#set("maxmemory", "1");
      return async () => this.#set("maxmemory", MEMORY);
    },
    readonly: async () => {
      await this.#empty();
      await this.#admin.call("REPLICAOF", ...NO_PRIMARY);
      return async () => {
        await this.#admin.call("REPLICAOF", "NO", "ONE");
      };
    },
    loading: async () => {
      const end = this.#behaving({
        reply: (command) => (command in WHILE_LOADING ? WHILE_LOADING[command] : LOADING),
      });
      // A server that loads has just been started.
      this.#proxy.cut();
      return end;
    },
    quota: async () => this.#behaving({ reply: () => QUOTA }),
    garbage: async () => {
      const end = this.#behaving({ reply: () => WEB_PAGE });
      return async () => {
        await end();
        // What the web server said last must not be taken for a reply of Redis.
        this.#proxy.cut();
      };
    },
  };

  async #down(): Promise<End> {
    await this.#proxy.refuse();
    return async () => this.#proxy.accept();
  }

  #behaving(behaviour: Behaviour): End {
    this.#proxy.behave(behaviour);
    return async () => this.#proxy.behave({});
  }

  /** Without the values of earlier requests the app has to write. */
  async #empty(): Promise<void> {
    await this.#admin.call("FLUSHALL");
  }

  async #set(name: string, value: string): Promise<void> {
    await this.#admin.call("CONFIG", "SET", name, value);
  }
}
