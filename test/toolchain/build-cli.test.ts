import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { buildCli, GO_VERSION, whyNoBuild } from "../../toolchain/build-cli.ts";
import { layLanguageHost } from "../../toolchain/language-host/lay.ts";
import { stateFolder } from "../../toolchain/paths.ts";
import { aFolder, aListener, aProgram, SYSTEM_PATH } from "./stand-in.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const VERSION = "3.259.0";

/**
 * A Go whose build takes no time: it writes a program that says the version. The real one builds the CLI that the
 * other tests use, before they begin.
 */
const GO = `case "$1" in
  list) echo one; echo two ;;
  build) while [ "$1" != -o ]; do shift; done
    mkdir -p "$(dirname "$2")"
    printf '#!/bin/sh\\necho v${VERSION}\\n' >"$2"; chmod 755 "$2" ;;
esac`;

async function aMachine(goScript?: string) {
  const folder = await aFolder();
  if (goScript !== undefined) await aProgram(join(folder, "bin", "go"), goScript);
  const env = { PATH: `${join(folder, "bin")}:${SYSTEM_PATH}`, HOME: folder };
  return { home: join(folder, "home"), env };
}

describe("whyNoBuild", () => {
  it("names the version that is needed where Go is not installed", async () => {
    const { env } = await aMachine();
    expect(await whyNoBuild({ ...env, PATH: env.PATH.split(":")[0] ?? "" })).toMatch(
      `no Go on PATH (${GO_VERSION}`,
    );
  });

  it("says in Go's own words that it is too old", async () => {
    const words = `go: go.mod requires go >= ${GO_VERSION} (running go 1.24.4; GOTOOLCHAIN=local)`;
    const { env } = await aMachine(`echo '${words}' >&2; exit 1`);
    expect(await whyNoBuild(env)).toBe(`Go ${GO_VERSION} or newer is needed: ${words}`);
  });

  it("lets Go fetch a newer one, unless the user has forbidden it", async () => {
    const { env } = await aMachine('[ "$GOTOOLCHAIN" = auto ] || { echo "no: $GOTOOLCHAIN" >&2; exit 1; }');
    expect(await whyNoBuild(env)).toBeUndefined();
    expect(await whyNoBuild({ ...env, GOTOOLCHAIN: "local" })).toMatch(/no: local$/);
  });

  it("asks for what the module's own go line says", async () => {
    const module = await readFile(join(ROOT, "toolchain", "pulumi-cli", "go.mod"), "utf8");
    expect(/^go (.+)$/m.exec(module)?.[1]).toBe(GO_VERSION);
    expect(module).toContain(`github.com/pulumi/pulumi/pkg/v3 v${VERSION}\n`);
  });
});

describe("buildCli", () => {
  it("puts the CLI where npm's wrapper looks, with our language host next to it and nothing else", async () => {
    const { home, env } = await aMachine(GO);
    const { say, lines } = aListener();
    const result = await buildCli({ home, version: VERSION, env, say });
    const folder = join(home, "versions", VERSION, "bin");
    expect(result).toEqual({ bin: join(folder, "pulumi") });
    expect(await readdir(folder)).toEqual(["pulumi", "pulumi-language-nodejs"]);
    expect(await readdir(join(home, "versions"))).toEqual([VERSION]);
    expect(lines[0]).toMatch(/4 to 7 minutes/);
  });

  it("installs a language host that works at once from its final place", async () => {
    const { env } = await aMachine(GO);
    // Inside the project, where a CLI is kept: from elsewhere the way leads over the root folder, however deep one is.
    const home = await mkdtemp(join(stateFolder, "test-"));
    onTestFinished(() => rm(home, { recursive: true, force: true }));
    await buildCli({ home, version: VERSION, env, say: () => {} });
    await expectToServe(join(home, "versions", VERSION, "bin"));
  });

  it("lets two builds at the same time both succeed", async () => {
    const { home, env } = await aMachine(GO);
    const build = () => buildCli({ home, version: VERSION, env, say: () => {} });
    const bin = join(home, "versions", VERSION, "bin", "pulumi");
    expect(await Promise.all([build(), build()])).toEqual([{ bin }, { bin }]);
    expect(await readdir(join(home, "versions"))).toEqual([VERSION]);
  });

  it.each([
    [
      "the modules",
      'case $1 in list) echo "go: no such host" >&2; exit 1 ;; esac',
      /cannot be fetched: go: no such host$/,
    ],
    [
      "the compiler",
      'case $1 in list) echo x ;; *) echo "cmd/x: disk full" >&2; exit 2 ;; esac',
      /not compile: cmd\/x: disk full$/,
    ],
    ["the result", GO.replace(`echo v${VERSION}`, "exit 1"), /does not run$/],
  ])("says what was missing for %s, and leaves nothing", async (_what, script, why) => {
    const { home, env } = await aMachine(script);
    const result = await buildCli({ home, version: VERSION, env, say: () => {} });
    expect(result).toEqual({ why: expect.stringMatching(why) });
    expect(await readdir(join(home, "versions"))).toEqual([]);
  });

  it("leaves no CLI and no compiler behind when it is killed, and works the next time", async () => {
    const { home, env } = await aMachine(
      `[ -e "$HOME/again" ] || { [ "$1" = build ] && { echo $$ >"$HOME/pid"; exec sleep 300; }; }\n${GO}`,
    );
    const url = join(ROOT, "toolchain", "build-cli.ts");
    const script = `import { buildCli } from ${JSON.stringify(url)};
      await buildCli({ home: ${JSON.stringify(home)}, version: "${VERSION}", env: process.env, say: () => {} });`;
    const builder = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { env });
    onTestFinished(() => void builder.kill("SIGKILL"));
    const pidFile = join(env.HOME, "pid");
    await vi.waitFor(async () => expect(await readFile(pidFile, "utf8")).toMatch(/^\d+\n$/), 10_000);
    builder.kill("SIGKILL");
    const pid = (await readFile(pidFile, "utf8")).trim();
    await vi.waitFor(() => expect(commandOf(pid)).not.toContain("sleep"), 10_000);
    expect(existsSync(join(home, "versions", VERSION))).toBe(false);

    await aProgram(join(env.HOME, "again"), "");
    const result = await buildCli({ home, version: VERSION, env, say: () => {} });
    expect(result).toHaveProperty("bin");
    expect(await readdir(join(home, "versions"))).toEqual([VERSION]);
  });
});

describe("layLanguageHost", () => {
  it("makes an executable that finds the project from its own place", async () => {
    const folder = await aFolder();
    await layLanguageHost(folder);
    await expectToServe(folder);
  });
});

/** The language host of a folder prints its port, and ends with its standard input. */
async function expectToServe(folder: string): Promise<void> {
  const host = spawn(join(folder, "pulumi-language-nodejs"), ["127.0.0.1:1"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void host.kill("SIGKILL"));
  let said = "";
  host.stdout.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  await vi.waitFor(() => expect(said).toMatch(/^\d+\n$/), 10_000);
  host.stdin.end();
  expect(await new Promise((resolve) => host.once("exit", resolve))).toBe(0);
}

function commandOf(pid: string): string {
  return existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, "utf8") : "";
}
