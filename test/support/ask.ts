/** One command to a Redis of this machine, by the client that apps use. */
import { Redis } from "ioredis";

/** @throws what the server or the connection says */
export async function ask(port: number, name: string, ...args: string[]): Promise<unknown> {
  const client = new Redis({ host: "127.0.0.1", port, lazyConnect: true, retryStrategy: () => null });
  client.on("error", () => {});
  try {
    await client.connect();
    return await client.call(name, ...args);
  } finally {
    client.disconnect();
  }
}
