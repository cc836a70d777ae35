/**
 * A small server that speaks RESP2, for what only a provider's servers say. It answers as a healthy Redis would,
 * except where it is configured otherwise, and knows no other commands than those that a check sends.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** Raw bytes of a reply, `\r\n` included, by the command's name in capitals. */
export type Answers = Readonly<Record<string, string | ((args: readonly string[]) => string)>>;

export interface RespServer {
  port: number;
  /** All that was asked, in order. */
  commands: string[][];
  stop(): Promise<void>;
}

export const simple = (text: string) => `+${text}\r\n`;
export const error = (text: string) => `-${text}\r\n`;
export const integer = (value: number) => `:${value}\r\n`;
export const bulk = (text: string | null) =>
  text === null ? "$-1\r\n" : `$${Buffer.byteLength(text)}\r\n${text}\r\n`;

export async function startRespServer(answers: Answers = {}): Promise<RespServer> {
  const values = new Map<string, string>();
  const healthy: Answers = {
    AUTH: simple("OK"),
    SELECT: simple("OK"),
    PING: simple("PONG"),
    INFO: bulk("# Server\r\nredis_version:7.4.0\r\n"),
    SET: ([key = "", value = ""]) => {
      values.set(key, value);
      return simple("OK");
    },
    GET: ([key = ""]) => bulk(values.get(key) ?? null),
    PTTL: ([key = ""]) => integer(values.has(key) ? 59_990 : -2),
    DEL: ([key = ""]) => integer(values.delete(key) ? 1 : 0),
    EXISTS: ([key = ""]) => integer(values.has(key) ? 1 : 0),
    ...answers,
  };
  const commands: string[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes) => {
      for (const command of parse(bytes)) {
        commands.push(command);
        const [name = "", ...args] = command;
        const answer = healthy[name.toUpperCase()] ?? error(`ERR unknown command '${name}'`);
        socket.write(typeof answer === "string" ? answer : answer(args));
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    commands,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Commands come whole: a check writes them at once, and they are far smaller than a segment of loopback. */
function parse(bytes: Buffer): string[][] {
  const commands: string[][] = [];
  let at = 0;
  const count = (type: string) => {
    const end = bytes.indexOf("\r\n", at);
    const line = bytes.toString("utf8", at, end);
    at = end + 2;
    if (!line.startsWith(type)) throw new Error(`expected ${type}, got ${line}`);
    return Number(line.slice(1));
  };
  while (at < bytes.length) {
    const command: string[] = [];
    for (let left = count("*"); left > 0; left--) {
      const size = count("$");
      command.push(bytes.toString("utf8", at, at + size));
      at += size + 2;
    }
    commands.push(command);
  }
  return commands;
}
