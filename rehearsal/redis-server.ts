/** Real redis-servers for tests: each on a free port of 127.0.0.1, in a folder of its own, gone after `stop`. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";
import type { Target } from "../check/target.ts";
import { startGuard } from "../toolchain/child.ts";
import { freePort } from "./ports.ts";

export interface RedisOptions {
  /** The program; the `redis-server` on PATH when absent. */
  bin?: string;
  /** It and its folder end with this process, even by SIGKILL, and a terminal's Ctrl-C does not reach it. */
  guarded?: boolean;
  /** Of the default user. */
  password?: string;
  /** ACL users as in `ACL SETUSER`: `app on >secret ~* +@all`. */
  users?: readonly string[];
  /** Paths of PEM files: the server then speaks TLS, and only TLS, on its port. */
  tls?: { cert: string; key: string; ca: string; clientCertificates?: boolean };
  /** Further arguments, as on the command line. They come last, so they win. */
  args?: readonly string[];
  port?: number;
  /** A folder with the data of an earlier server; it is not removed. */
  folder?: string;
  /** The line of its log after which the server counts as started. */
  startedAt?: RegExp;
}

export interface TestRedis {
  port: number;
  pid: number;
  /** For the check, without a password. */
  target: Target;
  folder: string;
  /** A command of the administrator, over a socket that needs no TLS. */
  call(command: string, ...args: string[]): Promise<unknown>;
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

const READY = /Ready to accept connections/;
/** Another user may take a free port before the server does. */
const ATTEMPTS = 3;

export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), "redis-")));
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const server = startServer(options, folder, await argumentsFor(options, port, folder));
    try {
      await logged(server, options.startedAt ?? READY);
      return handle(server, port, folder, options);
    } catch (error) {
      if (attempt === ATTEMPTS || !/already in use/.test(String(error))) throw error;
    }
  }
}

function startServer(
  { bin = "redis-server", guarded = false }: RedisOptions,
  folder: string,
  args: string[],
): ChildProcess {
  if (!guarded) return spawn(bin, args);
  const guard = startGuard();
  const server = spawn(bin, args, { detached: process.platform !== "win32" });
  guard.watch(server, folder);
  server.on("exit", () => guard.release());
  return server;
}

async function argumentsFor(options: RedisOptions, port: number, folder: string): Promise<string[]> {
  const { password, users = [], tls, args = [] } = options;
  const ports = tls ? ["--port", "0", "--tls-port", String(port)] : ["--port", String(port)];
  return [
    ...ports,
    ...["--bind", "127.0.0.1", "--dir", folder, "--save", "", "--unixsocket", join(folder, "socket")],
    ...(tls ? ["--tls-cert-file", tls.cert, "--tls-key-file", tls.key, "--tls-ca-cert-file", tls.ca] : []),
    ...(tls ? ["--tls-auth-clients", tls.clientCertificates ? "yes" : "no"] : []),
    ...(password === undefined ? [] : ["--requirepass", password]),
    ...users.flatMap((user) => ["--user", ...user.split(" ")]),
    ...args,
  ];
}

/** @throws Error with the log, where the server ends before that */
async function logged(server: ChildProcess, line: RegExp): Promise<void> {
  const log: string[] = [];
  const started = Promise.withResolvers<void>();
  server.on("error", started.reject);
  // Not "exit": what it said last may still be on its way, and shows whether another port helps.
  server.on("close", () => started.reject(new Error(`redis-server ended:\n${log.join("\n")}`)));
  for (const stream of [server.stdout, server.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (text) => {
      log.push(text);
      if (line.test(text)) started.resolve();
    });
  }
  await started.promise;
}

function handle(server: ChildProcess, port: number, folder: string, options: RedisOptions): TestRedis {
  const { pid = 0 } = server;
  return {
    port,
    pid,
    folder,
    target: { host: "127.0.0.1", port, tls: options.tls !== undefined, db: 0 },
    async call(command, ...args) {
      const path = join(folder, "socket");
      const password = options.password === undefined ? {} : { password: options.password };
      const admin = new Redis({ path, ...password, retryStrategy: () => null, enableReadyCheck: false });
      admin.on("error", () => {});
      try {
        return await admin.call(command, args);
      } finally {
        admin.disconnect();
      }
    },
    signal: (signal) => server.kill(signal),
    async stop() {
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, "exit");
        server.kill("SIGKILL");
        await ended;
      }
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
