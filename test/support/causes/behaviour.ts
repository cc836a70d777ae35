/** A server that answers, and yet is not well. */
import { Redis } from "ioredis";
import { integer } from "../resp-server.ts";
import type { Cause } from "./cause.ts";

export const BEHAVIOUR_CAUSES: readonly Cause[] = [
  {
    code: "TTL_NOT_KEPT",
    when: "what is written never goes",
    make: through((text) => text.replace(/:(60000|59\d{3})\r/, ":-1\r")),
  },
  {
    code: "VALUE_CHANGED",
    when: "something takes all bytes for ASCII",
    make: through((text) => text.replace(/[\x80-\xff]/g, "?")),
  },
  {
    code: "VALUE_CHANGED",
    when: "what is removed is still there",
    make: ({ resp }) => resp({ EXISTS: integer(1) }),
  },
  {
    code: "EVICTION_OFF",
    when: "a limit is set, and nothing is evicted",
    status: "warn",
    async make({ redis, at }) {
      const server = await redis({ args: ["--maxmemory", "100mb", "--maxmemory-policy", "noeviction"] });
      return { env: at(server.port), redis: server };
    },
  },
  {
    code: "MEMORY_HIGH",
    when: "80% of the limit are used",
    status: "warn",
    async make({ redis, at }) {
      const server = await redis({ args: ["--maxmemory", "20mb", "--maxmemory-policy", "allkeys-lru"] });
      await server.call("SETRANGE", "filling", "16000000", "x");
      return { env: at(server.port), redis: server };
    },
  },
  {
    code: "HIT_RATE_LOW",
    when: "most look-ups find nothing",
    status: "warn",
    async make({ redis, at, password }) {
      const server = await redis();
      const client = new Redis({ port: server.port, password });
      await Promise.all(Array.from({ length: 150 }, (_, key) => client.get(`missing:${key}`)));
      client.disconnect();
      return { env: at(server.port), redis: server };
    },
  },
  {
    code: "RESPONSE_SLOW",
    when: "connecting is quick and answers are late",
    status: "warn",
    async make({ redis, proxy, at }) {
      const server = await redis();
      // Well over the 100 ms: what connecting took, also on a busy machine, is taken off.
      const { port } = await proxy({ to: server.port, delayMs: 200 });
      return { env: at(port), redis: server };
    },
  },
  {
    code: "TOO_FEW_REQUESTS",
    when: "the cache was only just started",
    status: "skip",
    async make({ redis, at }) {
      const server = await redis();
      return { env: at(server.port), redis: server };
    },
  },
];

/** Something between here and a real server changes what it says. */
function through(change: (latin1: string) => string): Cause["make"] {
  return async ({ redis, proxy, at }) => {
    const server = await redis();
    const reply = (bytes: Buffer) => Buffer.from(change(bytes.toString("latin1")), "latin1");
    const { port } = await proxy({ to: server.port, reply });
    return { env: at(port), redis: server };
  };
}
