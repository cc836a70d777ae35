import { chmod, lstat, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ProviderUnderTest, startProvider } from "../../../support/provider.ts";

const TYPE = "propiq:index:EnvFile";
const settings = { REDIS_URL: "redis://:s3cret@127.0.0.1:6379/0", REDIS_PASSWORD: "s3cret" };

let provider: ProviderUnderTest;
let folder: string;
let path: string;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-env-"));
  path = join(folder, ".env");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("EnvFile", () => {
  it("makes a file that only its owner may read, and leaves nothing of it", async () => {
    const { id, state } = await provider.create(TYPE, { path, settings }, ["settings"]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, "utf8")).toContain("REDIS_URL=redis://:s3cret@127.0.0.1:6379/0\n");
    await provider.delete(TYPE, id, state);
    expect(await readdir(folder)).toEqual([]);
  });

  it("keeps the settings secret in its state, even when it reads a state that does not mark them", async () => {
    const { id, state } = await provider.create(TYPE, { path, settings });
    expect(state.secrets).toContain("settings");
    const read = await provider.read(TYPE, id, { values: state.values, secrets: new Set() });
    expect(read.state.secrets).toContain("settings");
    expect(read.inputs.secrets).toContain("settings");
  });

  it("removes other users' access to our file when it writes a password, also where nothing else changes", async () => {
    for (const text of ["A=1\n", undefined]) {
      if (text !== undefined) await writeFile(path, text);
      await chmod(path, 0o644);
      await provider.create(TYPE, { path, settings });
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
  });

  it("keeps the mode of a file without a password, and every byte", async () => {
    const settings = { REDIS_URL: "redis://127.0.0.1:6379/0" };
    const bytes = Buffer.from([0x41, 0x3d, 0xe9, 0xff, 0x0d, 0x0a, 0x23]);
    await writeFile(path, bytes);
    await chmod(path, 0o640);
    const { id, state } = await provider.create(TYPE, { path, settings });
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    await provider.delete(TYPE, id, state);
    expect(await readFile(path)).toEqual(bytes);
    expect((await stat(path)).mode & 0o777).toBe(0o640);
  });

  it("writes through a symlink, and keeps the symlink", async () => {
    const behind = join(folder, "real.env");
    await writeFile(behind, "A=1");
    await symlink("real.env", path);
    const { id, state } = await provider.create(TYPE, { path, settings });
    expect((await lstat(path)).isSymbolicLink()).toBe(true);
    expect(await readFile(behind, "utf8")).toContain("REDIS_URL=");
    await provider.delete(TYPE, id, state);
    expect(await readFile(behind, "utf8")).toBe("A=1");
  });

  it("reports that it does not exist when its block is missing or belongs to another stack", async () => {
    const { id, state } = await provider.create(TYPE, { path, settings });
    await writeFile(path, (await readFile(path, "utf8")).replace("(stack test)", "(stack other)"));
    expect((await provider.read(TYPE, id, state)).id).toBe("");
    await provider.delete(TYPE, id, state);
    expect(await readFile(path, "utf8")).toContain("(stack other)");
    await rm(path);
    expect((await provider.read(TYPE, id, state)).id).toBe("");
  });

  it("shows what a user changed in its block, and restores it", async () => {
    const { id, state } = await provider.create(TYPE, { path, settings });
    await writeFile(
      path,
      (await readFile(path, "utf8")).replace("REDIS_PASSWORD=s3cret", "REDIS_PASSWORD=other"),
    );
    const read = await provider.read(TYPE, id, state);
    expect(read.inputs.values["settings"]).toEqual({ ...settings, REDIS_PASSWORD: "other" });
    await provider.update(TYPE, id, read.state, { path, settings });
    expect(await readFile(path, "utf8")).toContain("REDIS_PASSWORD=s3cret\n");
  });

  it("names differences by key, never by value", async () => {
    const after = { path, settings: { REDIS_URL: settings.REDIS_URL, REDIS_TLS: "true" } };
    const difference = await provider.diff(TYPE, { path, settings: { ...settings, REDIS_URL: "x" } }, after);
    expect(difference).toMatchObject({
      changes: true,
      replaces: [],
      detailed: {
        "settings.REDIS_URL": "UPDATE",
        "settings.REDIS_PASSWORD": "DELETE",
        "settings.REDIS_TLS": "ADD",
      },
    });
    expect(await provider.diff(TYPE, after, after)).toMatchObject({ changes: false, detailed: {} });
  });

  it("writes another path before it clears the old one", async () => {
    const difference = await provider.diff(TYPE, { path, settings }, { path: `${path}2`, settings });
    expect(difference).toMatchObject({
      replaces: ["path"],
      deleteBeforeReplace: false,
      detailed: { path: "UPDATE_REPLACE" },
    });
  });

  it("refuses values that are not settings", async () => {
    const { failures } = await provider.check(TYPE, { path, settings: { "A B": "1", REDIS_PORT: 6379 } });
    expect(Object.keys(failures)).toEqual(["settings.A B", "settings.REDIS_PORT"]);
    expect((await provider.check(TYPE, { settings, colour: "red" })).failures).toMatchObject({
      colour: "is not an input; allowed: path, settings, provenAt",
      path: "is missing",
    });
  });

  it("leaves a file alone in which an open quote would swallow the block", async () => {
    await writeFile(path, 'A="never closed\n');
    const made = await provider.create(TYPE, { path, settings }).catch((error: Error) => error);
    if (made instanceof Error) {
      expect(made.message).toContain("opens a quote");
      expect(made.message).not.toContain("s3cret");
      expect(await readFile(path, "utf8")).toBe('A="never closed\n');
    } else {
      // This Node reads on to the next line: then an app does, too.
      expect(await readFile(path, "utf8")).toContain("REDIS_URL=");
    }
  });

  it("says in plain words when it may not write", async () => {
    await expect(provider.create(TYPE, { path: folder, settings })).rejects.toThrow(
      "is a folder, not an env file",
    );
    await expect(
      provider.create(TYPE, { path: join(folder, "no", "such", ".env"), settings }),
    ).rejects.toThrow("its folder does not exist");
  });

  it("removes what a write left behind that was killed half-way", async () => {
    await writeFile(join(folder, ".env.propiq-cache-abc123abc123"), "half");
    const { id, state } = await provider.create(TYPE, { path, settings });
    expect(await readdir(folder)).toEqual([".env"]);
    await writeFile(join(folder, ".env.propiq-cache-abc123abc123"), "half");
    await provider.delete(TYPE, id, state);
    expect(await readdir(folder)).toEqual([]);
  });

  it("writes nothing once the update is cancelled", async () => {
    const own = await startProvider();
    await own.cancel();
    await expect(own.create(TYPE, { path, settings })).rejects.toThrow("cancelled");
    expect(await readdir(folder)).toEqual([]);
    await own.stop();
  });
});

describe("the provider", () => {
  it("ends when the engine's end of its stdin does", async () => {
    const own = await startProvider();
    await own.stop();
    expect(own.process.exitCode).not.toBeNull();
  });

  it("refuses a resource that it does not have, by name", async () => {
    await expect(provider.create("propiq:index:Nothing", {})).rejects.toThrow(
      "no resource type propiq:index:Nothing",
    );
  });
});
