import { expect, it } from "vitest";
import {
  commandName,
  encodeBulk,
  encodeCommand,
  FrameSplitter,
  isPush,
} from "../../../rehearsal/drill/resp.ts";

const VALUES = [
  "+OK\r\n",
  "-ERR no\r\n",
  ":42\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "$0\r\n\r\n",
  encodeBulk("a\r\nb"),
  "*2\r\n$1\r\na\r\n*1\r\n:1\r\n",
  "*0\r\n",
  "%1\r\n+key\r\n$5\r\nvalue\r\n",
  "~2\r\n:1\r\n:2\r\n",
  ">2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n",
  "|1\r\n+ttl\r\n:3600\r\n$1\r\nv\r\n",
  "=7\r\ntxt:abc\r\n",
  "_\r\n",
  "#t\r\n",
  ",1.5\r\n",
];

it.each([1, 2, 3, 7, 1000])("hands out whole values of a stream that comes in pieces of %d bytes", (size) => {
  const stream = Buffer.from(VALUES.join(""));
  const splitter = new FrameSplitter();
  const frames: string[] = [];
  for (let at = 0; at < stream.length; at += size) {
    for (const frame of splitter.push(stream.subarray(at, at + size))) frames.push(frame.toString());
  }
  expect(frames).toEqual(VALUES);
});

it("knows the name of a command, written as a list or as a line", () => {
  expect(commandName(Buffer.from(encodeCommand("get", "key")))).toBe("GET");
  expect(commandName(Buffer.from("ping now\r\n"))).toBe("PING");
  expect(commandName(Buffer.from("*0\r\n"))).toBe("");
});

it("distinguishes a message that answers no command from a reply", () => {
  expect(isPush(Buffer.from(">1\r\n+x\r\n"))).toBe(true);
  expect(isPush(Buffer.from("*1\r\n+x\r\n"))).toBe(false);
});
