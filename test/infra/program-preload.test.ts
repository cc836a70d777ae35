/** What the program and the provider do where `node` is older than the project's own. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";

const OLD_NODE = join(PROJECT_ROOT, "test", "support", "old-node.cjs");

/** Runs a line of JavaScript after a preload, in a Node that looks like Node 20. */
async function run(preload: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const words = ["--require", OLD_NODE, "--require", join(PROJECT_ROOT, "infra", preload)];
  try {
    const done = await promisify(execFile)(process.execPath, [...words, "-e", "console.log('started')"]);
    return { code: 0, ...done };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: unknown; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
}

describe("an older Node", () => {
  it("starts without a compile cache", async () => {
    expect(await run("compile-cache.cjs")).toEqual({ code: 0, stdout: "started\n", stderr: "" });
  });

  it("does not start the program, and the reader learns in one line what to do", async () => {
    const { code, stdout, stderr } = await run("program-preload.cjs");
    // Pulumi's language host adds nothing to this exit code.
    expect(code).toBe(32);
    expect(stdout).toBe("");
    expect(stderr.trimEnd().split("\n")).toEqual([
      expect.stringMatching(/Node 20\.20\.2 cannot run.*\.\/propiq-cache pulumi/),
    ]);
  });
});
