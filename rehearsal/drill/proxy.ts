/**
 * Stands between an app and its Redis, counts the commands, and misbehaves on request. It reads the protocol, so that
 * each command gets exactly one reply and replies keep their order, whatever answers them.
 */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../ports.ts";
import { commandName, encodeCommand, FrameSplitter, isPush } from "./resp.ts";
import { Traffic } from "./traffic.ts";

/** What happens to a command. */
export interface Behaviour {
  /** Each reply comes later by this time. */
  delayMs?: number;
  /** The proxy's own reply, as bytes of the protocol; the server answers when it is undefined. */
  reply?: (command: string) => string | undefined;
  /** Clients that do not sign in by themselves are refused as well. */
  strangersRefused?: boolean;
}

export interface ProxyOptions {
  /** The port of the real server on 127.0.0.1. */
  to: number;
  password: string;
}

export class RedisProxy {
  readonly port: number;
  readonly traffic = new Traffic();
  readonly #options: ProxyOptions;
  readonly #sessions = new Set<Session>();
  #server: Server | undefined;
  #behaviour: Behaviour = {};

  private constructor(port: number, options: ProxyOptions) {
    this.port = port;
    this.#options = options;
  }

  static async start(options: ProxyOptions): Promise<RedisProxy> {
    const proxy = new RedisProxy(await freePort(), options);
    await proxy.accept();
    return proxy;
  }

  /** Open connections of the app. */
  get connections(): number {
    return this.#sessions.size;
  }

  behave(behaviour: Behaviour): void {
    this.#behaviour = behaviour;
  }

  /** Ends all connections. */
  cut(): void {
    for (const session of this.#sessions) session.cut();
  }

  /** Ends all connections and refuses new ones. */
  async refuse(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = server && once(server, "close");
    server?.close();
    this.cut();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async accept(): Promise<void> {
    for (let attempt = 1; this.#server === undefined; attempt += 1) {
      const server = createServer({ noDelay: true }, (client) => this.#open(client));
      try {
        server.listen(this.port, "127.0.0.1");
        await once(server, "listening");
        this.#server = server;
      } catch (error) {
        if (attempt === LISTEN_ATTEMPTS) throw error;
        await sleep(LISTEN_PAUSE_MS);
      }
    }
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  #open(client: Socket): void {
    const session = new Session(client, this.#options, () => this.#behaviour, this.traffic);
    this.#sessions.add(session);
    client.on("close", () => this.#sessions.delete(session));
  }
}

/** Another process may hold the port for a moment. */
const LISTEN_ATTEMPTS = 50;
const LISTEN_PAUSE_MS = 20;

/** The place of one reply in the order of replies. */
interface Slot {
  bytes?: Buffer;
  dueMs?: number;
  /** The reply to a command of the proxy itself. */
  isOwn?: boolean;
}

/** One connection of the app, and the one to the server that belongs to it. */
class Session {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #behaviour: () => Behaviour;
  readonly #traffic: Traffic;
  readonly #commands = new FrameSplitter();
  readonly #replies = new FrameSplitter();
  /** In the order of the commands. */
  readonly #slots: Slot[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Socket, { to, password }: ProxyOptions, behaviour: () => Behaviour, traffic: Traffic) {
    this.#client = client;
    this.#behaviour = behaviour;
    this.#traffic = traffic;
    this.#upstream = connect({ port: to, host: "127.0.0.1", noDelay: true });
    // An app that was written for a Redis without a password is drilled as well.
    if (!behaviour().strangersRefused) {
      this.#slots.push({ isOwn: true });
      this.#upstream.write(encodeCommand("AUTH", password));
    }
    for (const socket of [client, this.#upstream]) socket.on("error", () => {});
    client.on("data", (chunk: Buffer) => this.#ask(chunk));
    client.on("close", () => this.#end());
    this.#upstream.on("data", (chunk: Buffer) => this.#answer(chunk));
    this.#upstream.on("close", () => client.end());
  }

  /** Cuts the connection, as a failover does: with a reset. */
  cut(): void {
    // A connection that the app is closing cannot be reset: Node 24 would wait for it for ever at its own exit.
    if (!this.#client.writableEnded) this.#client.resetAndDestroy();
    this.#end();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#client.destroy();
    this.#upstream.destroy();
  }

  #ask(chunk: Buffer): void {
    const { reply } = this.#behaviour();
    for (const frame of this.#commands.push(chunk)) {
      const name = commandName(frame);
      if (name === "") continue;
      this.#traffic.record(name, performance.now());
      const own = reply?.(name);
      if (own === undefined) {
        this.#slots.push({});
        this.#upstream.write(frame);
      } else {
        this.#slots.push(this.#filled({}, Buffer.from(own)));
      }
    }
    this.#flush();
  }

  #answer(chunk: Buffer): void {
    for (const frame of this.#replies.push(chunk)) {
      const slot = isPush(frame) ? undefined : this.#slots.find(({ bytes }) => bytes === undefined);
      if (slot === undefined) this.#client.write(frame);
      else this.#filled(slot, frame);
    }
    this.#flush();
  }

  #filled(slot: Slot, bytes: Buffer): Slot {
    const { delayMs } = this.#behaviour();
    slot.bytes = bytes;
    if (delayMs !== undefined) slot.dueMs = performance.now() + delayMs;
    return slot;
  }

  /** Passes on the replies whose turn and time it is. */
  #flush(): void {
    clearTimeout(this.#timer);
    for (let slot = this.#slots[0]; slot?.bytes !== undefined; slot = this.#slots[0]) {
      const waitMs = (slot.dueMs ?? 0) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#flush(), waitMs);
        return;
      }
      this.#slots.shift();
      if (!slot.isOwn) this.#client.write(slot.bytes);
    }
  }
}
