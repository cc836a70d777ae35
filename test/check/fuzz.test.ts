/** Servers that answer anything: 10,000 random and mutated replies, the same each time. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkCache } from "../../check/check.ts";
import { reportSet } from "../../check/report-set.ts";
import { seeded } from "../support/random.ts";
import { bulk, integer, simple } from "../support/resp-server.ts";

const REPLIES = 10_000;
const AT_ONCE = 100;
const DEADLINE_MS = 400;
const random = seeded(20261124);
const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;

/** Good replies, bad ones, and peers that are not Redis. */
const PIECES = [
  ...[
    "+OK\r\n",
    "+PONG\r\n",
    "$-1\r\n",
    "*-1\r\n",
    ":0\r\n",
    ":-1\r\n",
    "-ERR x\r\n",
    "-LOADING\r\n",
    "-MOVED 1 h:1\r\n",
  ],
  ...[
    "*1\r\n",
    "*2\r\n$1\r\n0\r\n*0\r\n",
    "$5\r\nab",
    "$99999999999\r\n",
    "*9999999\r\n",
    "%1\r\n",
    "_\r\n",
    ">1\r\n",
    ",1.5\r\n",
  ],
  ...[
    "\r\n",
    "\r",
    "\n",
    "\0",
    "\u0015\u0003\u0001\0\u0002\u0002F",
    "HTTP/1.1 200 OK\r\n\r\n",
    "\u001b[31m::error::",
    "é",
  ],
  "$20000\r\n".padEnd(20_008, "used_memory:9e9\r\n"),
];
const INFO =
  "# Server\r\nredis_version:7.4.0\r\nused_memory:1000\r\nmaxmemory:0\r\nkeyspace_hits:200\r\nkeyspace_misses:10\r\n";

let sent = 0;
/** What a Redis would say, or nearly. */
function replyTo(commands: string, values: Map<string, string>): Buffer {
  const [, key = "", value = ""] =
    /propiq[\s\S]*?check:([0-9a-f-]+)\r\n\$\d+\r\n([\s\S]*?)\r\n\$2\r\nPX/.exec(commands) ?? [];
  if (key !== "") values.set("it", value);
  const names = commands.match(/\b(AUTH|SELECT|PING|INFO|SET|GET|PTTL|DEL|EXISTS|CLUSTER)\b/g) ?? [];
  const good: Record<string, string> = {
    ...{ AUTH: simple("OK"), SELECT: simple("OK"), PING: simple("PONG"), SET: simple("OK") },
    ...{ INFO: bulk(INFO), GET: bulk(values.get("it") ?? null), PTTL: integer(59_990), DEL: integer(1) },
    ...{ EXISTS: integer(0), CLUSTER: bulk("cluster_size:1\r\n") },
  };
  sent += names.length;
  return mutated(Buffer.from(names.map((name) => good[name]).join("")));
}

/** False while it is shown that what is mutated is well without it. */
let mutates = false;

function mutated(bytes: Buffer): Buffer {
  if (!mutates || random() < 0.45) return bytes;
  if (random() < 0.2)
    return Buffer.from(Array.from({ length: 1 + random() * 4 }, () => pick(PIECES)).join(""));
  const at = Math.floor(random() * (bytes.length + 1));
  const length = Math.floor(random() * 8);
  return pick([
    () => bytes.subarray(0, at),
    () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
    () => Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(PIECES)), bytes.subarray(at)]),
    () => Buffer.concat([bytes, bytes.subarray(at)]),
    () =>
      Buffer.from(bytes.map((byte, index) => (index === at ? byte ^ (1 << Math.floor(random() * 8)) : byte))),
  ])();
}

const sockets = new Set<Socket>();
const server = createServer((socket) => {
  const values = new Map<string, string>();
  sockets.add(socket);
  socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  socket.on("data", (bytes) => {
    const reply = replyTo(bytes.toString(), values);
    const end = mutates ? random() : 0.5;
    if (end < 0.02) socket.resetAndDestroy();
    else if (end < 0.05) socket.end(reply);
    else if (end < 0.97) socket.write(reply);
  });
});
const lost: unknown[] = [];
const lose = (reason: unknown) => void lost.push(reason);
beforeAll(async () => {
  process.on("unhandledRejection", lose);
  process.on("uncaughtException", lose);
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  process.off("unhandledRejection", lose);
  process.off("uncaughtException", lose);
  for (const socket of sockets) socket.destroy();
  server.close();
});

it("always end in a report in time, whatever they say: no hang, nothing unhandled", {
  timeout: 300_000,
}, async () => {
  const schema: unknown = JSON.parse(await readFile("docs/report.schema.json", "utf8"));
  const isReport = new Ajv2020({ strict: false, validateFormats: false }).compile(schema as object);
  const { port } = server.address() as AddressInfo;
  const checkWithin = async (deadlineMs: number) => {
    const target = { host: "127.0.0.1", port, tls: false, db: pick([0, 3]), password: "s3cret-0815" };
    return await checkCache({ enabled: true, target }, { deadlineMs, samples: 3 });
  };
  expect((await checkWithin(60_000)).verdict).toBe("healthy");
  mutates = true;
  let failed = 0;
  const check = async () => {
    const report = await checkWithin(DEADLINE_MS);
    if (report.verdict === "failed") failed += 1;
    expect(isReport(reportSet([report], new Date())), JSON.stringify(isReport.errors)).toBe(true);
    const text = JSON.stringify(report);
    expect(text).not.toMatch(/s3cret|undefined|\[object|null/);
    return report.durationMs;
  };
  while (sent < REPLIES) {
    const times = await Promise.all(Array.from({ length: AT_ONCE }, check));
    // A busy machine is late. A hang would be as long as the test.
    expect(Math.max(...times)).toBeLessThan(DEADLINE_MS + 10_000);
  }
  expect(lost).toEqual([]);
  expect(failed).toBeGreaterThan(500);
});
