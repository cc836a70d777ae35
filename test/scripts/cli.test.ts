import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli.ts";

const COMMANDS = ["##vso[task.setvariable variable=a]b", "x\n::add-mask::b"];

describe.each(COMMANDS)("a word %j on the command line, as a branch name brings it", (word) => {
  it.each([
    ["a command", [word]],
    ["an option", ["verify", `--${word}`]],
    ["a choice", ["verify", "--format", word]],
    ["a number", ["verify", "--deadline", word]],
  ])("is not repeated for a pipeline to obey in place of %s", async (_place, words) => {
    const { code, stdout, stderr } = await runCli(words);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toMatch(/##\w*\[|^\s*::[a-z]/m);
  });
});
