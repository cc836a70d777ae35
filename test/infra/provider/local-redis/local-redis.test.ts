import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ask as askServer } from "../../../../infra/provider/local-redis/ask.ts";
import { freePort } from "../../../../rehearsal/ports.ts";
import { runningProcesses } from "../../../../toolchain/processes.ts";
import { ask } from "../../../support/ask.ts";
import { type ProviderUnderTest, startProvider } from "../../../support/provider.ts";

const TYPE = "propiq:index:LocalRedis";

let provider: ProviderUnderTest;
let folder: string;
let port: number;
beforeEach(async () => {
  // Canaries that a shell may hold: none of them may show in the server's own environment.
  provider = await startProvider({
    ...process.env,
    UPSTASH_API_KEY: "canary-7f3a",
    PULUMI_CONFIG_PASSPHRASE: "canary-7f3b",
  });
  folder = await mkdtemp(join(tmpdir(), "propiq-redis-"));
  port = await freePort();
});
afterEach(async () => {
  await provider.delete(TYPE, "x", { values: { folder, port, maxMemoryMb: 10 }, secrets: new Set() });
  await provider.stop();
  await rm(folder, { recursive: true, force: true });
});

const inputs = () => ({ folder, port, maxMemoryMb: 10 });
const redis = (name: string, ...args: string[]) => ask(port, name, ...args);
const pidOf = async () => Number(await readFile(join(folder, "redis.pid"), "utf8"));

