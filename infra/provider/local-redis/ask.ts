/** A command to a Redis of this machine, answered within a second or not at all. */
import { openTcp } from "../../../check/connect/sockets.ts";
import { Connection } from "../../../check/wire/connection.ts";
import { ReplyError } from "../../../check/wire/resp.ts";

const HOST = "127.0.0.1";
const ANSWER_MS = 1000;

/** What a Redis said: its text, or the words of its refusal. */
export type Answer = { text: string } | { refusal: string };

export interface Door {
  port: number;
  /** Absent where the server has none. */
  password?: string | undefined;
}

/** @throws Fault when nothing answers, or not as a Redis does */
export async function ask(
  { port, password }: Door,
  ...command: [name: string, ...args: string[]]
): Promise<Answer> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  const { socket } = await openTcp({ host: HOST, port, addresses: [{ address: HOST, family: 4 }] }, signal);
  const connection = new Connection(socket, { commands: 0 }, signal);
  try {
    if (password !== undefined) {
      const [signedIn] = await connection.exchange(["AUTH", password]);
      if (signedIn instanceof ReplyError) return { refusal: signedIn.text };
    }
    const [reply] = await connection.exchange(command);
    return reply instanceof ReplyError ? { refusal: reply.text } : { text: String(reply) };
  } finally {
    connection.close();
  }
}
