import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { confirm } from "../../toolchain/confirm.ts";
import { lacks } from "../support/parts.ts";

const MODULE = join(import.meta.dirname, "..", "..", "toolchain", "confirm.ts");
const ASK = `import { confirm } from "${MODULE}";
  console.log("answer " + (await confirm("Build it?").catch((error) => error.exitCode)));`;

/** Asks at a terminal of its own and types an answer. @returns what the terminal showed */
async function answerAtTerminal(keys: string): Promise<string> {
  const command = `${process.execPath} --input-type=module-typescript -e '${ASK}'`;
  const terminal = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void terminal.kill("SIGKILL"));
  let shown = "";
  terminal.stdout.on("data", (chunk: Buffer) => {
    shown += chunk.toString();
  });
  await vi.waitFor(() => expect(shown).toContain("Build it? [y/N] "), 10_000);
  terminal.stdin.write(keys);
  await vi.waitFor(() => expect(shown).toMatch(/answer \w/), 10_000);
  return shown;
}

describe.skipIf(lacks("script", existsSync("/usr/bin/script")))("confirm at a terminal", () => {
  it.each([
    ["y\n", true],
    ["YES\n", true],
    ["\n", false],
    ["yo\n", false],
    ["\u0003", 130],
    ["\u0004", false],
  ])("takes %j as %s", async (keys, answer) => {
    expect(await answerAtTerminal(keys)).toContain(`answer ${answer}`);
  });
});

describe("confirm without a terminal", () => {
  it("assumes no, without asking", async () => {
    expect(await confirm("Build it?")).toBe(false);
  });
});
