import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../../support/cli.ts";

/** Notes each module that a process loads. */
const HOOK = `
import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
registerHooks({
  resolve(name, context, next) {
    const found = next(name, context);
    appendFileSync(process.env.LOADED_MODULES, found.url + "\\n");
    return found;
  },
});`;
const CHARTS = /node_modules\/(@observablehq\/plot|linkedom|d3)\//;
/** Nothing listens there: the check ends at once. */
const NOWHERE = "redis://127.0.0.1:1";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "propiq-modules-"));
});
afterAll(async () => await rm(folder, { recursive: true, force: true }));

async function loadedBy(format: string): Promise<string> {
  const file = join(folder, format);
  const env = {
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(HOOK)}`,
    LOADED_MODULES: file,
  };
  const { code, stderr } = await runCli(["verify", "--url", "-", "--format", format], {
    env,
    input: `${NOWHERE}\n`,
  });
  expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  return await readFile(file, "utf8");
}

it.each(["text", "json", "junit", "markdown", "openmetrics"])(
  "verify --format %s loads no charts",
  async (format) => {
    const modules = await loadedBy(format);
    expect(modules).toContain("check/check.ts");
    expect(modules).not.toMatch(CHARTS);
  },
);

it("verify --format html loads them", async () => {
  expect(await loadedBy("html")).toMatch(CHARTS);
});
