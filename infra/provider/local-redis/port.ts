/** Who holds a port of this machine. */
import { connect, createServer } from "node:net";
import { ask } from "./ask.ts";

export type PortHolder = "nobody" | "redis" | "other";

/** Asks without leaving a trace: nobody listens, a Redis answers (also one that needs a password), or something else. */
export async function portHolder(port: number): Promise<PortHolder> {
  if (await canConnect(port)) return (await speaksRedis(port)) ? "redis" : "other";
  return (await canListen(port)) ? "nobody" : "other";
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port, timeout: 1000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.on("connect", () => end(true));
    socket.on("timeout", () => end(true));
    socket.on("error", () => end(false));
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", () => resolve(false));
    server.listen({ host: "127.0.0.1", port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** One that answers at all, be it by asking for a password, is a Redis. */
async function speaksRedis(port: number): Promise<boolean> {
  return await ask({ port }, "PING").then(
    () => true,
    () => false,
  );
}
