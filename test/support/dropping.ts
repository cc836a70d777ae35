/** A port that drops attempts to connect, as a firewall does: a stopped process whose queue of connections is full. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { createInterface } from "node:readline";

export interface DroppingPort {
  port: number;
  stop(): void;
}

/** @param host one of this machine's own addresses, 127.0.0.1 to 127.255.255.254 */
export async function startDropping(host = "127.0.0.1"): Promise<DroppingPort> {
  const program = `
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "${host}", backlog: 1 }, () => console.log(server.address().port));
  `;
  const child = spawn(process.execPath, ["--eval", program], { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  child.kill("SIGSTOP");
  const cleanups = [() => void child.kill("SIGKILL")];
  for (;;) {
    const socket = connect(Number(line), host);
    socket.on("error", () => {});
    cleanups.push(() => void socket.destroy());
    const connected = once(socket, "connect").then(() => true);
    const { promise: quiet, resolve: stayQuiet } = Promise.withResolvers<boolean>();
    setTimeout(stayQuiet, 300, false);
    if (await Promise.race([connected, quiet])) continue;
    return {
      port: Number(line),
      stop: () => {
        for (const cleanup of cleanups) cleanup();
      },
    };
  }
}
