/** A few commands to a Redis of this machine, answered within a second or not at all. */
import { Redis, ReplyError } from "ioredis";

const ANSWER_MS = 1000;

/**
 * @returns the replies, in order; an error reply is an Error among them
 * @throws Error when nothing answers in time
 */
export async function ask(
  at: { host: string; port: number },
  commands: readonly (readonly string[])[],
): Promise<unknown[]> {
  const client = new Redis({
    ...at,
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableReadyCheck: false,
    disableClientInfo: true,
  });
  // The cause comes as an event; the rejected call below says enough.
  client.on("error", () => {});
  try {
    await client.connect();
    return await Promise.all(
      commands.map(([name = "", ...args]) =>
        client.call(name, ...args).catch((error: unknown) => {
          if (error instanceof ReplyError) return error;
          throw error;
        }),
      ),
    );
  } finally {
    client.disconnect();
  }
}
