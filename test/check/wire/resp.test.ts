import { describe, expect, it } from "vitest";
import {
  encodeCommand,
  FramingError,
  MAX_REPLY_BYTES,
  type Reply,
  ReplyError,
  ReplyReader,
} from "../../../check/wire/resp.ts";
import { cpuMsOf } from "../../support/cpu-time.ts";
import { seeded } from "../../support/random.ts";

function isReply(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isReply);
  return value === null || ["string", "number"].includes(typeof value) || value instanceof ReplyError;
}
const read = (text: string) => [...new ReplyReader().read(Buffer.from(text))];

describe("replies", () => {
  it.each<[string, Reply]>([
    ["+PONG\r\n", "PONG"],
    ["-ERR no\r\n", new ReplyError("ERR no")],
    [":-12\r\n", -12],
    ["$5\r\nGr\u00fc\u0021\r\n", "Grü!"],
    ["$0\r\n\r\n", ""],
    ["$-1\r\n", null],
    ["*2\r\n$1\r\n0\r\n*2\r\n$1\r\na\r\n:1\r\n", ["0", ["a", 1]]],
    ["*0\r\n", []],
    ["*-1\r\n", null],
  ])("%j is read", (bytes, reply) => {
    expect(read(bytes)).toEqual([reply]);
  });

  it("are returned one by one, however the bytes are split", () => {
    const bytes = Buffer.from("+OK\r\n$8\r\na\r\nb 世\r\n:3\r\n$-1\r\n*2\r\n:1\r\n$2\r\nab\r\n-ERR x\r\n");
    for (let first = 0; first <= bytes.length; first++) {
      const reader = new ReplyReader();
      const replies = [...reader.read(bytes.subarray(0, first)), ...reader.read(bytes.subarray(first))];
      expect(replies).toEqual(["OK", "a\r\nb 世", 3, null, [1, "ab"], new ReplyError("ERR x")]);
    }
  });

  it.each([
    "HTTP/1.1 400 Bad Request\r\n",
    "*x\r\n",
    "*1\r\n>1\r\n",
    "*99999999\r\n",
    "*1\r\n".repeat(6),
    ">1\r\n_\r\n",
    ":x\r\n",
    ":1e3\r\n",
    "$-2\r\n",
    "$x\r\n",
    "$3\r\nabcd\r\n",
    `$${MAX_REPLY_BYTES + 1}\r\n`,
    "+".padEnd(MAX_REPLY_BYTES + 2, "x"),
  ])("are not made of nonsense (%#)", (bytes) => {
    expect(() => read(bytes)).toThrow(FramingError);
  });

  it("are handed out up to the nonsense behind them", () => {
    const replies: Reply[] = [];
    const read = () => {
      for (const reply of new ReplyReader().read(Buffer.from("+OK\r\n:1\r\nHTTP/1.1"))) replies.push(reply);
    };
    expect(read).toThrow(FramingError);
    expect(replies).toEqual(["OK", 1]);
  });

  it.each([
    ["a list of many items", "*200000\r\n", ":1\r\n"],
    ["lists in a list", "*200000\r\n", "*0\r\n"],
    ["a text that comes letter by letter", "$900000\r\n", "x\r\n"],
    ["a line that does not end", "+", "x\n\ry"],
  ])("take the same time in small pieces: %s", (_what, first, piece) => {
    const reader = new ReplyReader();
    const bytes = Buffer.from(piece);
    const tookMs = cpuMsOf(() => {
      for (const _ of reader.read(Buffer.from(first)));
      for (let count = 0; count < 190_000; count++) for (const _ of reader.read(bytes));
    });
    expect(tookMs).toBeLessThan(3000);
  });

  it("are nonsense above 1 MB, also where each of their items is small", () => {
    const reader = new ReplyReader();
    const items = Buffer.from(":1234567890\r\n".repeat(5000));
    for (const _ of reader.read(Buffer.from("*100000\r\n")));
    expect(() => {
      for (let count = 0; count < 18; count++) for (const _ of reader.read(items));
    }).toThrow(/more than 1 MB/);
  });

  it("of an empty list in a list, whatever way its size is written, end it", () => {
    expect(read("*2\r\n*00\r\n*0\r\n+a\r\n")).toEqual([[[], []], "a"]);
  });

  it("never come of random bytes in any other way than as a reply or as nonsense", () => {
    const random = seeded(20261123);
    const alphabet = [
      "+",
      "-",
      ":",
      "$",
      "*",
      ">",
      "_",
      "1",
      "9",
      "-1",
      "\r\n",
      "\r",
      "\n",
      "OK",
      "\u0000",
      "é",
    ];
    for (let round = 0; round < 10_000; round++) {
      const length = Math.floor(random() * 12);
      const text = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
      try {
        for (const reply of read(text)) expect(isReply(reply)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(FramingError);
      }
    }
  });
});

it("a command is sent as an array of texts, its sizes in bytes", () => {
  expect(encodeCommand(["SET", "é", ""])).toBe("*3\r\n$3\r\nSET\r\n$2\r\né\r\n$0\r\n\r\n");
});
