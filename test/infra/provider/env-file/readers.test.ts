import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsFor } from "../../../../infra/contract/app-settings.ts";
import { readSettings } from "../../../../infra/contract/read-settings.ts";
import { DEFAULT_TTL } from "../../../../infra/contract/table.ts";
import { readBlock, withBlock } from "../../../../infra/provider/env-file/block.ts";

const PASSWORDS = [
  "plain",
  "it's $(touch HACKED)",
  `a'b"c`,
  "`touch HACKED`",
  "with space",
  "ha#sh",
  "dollar$HOME",
  "back\\slash\\n",
  "a=b&c;d|e<f>g",
  "~!()*'[]{}^",
  "é世界🌍",
  "%41",
  "two\nlines",
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-readers-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** `docker run --env-file`: everything behind the first `=`, as it is. */
function asDocker(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.split("=", 1)[0], line.slice(line.indexOf("=") + 1)]));
}

/** `set -a; . ./.env`, as the README says. */
function asShell(shell: string, file: string): Record<string, string> {
  const print = `set -a; . '${file}'; exec '${process.execPath}' -p 'JSON.stringify(process.env)'`;
  return JSON.parse(execFileSync(shell, ["-c", print], { cwd: folder, encoding: "utf8", env: {} }));
}

describe.each(PASSWORDS)("with the password %j", (password) => {
  const target = { host: "cache.example", port: 6380, tls: true, db: 0, password };
  const settings = settingsFor({ enabled: true, target, ttl: DEFAULT_TTL }) as Record<string, string>;
  const text = withBlock("REDIS_PASSWORD=of-an-older-cache\n", { owner: "dev", entries: settings });

  it("each reader finds the cache, and no shell runs anything", async () => {
    const file = join(folder, ".env");
    await writeFile(file, Buffer.from(text, "latin1"));
    const written = await readFile(file, "utf8");
    const readers: Record<string, Record<string, string | undefined>> = {
      node: parseEnv(written),
      docker: asDocker(written),
    };
    for (const shell of ["/bin/dash", "/bin/bash"].filter((path) => existsSync(path)))
      readers[shell] = asShell(shell, file);
    for (const [name, read] of Object.entries(readers))
      expect(readSettings(read), name).toEqual({ enabled: true, target });
    expect(existsSync(join(folder, "HACKED"))).toBe(false);
  });

  it("the block stands for the settings, and has no value that a reader could take for more than itself", () => {
    expect(readBlock(text)?.entries).toEqual(settings);
    const values = text.split("\n").filter((line) => /^[A-Z_]+=/.test(line));
    for (const line of values) expect(line).toMatch(/^[A-Z_]+=[\w./:@%?=+,-]*$/);
  });
});
