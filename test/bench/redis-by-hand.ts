/** A redis-server started as one does by hand, until it first answers. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Timed } from "./row.ts";

/** @param bin the server's program; it gets what plan `native` gives its own */
export function redisToFirstPong(bin: string, port: number): Timed {
  return async (onStart) => {
    const startMs = performance.now();
    const server = spawn(
      bin,
      [
        ...["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        ...["--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru"],
      ],
      { stdio: "ignore" },
    );
    const ended = once(server, "exit");
    if (server.pid !== undefined) onStart(server.pid);
    try {
      while (!(await ponged(port))) {
        if (server.exitCode !== null) {
          throw new CannotMeasure(`${bin} ended at once on port ${port}`, {
            hint: "Try again: npm run bench",
          });
        }
        await delay(1);
      }
      return performance.now() - startMs;
    } finally {
      server.kill();
      await ended;
    }
  };
}

function ponged(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
    socket.on("data", (answer) => {
      resolve(answer.toString().startsWith("+PONG"));
      socket.destroy();
    });
  });
}
