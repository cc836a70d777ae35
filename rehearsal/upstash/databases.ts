/** The databases of the emulated account: what the API reports about them, and the real server behind each. */
import { randomBytes, randomUUID } from "node:crypto";
import type { Target } from "../../check/target.ts";
import { type CacheServer, startCacheServer } from "../azure/cache-server.ts";
import { randomLoopback } from "../azure/loopback.ts";
import type { TestRedis } from "../redis-server.ts";
import type { Authority } from "../tls.ts";
import type { Conditions } from "./conditions.ts";
import { PLANS, type PlanFacts } from "./plans.ts";
import { refusals } from "./refusals.ts";

const PORT = 6379;
/** Upstash has no CONFIG and no replication for its clients (upstash.com/docs/redis/overall/rediscompatibility). */
const WITHHELD = [
  "CONFIG",
  "DEBUG",
  "MIGRATE",
  "PSYNC",
  "REPLCONF",
  "REPLICAOF",
  "SHUTDOWN",
  "SLAVEOF",
  "SYNC",
];

/** What a create or an update may say. */
export interface Wish {
  name: string;
  plan: string;
  primaryRegion: string;
  readRegions: string[];
  eviction: boolean;
  autoUpgrade: boolean;
  prodPack: boolean;
  budget: number;
}

/** A database that runs right now, as tests look at it from behind. */
export interface RunningDatabase extends Wish {
  id: string;
  host: string;
  port: number;
  password: string;
  allowedIps: string[];
  /** As an app gets in. */
  target: Target;
  /** The server itself; its `call` is the administrator's and knows every command. */
  redis: TestRedis;
}

interface Entry {
  id: string;
  wish: Wish;
  allowedIps: string[];
  createdAt: number;
  password: string;
  restToken: string;
  readOnlyRestToken: string;
  server: CacheServer;
  /** A plan on the way. */
  next: string | undefined;
}

export class Databases {
  readonly #entries = new Map<string, Entry>();
  readonly #authority: Authority;
  readonly #conditions: Conditions;
  readonly #email: string;
  readonly #running = new Set<Promise<void>>();

  constructor(authority: Authority, conditions: Conditions, email: string) {
    this.#authority = authority;
    this.#conditions = conditions;
    this.#email = email;
  }

