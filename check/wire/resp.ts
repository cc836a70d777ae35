/**
 * The Redis protocol, as far as a check speaks it: RESP2.
 *
 * Not a client library, for two reasons. What a check meets is often no Redis, and ioredis 6.0.0 lets a server end the
 * whole process (`+PONG\r\n_\r\n` or `>1\r\n_\r\n` is an uncaught TypeError, `:x` is read as 72); and it keeps to
 * itself what a check must tell apart: a refused password is a warning on the console, a greeting such as "max
 * number of clients reached" an error about its own queue.
 */

/** Bytes of one reply at most; the largest that we ask for is a page of SCAN, or INFO, of a few KB. */
export const MAX_REPLY_BYTES = 1024 * 1024;
/** Lists in lists at most; SCAN answers with one in another. */
const MAX_DEPTH = 4;

/** An error reply, without its leading `-`. A value and not an exception: which are faults depends on the command. */
export class ReplyError {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
export type Reply = string | number | null | ReplyError | readonly Reply[];

/** A reply as a person may read it, whatever it is. */
export function replyInWords(reply: Reply | undefined): string {
  if (reply instanceof ReplyError) return reply.text;
  if (reply === null) return "nil";
  return Array.isArray(reply) ? `[${reply.map(replyInWords).join(", ")}]` : String(reply);
}

/** The bytes are no RESP2 reply. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  /** The bytes that make no sense, the first of them at most. */
  readonly bytes: Buffer;
  constructor(message: string, bytes: Buffer) {
    super(message);
    this.bytes = Buffer.from(bytes.subarray(0, 512));
  }
}

/** A command as bytes; arguments are sent as UTF-8. */
export function encodeCommand(args: readonly string[]): string {
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join("")}`;
}

/** Takes bytes as they come and hands out replies. */
export class ReplyReader {
  #bytes: Buffer = Buffer.alloc(0);

  /** @returns the replies that are now complete @throws FramingError */
  read(chunk: Buffer): Reply[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const replies: Reply[] = [];
    for (;;) {
      const reply = this.#next();
      if (reply === undefined) break;
      replies.push(reply);
    }
    if (this.#bytes.length > MAX_REPLY_BYTES) throw this.#nonsense("a reply of more than 1 MB");
    return replies;
  }

  #next(): Reply | undefined {
    const parsed = parseAt(this.#bytes, 0, 0);
    if (parsed === "incomplete") return undefined;
    if (parsed === "nonsense") throw this.#nonsense("no reply of Redis");
    this.#bytes = this.#bytes.subarray(parsed.end);
    return parsed.reply;
  }

  #nonsense(message: string): FramingError {
    return new FramingError(message, this.#bytes);
  }
}

type Parsed = { reply: Reply; end: number } | "incomplete" | "nonsense";
/** @param line without its type and its end @param start where the bytes after the line start */
type Parse = (line: string, bytes: Buffer, start: number, depth: number) => Parsed;

function parseAt(bytes: Buffer, at: number, depth: number): Parsed {
  const type = bytes[at];
  if (type === undefined) return "incomplete";
  const parse = TYPES[String.fromCharCode(type)];
  if (parse === undefined || depth > MAX_DEPTH) return "nonsense";
  const lineEnd = bytes.indexOf("\r\n", at);
  if (lineEnd === -1) return "incomplete";
  return parse(bytes.toString("utf8", at + 1, lineEnd), bytes, lineEnd + 2, depth);
}

const TYPES: Readonly<Record<string, Parse>> = {
  "+": (line, _bytes, start) => ({ reply: line, end: start }),
  "-": (line, _bytes, start) => ({ reply: new ReplyError(line), end: start }),
  ":": (line, _bytes, start) =>
    /^-?\d{1,19}$/.test(line) ? { reply: Number(line), end: start } : "nonsense",
  $: (line, bytes, start) => {
    if (line === "-1") return { reply: null, end: start };
    if (!/^\d{1,19}$/.test(line) || Number(line) > MAX_REPLY_BYTES) return "nonsense";
    const end = start + Number(line);
    if (bytes.length < end + 2) return "incomplete";
    if (bytes[end] !== 0x0d || bytes[end + 1] !== 0x0a) return "nonsense";
    return { reply: bytes.toString("utf8", start, end), end: end + 2 };
  },
  "*": (line, bytes, start, depth) => {
    if (line === "-1") return { reply: null, end: start };
    if (!/^\d{1,7}$/.test(line) || Number(line) > MAX_REPLY_BYTES) return "nonsense";
    const items: Reply[] = [];
    let end = start;
    while (items.length < Number(line)) {
      const item = parseAt(bytes, end, depth + 1);
      if (typeof item === "string") return item;
      items.push(item.reply);
      end = item.end;
    }
    return { reply: items, end };
  },
};
