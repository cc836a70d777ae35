/** One command to an emulated cache, over a connection of its own, as a client with a key sends it. */
import { Redis } from "ioredis";
import type { Authority } from "../tls.ts";

export interface RedisClient {
  host: string;
  port: number;
  password: string;
  authority: Pick<Authority, "certificate">;
}

/** @returns the reply, or the words of what went wrong: the cause where the connection failed */
export async function askRedis(client: RedisClient, command: string, ...args: string[]): Promise<unknown> {
  const { authority, ...where } = client;
  const redis = new Redis({
    ...where,
    tls: { ca: authority.certificate },
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  let cause: unknown;
  redis.on("error", (error: unknown) => {
    cause ??= error;
  });
  try {
    return await redis.call(command, args);
  } catch (error) {
    return String(cause ?? error);
  } finally {
    redis.disconnect();
  }
}
