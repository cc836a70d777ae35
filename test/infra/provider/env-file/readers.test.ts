import { execFileSync, type StdioOptions } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import dotenv from "dotenv";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { settingsFor } from "../../../../infra/contract/app-settings.ts";
import { readSettings } from "../../../../infra/contract/read-settings.ts";
import { DEFAULT_TTL } from "../../../../infra/contract/table.ts";
import { readBlock, withBlock } from "../../../../infra/provider/env-file/block.ts";
import { hasPython, pythonWith } from "../../../examples/python/python.ts";
import { lacks } from "../../../support/parts.ts";

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
  "carriage\rreturn",
  "$" + "{HOME}$PATH$(id)",
  "\\\\\\\\\\\\",
  "'",
  '"',
  "#",
  " ",
  "export X=1",
];

const isPythonThere = !lacks("Python 3.11 with venv", await hasPython());

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-readers-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** As `docker run --env-file` does it (docker/cli: pkg/kvfile/kvfile.go): no quotes, no escapes, no comment behind a value. */
function asDocker(text: string): Record<string, string> {
  const lines = text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .map((line) => line.replace(/^[ \t]+/, ""))
    .filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(
    lines.flatMap((line) => {
      const at = line.indexOf("=");
      const name = at < 0 ? line : line.slice(0, at);
      if (name === "" || /[ \t]/.test(name)) throw new Error(`docker refuses the variable ${name}`);
      return at < 0 ? [] : [[name, line.slice(at + 1)]];
    }),
  );
}

/** python-dotenv with its own expansion of `${NAME}` on, as it is by default. */
async function asPython(file: string): Promise<Record<string, string>> {
  const python = await pythonWith("env-readers", join(import.meta.dirname, "requirements.txt"));
  const print = "import dotenv, json, sys; print(json.dumps(dotenv.dotenv_values(sys.argv[1])))";
  return JSON.parse(execFileSync(python, ["-c", print, file], { encoding: "utf8" }));
}

/** `set -a; . ./.env`, as the README says. */
function asShell(shell: string, file: string): Record<string, string> {
  const print = `set -a; . '${file}'; exec '${process.execPath}' -p 'JSON.stringify(process.env)'`;
  // Without standard input: bash would take a socket for a remote login and read a start file.
  const stdio: StdioOptions = ["ignore", "pipe", "inherit"];
  return JSON.parse(execFileSync(shell, ["-c", print], { cwd: folder, encoding: "utf8", env: {}, stdio }));
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
      dotenv: dotenv.parse(written),
      ...(isPythonThere ? { "python-dotenv": await asPython(file) } : {}),
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
