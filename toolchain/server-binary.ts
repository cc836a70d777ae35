/** Finds the Redis server that this machine has. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { programs } from "./on-path.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface RedisServer {
  /** The program's full path. */
  bin: string;
  version: string;
  flavour: "redis" | "valkey";
}

/** Package managers put servers where a user's PATH may not lead: sbin on some distributions, Homebrew on macOS. */
const USUAL_FOLDERS = ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin", "/opt/homebrew/bin"];

/** The oldest that will do, 6.2: what `REDIS_URL` with users, and the commands of the check, need. */
export const OLDEST_SERVER = { major: 6, minor: 2 } as const;

const ANSWER_MS = 5000;

/** @returns the first server of version 6.2 or newer: Redis before Valkey, each in the order of PATH */
export async function findRedisServer(env: Environment): Promise<RedisServer | undefined> {
  for await (const server of servers(env)) if (isRecent(server.version)) return server;
  return undefined;
}

/** @returns the servers that were passed over because they are too old */
export async function tooOldRedisServers(env: Environment): Promise<RedisServer[]> {
  const old: RedisServer[] = [];
  for await (const server of servers(env)) if (!isRecent(server.version)) old.push(server);
  return old;
}

async function* servers(env: Environment): AsyncGenerator<RedisServer> {
  for (const flavour of ["redis", "valkey"] as const) {
    for (const bin of programs(`${flavour}-server`, env, USUAL_FOLDERS)) {
      const version = await versionOf(bin);
      if (version !== undefined) yield { bin, version, flavour };
    }
  }
}

/** From "Redis server v=7.0.15 sha=00000000:0 …" or "Valkey server v=8.1.1 …". */
async function versionOf(bin: string): Promise<string | undefined> {
  const answer = await promisify(execFile)(bin, ["--version"], { timeout: ANSWER_MS, env: {} }).catch(
    () => undefined,
  );
  return /\bv=(\d+\.\d+\.\d+)/.exec(answer?.stdout ?? "")?.[1];
}

/** Whether a version is 6.2 or newer; an epoch before it (`5:7.0.15`) and a revision after it are passed over. */
export function isRecent(version: string): boolean {
  const [, major = "0", minor = "0"] = /^(?:\d+:)?(\d+)\.(\d+)/.exec(version) ?? [];
  const { major: oldestMajor, minor: oldestMinor } = OLDEST_SERVER;
  return Number(major) > oldestMajor || (Number(major) === oldestMajor && Number(minor) >= oldestMinor);
}
