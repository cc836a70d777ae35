/** One connection to what should be a Redis: commands out, replies in, and every way in which that can end. */
import type { Socket } from "node:net";
import { Fault } from "../faults/fault.ts";
import { socketFault } from "../faults/network.ts";
import { replyFault } from "../faults/replies.ts";
import { encodeCommand, FramingError, type Reply, ReplyError, ReplyReader } from "./resp.ts";

/** A command's name and its arguments. */
export type Command = readonly [name: string, ...args: string[]];

/** Looks at a reply as soon as it is there. @returns what is wrong with it, which ends the exchange */
export type Judge = (reply: Reply, command: Command) => Fault | undefined;

interface Batch {
  commands: readonly Command[];
  replies: Reply[];
  judge: Judge;
  resolve: (replies: Reply[]) => void;
  reject: (fault: Fault) => void;
}

/** First byte of a TLS alert: how a TLS server answers other protocols. */
const TLS_ALERT = 0x15;

/** Counts the commands of all connections of a check. */
export interface Meter {
  commands: number;
}

export class Connection {
  readonly #socket: Socket;
  readonly #meter: Meter;
  readonly #reader = new ReplyReader();
  #batch: Batch | undefined;
  /** Whether anything that came was a reply of Redis. */
  #understood = false;
  #fault: Fault | undefined;

  /** @param socket open, and from now on this connection's own @param signal ends it with TIMEOUT */
  constructor(socket: Socket, meter: Meter, signal: AbortSignal) {
    this.#socket = socket;
    this.#meter = meter;
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(this.#turnedAway() ?? socketFault(error)));
    socket.on("close", () =>
      this.#fail(
        this.#turnedAway() ??
          new Fault("CONNECTION_RESET", "the server closed the connection without a reply"),
      ),
    );
    signal.addEventListener("abort", () => this.#fail(new Fault("TIMEOUT", "no reply in time")), {
      once: true,
    });
  }

  /**
   * Sends commands in one write.
   * @returns their replies, in order, error replies among them
   * @throws Fault when not all of them come
   */
  exchange(...commands: Command[]): Promise<Reply[]> {
    return this.exchangeJudged(commands, () => undefined);
  }

  /**
   * The same, but does not wait for all replies when one of them is a fault already: a peer that is not Redis, or sends us
   * away, may answer only the first command.
   */
  exchangeJudged(commands: readonly Command[], judge: Judge): Promise<Reply[]> {
    const { promise, resolve, reject } = Promise.withResolvers<Reply[]>();
    if (this.#fault !== undefined) {
      reject(this.#fault);
      return promise;
    }
    this.#batch = { commands, replies: [], judge, resolve, reject };
    this.#meter.commands += commands.length;
    this.#socket.write(commands.map(encodeCommand).join(""));
    return promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#fault !== undefined) return;
    try {
      for (const reply of this.#reader.read(chunk)) {
        this.#take(reply);
        if (this.#fault !== undefined) return;
      }
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#fail(this.#framingFault(error));
    }
  }

  #take(reply: Reply): void {
    this.#understood = true;
    const batch = this.#batch;
    if (batch === undefined) {
      this.#fail(
        reply instanceof ReplyError
          ? replyFault(reply.text, "Nothing")
          : new Fault("PROTOCOL_ERROR", "the server sent a reply to no command"),
      );
      return;
    }
    const command = batch.commands[batch.replies.length];
    batch.replies.push(reply);
    const fault = command && batch.judge(reply, command);
    if (fault !== undefined) {
      this.#fail(fault);
      return;
    }
    if (batch.replies.length < batch.commands.length) return;
    this.#batch = undefined;
    batch.resolve(batch.replies);
  }

  /** A refusal to continue says why the server hung up: its last word, in answer to the first of several commands. */
  #turnedAway(): Fault | undefined {
    const { commands = [], replies = [] } = this.#batch ?? {};
    const last = replies.at(-1);
    return last instanceof ReplyError
      ? replyFault(last.text, commands[replies.length - 1]?.[0] ?? "")
      : undefined;
  }

  #framingFault({ message, bytes }: FramingError): Fault {
    if (this.#understood)
      return new Fault("PROTOCOL_ERROR", `in between came ${message}: ${bytes.toString()}`);
    if (bytes[0] === TLS_ALERT) return tlsRequired();
    return new Fault("NOT_REDIS", `it answers with ${message}: ${bytes.toString()}`);
  }

  #fail(fault: Fault): void {
    this.#fault ??= fault;
    this.#batch?.reject(this.#fault);
    this.#batch = undefined;
    this.#socket.destroy();
  }
}

/** The server speaks TLS and was not spoken to in TLS. */
export function tlsRequired(): Fault {
  return new Fault("TLS_REQUIRED", "the server speaks TLS only, and the address says redis://, without TLS", {
    check: "tls",
  });
}
