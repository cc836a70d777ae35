/** Keeping a rehearsal on this machine, and ending it: with real processes, since only those show it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../../base/paths.ts";
import { startSweeper } from "../../../rehearsal/scenario/guarded.ts";
import { watchAttempts } from "../../../rehearsal/scenario/isolation.ts";
import { startConnectProxy } from "../../../rehearsal/upstash/proxy.ts";
import { processesWith } from "../../support/processes.ts";

const HOOK = join(PROJECT_ROOT, "rehearsal", "scenario", "loopback-only.cjs");
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "isolation-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs code under the hook. @returns what it printed */
async function hooked(code: string): Promise<string> {
  const env = { ...process.env, PROPIQ_REHEARSAL_ATTEMPTS: join(folder, "attempts") };
  const child = spawn(process.execPath, ["--require", HOOK, "--eval", code], { env });
  const output = (await child.stdout.toArray()).join("");
  await once(child, "exit").catch(() => {});
  return output;
}
const attempts = () => readFile(join(folder, "attempts"), "utf8").catch(() => "");

describe("a program of ours", () => {
  it.each([
    [
      "a socket",
      'require("net").connect(443, "192.0.2.1").on("error", (e) => console.log(e.code))',
      "192.0.2.1:443",
    ],
    [
      "a name",
      'require("net").connect({ host: "example.com", port: 80 }).on("error", (e) => console.log(e.code))',
      "example.com:80",
    ],
    ["fetch", 'fetch("https://example.com/").catch((e) => console.log(e.cause.code))', "example.com:443"],
    [
      "TLS",
      'require("tls").connect(6380, "192.0.2.1").on("error", (e) => console.log(e.code))',
      "192.0.2.1:6380",
    ],
  ])("is refused a connection to another machine by %s, which is written down", async (_, code, where) => {
    expect(await hooked(code)).toBe("ECONNREFUSED\n");
    expect(await attempts()).toBe(`${where}\n`);
  });

  it("connects to this machine, by address, by name and by file", async () => {
    const code = `
      const { createServer, connect } = require("net");
      const server = createServer((socket) => socket.end("hi")).listen(0, "127.0.0.1", async () => {
        const { port } = server.address();
        for (const to of [{ port, host: "127.0.0.1" }, { port, host: "localhost", family: 4 }])
          await new Promise((done) => connect(to).on("data", (data) => console.log(String(data))).on("close", done));
        server.close();
      });`;
    expect(await hooked(code)).toBe("hi\nhi\n");
    expect(await attempts()).toBe("");
  });
});

describe("the watch", () => {
  it("reports each attempt once: of our programs, and of those that use the proxy", async () => {
    const file = join(folder, "attempts");
    const proxy = await startConnectProxy({});
    const watch = watchAttempts("proxy", file, proxy.refused);
    expect(await watch.attempts()).toEqual([]);
    await writeFile(file, "example.com:443\n");
    await fetch(`${proxy.url}/`, { headers: { host: "plain.example.com" } });
    expect(await watch.attempts()).toEqual(["example.com:443", "/"]);
    expect(await watch.attempts()).toEqual([]);
    await proxy.stop();
  });
});

describe("the sweeper", () => {
  it("ends all processes of the rehearsal and removes its folder, whichever process started them", async () => {
    const marker = `propiq-test-${process.pid}`;
    const sweeper = startSweeper(marker, folder);
    sweeper.guard(undefined);
    const env = { ...process.env, PROPIQ_REHEARSAL: marker };
    // The second one is nobody's child any more, and has cleared its environment, as a Redis server has.
    const first = spawn("sh", ["-c", "sleep 60 & env -i sleep 60 & wait"], {
      env,
      detached: true,
      cwd: folder,
    });
    await expect.poll(() => processesWith("PROPIQ_REHEARSAL", marker)).not.toEqual([]);
    const ended = once(first, "exit");
    await sweeper.sweep();
    await ended;
    expect(await processesWith("PROPIQ_REHEARSAL", marker)).toEqual([]);
    expect(existsSync(folder)).toBe(false);
  });
});
