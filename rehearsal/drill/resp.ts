/** RESP 2 and 3 as a proxy needs it: where a value ends in a stream of bytes, and which command it is. */

const CRLF = "\r\n";

/** Collects bytes and hands out whole values: commands of a client, or replies of a server. */
export class FrameSplitter {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const frames: Buffer[] = [];
    let start = 0;
    for (let end = frameEnd(this.#bytes, 0); end !== INCOMPLETE; end = frameEnd(this.#bytes, start)) {
      frames.push(this.#bytes.subarray(start, end));
      start = end;
    }
    this.#bytes = this.#bytes.subarray(start);
    return frames;
  }
}

const INCOMPLETE = -1;

/** The index behind the value that begins at `at`. A line of unknown type is a value: it may be an inline command. */
function frameEnd(bytes: Buffer, at: number): number {
  const lineEnd = bytes.indexOf(CRLF, at);
  if (lineEnd === -1) return INCOMPLETE;
  const next = lineEnd + CRLF.length;
  const count = () => Number(bytes.toString("latin1", at + 1, lineEnd));
  switch (String.fromCharCode(bytes[at] ?? 0)) {
    case "$":
    case "=":
    case "!":
      return blobEnd(bytes, next, count());
    case "*":
    case "~":
    case ">":
      return listEnd(bytes, next, count());
    case "%":
      return listEnd(bytes, next, 2 * count());
    // An attribute stands before the value that it describes.
    case "|":
      return listEnd(bytes, next, 2 * count() + 1);
    default:
      return next;
  }
}

function blobEnd(bytes: Buffer, start: number, length: number): number {
  // Not below 0, which is null, and not NaN.
  if (!(length >= 0)) return start;
  const end = start + length + CRLF.length;
  return end <= bytes.length ? end : INCOMPLETE;
}

function listEnd(bytes: Buffer, start: number, count: number): number {
  let at = start;
  for (let left = count; left > 0; left -= 1) {
    at = frameEnd(bytes, at);
    if (at === INCOMPLETE) return INCOMPLETE;
  }
  return at;
}

/** A message of the server that answers no command (RESP3). */
export function isPush(frame: Buffer): boolean {
  return frame[0] === ">".charCodeAt(0);
}

/** The name of a command in capitals. */
export function commandName(frame: Buffer): string {
  const text = frame.toString("latin1", 0, 200);
  const [, name = ""] = text.startsWith("*")
    ? (/^\*\d+\r\n\$\d+\r\n([^\r]*)\r\n/.exec(text) ?? [])
    : (/^\s*(\S*)/.exec(text) ?? []);
  return name.toUpperCase();
}

export function encodeCommand(...words: readonly string[]): string {
  return `*${words.length}${CRLF}${words.map(encodeBulk).join("")}`;
}

export function encodeBulk(text: string): string {
  return `$${Buffer.byteLength(text)}${CRLF}${text}${CRLF}`;
}

export function encodeError(text: string): string {
  return `-${text}${CRLF}`;
}