  async create(wish: Wish): Promise<string> {
    const id = randomUUID();
    const server = await startCacheServer({
      authority: this.#authority,
      host: randomLoopback(),
      port: PORT,
      withheld: WITHHELD,
      memoryBytes: limitOf(wish.plan),
      policy: policyOf(wish),
    });
    const password = newPassword();
    await server.setKeys({ primary: password, secondary: password });
    this.#entries.set(id, {
      id,
      wish: { ...wish },
      allowedIps: [],
      createdAt: Math.floor(Date.now() / 1000),
      password,
      restToken: randomBytes(40).toString("base64"),
      readOnlyRestToken: randomBytes(40).toString("base64"),
      server,
      next: undefined,
    });
    return id;
  }

  /** Called while a create has not settled on a plan: how many free ones there are, with those on the way. */
  countOf(plan: string, except?: string): number {
    return [...this.#entries.values()].filter(
      (entry) => entry.id !== except && (entry.next ?? entry.wish.plan) === plan,
    ).length;
  }

  ids(): string[] {
    return [...this.#entries.keys()];
  }

  wishOf(id: string): Wish {
    return this.#entry(id).wish;
  }

  allow(id: string, ips: string[]): void {
    this.#entry(id).allowedIps = ips;
  }

  async change(id: string, wish: Partial<Wish>): Promise<void> {
    const entry = this.#entry(id);
    Object.assign(entry.wish, wish);
    await entry.server.configure("maxmemory-policy", policyOf(entry.wish));
  }

  /** The old one is refused at once; who is signed in by it stays so, as the API does not say otherwise. */
  async resetPassword(id: string): Promise<void> {
    const entry = this.#entry(id);
    const password = newPassword();
    await entry.server.setKeys({ primary: password, secondary: password });
    entry.password = password;
  }

  /** Comes into force a little later, by itself. */
  async changePlan(id: string, plan: string): Promise<void> {
    const entry = this.#entry(id);
    const limit = limitOf(plan);
    const used = /used_memory_dataset:(\d+)/.exec(String(await entry.server.redis.call("INFO", "memory")));
    if (Number(used?.[1] ?? 0) > limit) throw refusals.tooMuchData();
    entry.next = plan;
    const settle = async () => {
      await new Promise((resolve) => setTimeout(resolve, this.#conditions.planChangeMs));
      if (!this.#entries.has(id)) return;
      entry.wish.plan = plan;
      entry.next = undefined;
      await entry.server.configure("maxmemory", String(limit));
      // "Your existing clients will be disconnected" (upstash.com/docs/redis/howto/upgradedatabase).
      await entry.server.redis.call("CLIENT", "KILL", "TYPE", "normal");
    };
    const settling = settle();
    this.#running.add(settling);
    settling.finally(() => this.#running.delete(settling)).catch(() => {});
  }

  async remove(id: string): Promise<void> {
    const entry = this.#entry(id);
    this.#entries.delete(id);
    await entry.server.stop();
  }

  /** @param secrets false: as with `credentials=hide` */
  show(id: string, secrets: boolean): Record<string, unknown> {
    const { wish, server, next, createdAt, allowedIps, ...entry } = this.#entry(id);
    const { type, databaseType, diskBytes, memoryBytes } = factsOf(wish.plan);
    return {
      database_id: id,
      database_name: wish.name,
      ...(databaseType === undefined ? {} : { database_type: databaseType }),
      type,
      region: "global",
      primary_region: wish.primaryRegion,
      primary_members: [wish.primaryRegion],
      all_members: [wish.primaryRegion, ...wish.readRegions],
      read_regions: wish.readRegions,
      port: server.port,
      creation_time: createdAt,
      budget: wish.budget,
      state: "active",
      modifying_state: next === undefined ? "" : "plan_change",
      user_email: this.#email,
      endpoint: this.#conditions.endpointForm === "slug" ? `unreachable-${id.slice(0, 8)}` : server.host,
      // "TLS is enabled by default for newly created databases and cannot be disabled" (the provider's own description).
      tls: true,
      eviction: wish.eviction,
      auto_upgrade: wish.autoUpgrade,
      prod_pack_enabled: wish.prodPack,
      consistent: false,
      multizone: false,
      db_max_clients: 10_000,
      db_max_request_size: 10_485_760,
      db_disk_threshold: diskBytes,
      db_max_entry_size: 104_857_600,
      db_memory_threshold: memoryBytes,
      db_daily_bandwidth_limit: 0,
      db_max_commands_per_second: 10_000,
      allowed_ip_ranges: allowedIps,
      ...(secrets
        ? {
            password: entry.password,
            rest_token: entry.restToken,
            read_only_rest_token: entry.readOnlyRestToken,
          }
        : {}),
    };
  }

  running(): RunningDatabase[] {
    return [...this.#entries.values()].map(({ id, wish, allowedIps, password, server }) => ({
      ...wish,
      id,
      allowedIps,
      password,
      host: server.host,
      port: server.port,
      target: { host: server.host, port: server.port, tls: true, db: 0, password },
      redis: server.redis,
    }));
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#running);
    await Promise.all([...this.#entries.values()].map(({ server }) => server.stop()));
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (entry === undefined) throw refusals.unknownDatabase();
    return entry;
  }
}

function factsOf(plan: string): PlanFacts {
  const facts = PLANS[plan];
  if (facts === undefined) throw refusals.unknownPlan();
  return facts;
}

/** Data that fits, in bytes; no more than the machine of a test may give. */
/** With characters that URLs, JSON, shells and base64 treat in their own ways. */
const newPassword = () => `${randomBytes(18).toString("base64")}/+%"&<`;

function limitOf(plan: string): number {
  return Math.min(factsOf(plan).diskBytes, 3 * 1024 ** 3);
}

/** Upstash has one policy, "optimistic-volatile", a mix of volatile-random and allkeys-random (docs, features/eviction). */
function policyOf({ eviction }: Pick<Wish, "eviction">): string {
  return eviction ? "allkeys-random" : "noeviction";
}
