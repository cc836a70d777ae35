/**
 * The Redis protocol, as far as a check speaks it: RESP2.
 *
 * Not a client library, for two reasons. What a check meets is often no Redis, and ioredis 6.0.0 lets a server end the
 * whole process (`+PONG\r\n_\r\n` or `>1\r\n_\r\n` is an uncaught TypeError, `:x` is read as 72); and it keeps to
 * itself what a check must distinguish: a refused password is a warning on the console, a greeting such as "max
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

/** The bytes are not a RESP2 reply. */
export class FramingError extends Error {
  override readonly name = "FramingError";
  /** The bytes that are not valid, as far as they have come: cut here, half of a secret could not be recognised any more. */
  readonly bytes: Buffer;
  constructor(message: string, bytes: Buffer) {
    super(message);
    this.bytes = bytes;
  }
}

/** A command as bytes; arguments are sent as UTF-8. */
export function encodeCommand(args: readonly string[]): string {
  const parts = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  return `*${args.length}\r\n${parts.join("")}`;
}

/** A list whose items are still coming. */
interface OpenList {
  items: Reply[];
  size: number;
}
/** `open`: a list begins. A number: the bytes, from the token's first on, without which it cannot be read. */
type Token = { reply: Reply; end: number } | { open: number; end: number } | "line" | number;

/**
 * Takes bytes as they come and hands out replies. Each byte is looked at once or twice, however small the pieces are
 * in which a server sends them: else a megabyte in pieces of four bytes would take minutes, deadline or not.
 */
export class ReplyReader {
  /** What came and could not be read yet, from the first byte of a token on; joined only when there is enough. */
  #chunks: Buffer[] = [];
  #held = 0;
  /** What is missing: the end of a line, or that many bytes in all. */
  #awaited: "line" | number = "line";
  #open: OpenList[] = [];
  /** Bytes of the reply under way that were read already. */
  #read = 0;

  /** Hands out the replies that are now complete, also those before a nonsense. @throws FramingError */
  *read(chunk: Buffer): Generator<Reply> {
    const isFirst = this.#chunks.length === 0;
    const isNews = isFirst || this.#completes(chunk);
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (isNews) yield* this.#replies();
    if (this.#read + this.#held > MAX_REPLY_BYTES)
      throw new FramingError("a reply of more than 1 MB", Buffer.concat(this.#chunks));
  }

  #completes(chunk: Buffer): boolean {
    if (this.#awaited !== "line") return this.#held + chunk.length >= this.#awaited;
    const split = this.#chunks.at(-1)?.at(-1) === CR && chunk[0] === LF;
    return split || chunk.includes("\r\n");
  }

  *#replies(): Generator<Reply> {
    let bytes =
      this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    while (bytes.length > 0) {
      const token = tokenIn(bytes, this.#open.length);
      if (typeof token !== "object") {
        this.#awaited = token;
        break;
      }
      bytes = bytes.subarray(token.end);
      this.#read += token.end;
      const reply = this.#placed(token);
      if (reply === undefined) continue;
      this.#read = 0;
      yield reply;
    }
    this.#chunks = bytes.length === 0 ? [] : [bytes];
    this.#held = bytes.length;
  }

  /** @returns a whole reply, once all of its lists have their items */
  #placed(token: { reply: Reply } | { open: number }): Reply | undefined {
    if ("open" in token) {
      this.#open.push({ items: [], size: token.open });
      return undefined;
    }
    let { reply } = token;
    for (let list = this.#open.at(-1); list !== undefined; list = this.#open.at(-1)) {
      list.items.push(reply);
      if (list.items.length < list.size) return undefined;
      reply = list.items;
      this.#open.pop();
    }
    return reply;
  }
}

const [CR, LF] = [0x0d, 0x0a];

/** @param depth of the lists around it @throws FramingError */
function tokenIn(bytes: Buffer, depth: number): Token {
  const parse = TYPES[String.fromCharCode(bytes[0] ?? 0)];
  if (parse === undefined || depth > MAX_DEPTH) throw nonsense(bytes);
  const lineEnd = bytes.indexOf("\r\n");
  if (lineEnd === -1) return "line";
  return parse(bytes.toString("utf8", 1, lineEnd), bytes, lineEnd + 2);
}

function nonsense(bytes: Buffer): FramingError {
  return new FramingError("no reply of Redis", bytes);
}

/** @param line without its type and its end @param start where the bytes after the line start @throws FramingError */
type Parse = (line: string, bytes: Buffer, start: number) => Token;

const TYPES: Readonly<Record<string, Parse>> = {
  "+": (line, _bytes, end) => ({ reply: line, end }),
  "-": (line, _bytes, end) => ({ reply: new ReplyError(line), end }),
  ":": (line, bytes, end) => {
    if (!/^-?\d{1,19}$/.test(line)) throw nonsense(bytes);
    return { reply: Number(line), end };
  },
  $: (line, bytes, start) => {
    if (line === "-1") return { reply: null, end: start };
    if (!/^\d{1,19}$/.test(line) || Number(line) > MAX_REPLY_BYTES) throw nonsense(bytes);
    const end = start + Number(line);
    if (bytes.length < end + 2) return end + 2;
    if (bytes[end] !== CR || bytes[end + 1] !== LF) throw nonsense(bytes);
    return { reply: bytes.toString("utf8", start, end), end: end + 2 };
  },
  "*": (line, bytes, end) => {
    if (line === "-1") return { reply: null, end };
    if (!/^\d{1,7}$/.test(line) || Number(line) > MAX_REPLY_BYTES) throw nonsense(bytes);
    const size = Number(line);
    return size === 0 ? { reply: [], end } : { open: size, end };
  },
};