describe("LocalRedis", () => {
  it("starts a server that forgets the least used at its limit and listens to this machine only", async () => {
    const { state } = await provider.create(TYPE, inputs());
    expect(state.values).toMatchObject({
      host: "127.0.0.1",
      port,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
    expect(await redis("CONFIG", "GET", "maxmemory")).toEqual(["maxmemory", String(10 * 1024 * 1024)]);
    expect(await redis("CONFIG", "GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "allkeys-lru"]);
    expect(await redis("CONFIG", "GET", "bind")).toEqual(["bind", "127.0.0.1"]);
    expect(provider.logged.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^starting (redis|valkey)-server/),
    );
  });

  it("continues when the provider ends, and shows nothing of the shell that started it", async () => {
    await provider.create(TYPE, inputs());
    await provider.stop();
    expect(await redis("PING")).toBe("PONG");
    const pid = await pidOf();
    const environment = await readFile(`/proc/${pid}/environ`, "utf8");
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
    expect(environment + command).not.toContain("canary");
    const files = await readdir(`/proc/${pid}/fd`);
    expect(files.length).toBeGreaterThan(0);
    provider = await startProvider();
  });

  it("takes over a server that an update started and could not record", async () => {
    const first = await provider.create(TYPE, inputs());
    const again = await provider.create(TYPE, { ...inputs(), maxMemoryMb: 20 });
    expect(again.state.values["runId"]).toBe(first.state.values["runId"]);
    expect(await redis("CONFIG", "GET", "maxmemory")).toEqual(["maxmemory", String(20 * 1024 * 1024)]);
  });

  it("is reported as missing when it was killed, and starts again as another run", async () => {
    const { id, state } = await provider.create(TYPE, inputs());
    expect((await provider.read(TYPE, id, state)).id).toBe(id);
    process.kill(await pidOf(), "SIGKILL");
    await expect.poll(async () => (await provider.read(TYPE, id, state)).id).toBe("");
    const again = await provider.create(TYPE, inputs());
    expect(again.state.values["runId"]).not.toBe(state.values["runId"]);
  });

  it("starts anew in the place of a server of its own that hangs", async () => {
    await provider.create(TYPE, inputs());
    const pid = await pidOf();
    process.kill(pid, "SIGSTOP");
    await provider.create(TYPE, inputs());
    expect(await pidOf()).not.toBe(pid);
    expect(await redis("PING")).toBe("PONG");
  });

  it("shows a limit that a user changed, and restores it without a restart", async () => {
    const { id, state } = await provider.create(TYPE, inputs());
    await redis("CONFIG", "SET", "maxmemory", "50mb");
    const read = await provider.read(TYPE, id, state);
    expect(read.inputs.values).toMatchObject({ maxMemoryMb: 50 });
    const updated = await provider.update(TYPE, id, read.state, inputs());
    expect(updated.values["runId"]).toBe(state.values["runId"]);
    expect(await redis("CONFIG", "GET", "maxmemory")).toEqual(["maxmemory", String(10 * 1024 * 1024)]);
  });

  describe("with a password", () => {
    const password = "s3cret-of-this_machine";
    const withPassword = (given: string) =>
      provider.create(TYPE, { ...inputs(), password: given }, ["password"]);
    const signedIn = (given: string | undefined) => askServer({ port, password: given }, "PING");

    it("accepts no client without it, and shows it in its own file alone", async () => {
      const { state } = await withPassword(password);
      expect(state.secrets).toContain("password");
      expect(await signedIn(undefined)).toMatchObject({ refusal: expect.stringMatching(/^NOAUTH/) });
      expect(await signedIn(password)).toEqual({ text: "PONG" });
      const pid = await pidOf();
      const environment = await readFile(`/proc/${pid}/environ`, "utf8");
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
      const log = await readFile(join(folder, "redis.log"), "utf8");
      expect(environment + command + log).not.toContain(password);
      expect((await stat(join(folder, "redis.conf"))).mode & 0o777).toBe(0o600);
    });

    it("is found by refresh and taken over by create, as one without a password is", async () => {
      const { id, state } = await withPassword(password);
      expect((await provider.read(TYPE, id, state)).id).toBe(id);
      const again = await withPassword("another-one");
      expect(again.state.values["runId"]).toBe(state.values["runId"]);
      expect(await signedIn("another-one")).toEqual({ text: "PONG" });
    });

    it("changes it and removes it without a restart", async () => {
      const { id, state } = await withPassword(password);
      const changed = await provider.update(TYPE, id, state, { ...inputs(), password: "another-one" });
      expect(changed.values["runId"]).toBe(state.values["runId"]);
      expect(await signedIn(password)).toMatchObject({ refusal: expect.stringMatching(/^WRONGPASS/) });
      expect(await signedIn("another-one")).toEqual({ text: "PONG" });
      await provider.update(TYPE, id, changed, inputs());
      expect(await signedIn(undefined)).toEqual({ text: "PONG" });
    });

    it("starts anew where an update was killed between the server and its file", async () => {
      const { id, state } = await withPassword(password);
      await askServer({ port, password }, "CONFIG", "SET", "requirepass", "half-way");
      expect((await provider.read(TYPE, id, state)).id).toBe("");
      await withPassword(password);
      expect(await signedIn(password)).toEqual({ text: "PONG" });
    });

    it("refuses a password that could end its line in redis.conf", async () => {
      const { failures } = await provider.check(TYPE, {
        ...inputs(),
        password: 'x"\nrename-command PING ""',
      });
      expect(Object.keys(failures)).toEqual(["password"]);
    });
  });

  it("starts a second server for another port, before the first one ends", async () => {
    const difference = await provider.diff(TYPE, inputs(), { ...inputs(), port: port + 1 });
    expect(difference).toMatchObject({ replaces: ["port"], deleteBeforeReplace: false });
    expect(await provider.diff(TYPE, inputs(), { ...inputs(), maxMemoryMb: 11 })).toMatchObject({
      replaces: [],
      detailed: { maxMemoryMb: "UPDATE" },
    });
  });

  it("leaves the Redis of another user alone, and names the options", async () => {
    const other = spawn("redis-server", ["--port", String(port), "--save", ""], { stdio: "ignore" });
    await expect.poll(() => redis("PING").catch(() => "")).toBe("PONG");
    await expect(provider.create(TYPE, inputs())).rejects.toThrow(
      new RegExp(
        `Another Redis already answers on 127.0.0.1:${port}[\\s\\S]*config set port ${port + 1} --stack test[\\s\\S]*plan external`,
      ),
    );
    expect(await redis("PING")).toBe("PONG");
    other.kill();
    await once(other, "exit");
  });

  it("says when the port is taken by something else", async () => {
    const other = createServer((socket) =>
      socket.on("error", () => {}).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    other.listen(port, "127.0.0.1");
    await once(other, "listening");
    await expect(provider.create(TYPE, inputs())).rejects.toThrow(
      `Another program of this machine already listens on port ${port}`,
    );
    other.close();
  });

  it("does not end a process that got the pid of its dead server", async () => {
    const { id, state } = await provider.create(TYPE, inputs());
    process.kill(await pidOf(), "SIGKILL");
    const innocent = spawn("sleep", ["60"], { stdio: "ignore" });
    await writeFile(join(folder, "redis.pid"), String(innocent.pid));
    await provider.delete(TYPE, id, state);
    expect(innocent.exitCode).toBeNull();
    expect(innocent.signalCode).toBeNull();
    innocent.kill();
  });

  it("does not end a program that only looks at its files", async () => {
    const { id, state } = await provider.create(TYPE, inputs());
    const reader = spawn("tail", ["-f", join(folder, "redis.conf")], { stdio: "ignore" });
    await once(reader, "spawn");
    await provider.delete(TYPE, id, state);
    expect([reader.exitCode, reader.signalCode]).toEqual([null, null]);
    reader.kill();
  });

  it("leaves nothing when it is deleted, however often", async () => {
    const { id, state } = await provider.create(TYPE, inputs());
    const pid = await pidOf();
    await provider.delete(TYPE, id, state);
    // Dead, if perhaps not collected yet by the machine's first process.
    expect((await runningProcesses()).find((running) => running.pid === pid)?.command ?? "").toBe("");
    await expect(readdir(folder)).rejects.toThrow("ENOENT");
    await provider.delete(TYPE, id, state);
  });
});
