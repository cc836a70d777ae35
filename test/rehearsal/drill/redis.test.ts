import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FaultName } from "../../../rehearsal/drill/faults.ts";
import { DrillRedis } from "../../../rehearsal/drill/redis.ts";
import { encodeCommand, FrameSplitter } from "../../../rehearsal/drill/resp.ts";

let redis: DrillRedis;
beforeAll(async () => {
  redis = await DrillRedis.start("redis-server");
});
afterAll(() => redis.stop());

/** A client that sends commands and collects the replies, whatever they are. */
class Client {
  readonly socket: Socket = connect(redis.target.port, "127.0.0.1");
  readonly #splitter = new FrameSplitter();
  readonly replies: string[] = [];
  bytes = "";

  constructor() {
    this.socket.on("data", (chunk: Buffer) => {
      this.bytes += chunk;
      for (const frame of this.#splitter.push(chunk)) this.replies.push(frame.toString().trim());
    });
  }

  /** Resolves with the code of the error that ended it, if one did. */
  readonly closed = new Promise<string | undefined>((resolve) => {
    let code: string | undefined;
    this.socket.once("error", (error: NodeJS.ErrnoException) => {
      code = error.code;
    });
    this.socket.once("close", () => resolve(code));
  });

  send(...words: string[]): void {
    this.socket.write(encodeCommand(...words));
  }

  async ask(...words: string[]): Promise<string | undefined> {
    const count = this.replies.length;
    this.send(...words);
    while (this.replies.length === count && !this.socket.closed)
      await Promise.race([once(this.socket, "data"), this.closed]);
    return this.replies.at(-1);
  }
}

async function during<T>(fault: FaultName, work: () => Promise<T>): Promise<T> {
  const end = await redis.begin(fault);
  try {
    return await work();
  } finally {
    await end();
  }
}

async function worksAgain(): Promise<void> {
  const client = new Client();
  expect(await client.ask("AUTH", redis.password)).toBe("+OK");
  expect(await client.ask("SET", "k", "v")).toBe("+OK");
  client.socket.destroy();
}

describe("a Redis under drill", () => {
  it("serves clients that sign in, and those that were written for a Redis without a password", async () => {
    await worksAgain();
    expect(await new Client().ask("PING")).toBe("+PONG");
    expect(await new Client().ask("AUTH", "wrong")).toMatch(/^-WRONGPASS/);
  });

  it.each<[FaultName, string[], RegExp]>([
    ["full", ["SET", "k", "v"], /^-OOM/],
    ["readonly", ["SET", "k", "v"], /^-READONLY/],
    ["loading", ["GET", "k"], /^-LOADING/],
    ["quota", ["GET", "k"], /^-ERR max daily request limit exceeded/],
    ["wrong-password", ["GET", "k"], /^-NOAUTH/],
  ])("%s: answers %j with its error, and works afterwards", async (fault, command, reply) => {
    await during(fault, async () => {
      expect(await new Client().ask(...command)).toMatch(reply);
      if (fault === "wrong-password")
        expect(await new Client().ask("AUTH", redis.password)).toMatch(/^-WRONGPASS/);
    });
    await worksAgain();
  });

  it.each<FaultName>(["full", "readonly"])("%s: still reads, but has no values of before", async (fault) => {
    await worksAgain();
    await during(fault, async () => expect(await new Client().ask("GET", "k")).toBe("$-1"));
  });

  it("loading: says so in INFO, as clients read it that wait for it", async () => {
    await during("loading", async () => expect(await new Client().ask("INFO")).toContain("loading:1"));
  });

  it.each<FaultName>(["down", "flap", "start-without"])(
    "%s: refuses connections, and takes them again",
    async (fault) => {
      const open = new Client();
      await open.ask("PING");
      await during(fault, async () => {
        await open.closed;
        expect(await new Client().closed).toBe("ECONNREFUSED");
      });
      await worksAgain();
    },
  );

  it("drop: resets the connections, and takes new ones at once", async () => {
    const open = new Client();
    await open.ask("PING");
    await during("drop", async () => {
      expect(await open.closed).toBe("ECONNRESET");
      expect(await new Client().ask("PING")).toBe("+PONG");
    });
  });

  it("hang: takes connections and commands, answers none, and then all of them in order", async () => {
    const client = new Client();
    await client.ask("SET", "n", "0");
    await during("hang", async () => {
      for (let count = 0; count < 3; count += 1) client.send("INCR", "n");
      const other = new Client();
      await once(other.socket, "connect");
      client.send("PING");
      expect(client.replies).toEqual(["+OK"]);
    });
    await client.ask("ECHO", "last");
    while (client.replies.length < 6) await once(client.socket, "data");
    expect(client.replies).toEqual(["+OK", ":1", ":2", ":3", "+PONG", "$4\r\nlast"]);
  });

  it("slow: answers each command 300 ms late, also several at once", async () => {
    const client = new Client();
    await client.ask("PING");
    await during("slow", async () => {
      const startedMs = performance.now();
      client.send("INCR", "m");
      await client.ask("INCR", "m");
      while (client.replies.length < 3) await once(client.socket, "data");
      expect(performance.now() - startedMs).toBeGreaterThanOrEqual(299);
    });
    expect(client.replies).toEqual(["+PONG", ":1", ":2"]);
  });

  it("garbage: answers with a web page, and cuts those who heard it", async () => {
    const client = new Client();
    await client.ask("PING");
    await during("garbage", async () => {
      client.send("GET", "k");
      await once(client.socket, "data");
      expect(client.bytes).toContain("HTTP/1.1 400 Bad Request");
    });
    await client.closed;
    await worksAgain();
  });
});
