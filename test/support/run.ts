/** `npm test`: gets the parts that the tests need, then runs them, or those in the paths that are given. */
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { explain } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { ensurePulumi } from "../../toolchain/pulumi.ts";
import { ensureRedisServer } from "../../toolchain/redis-server.ts";
import { ensureBrowserInstalled } from "./browser.ts";
import { ensureDockerEngineInstalled } from "./docker-engine.ts";

const say = (line: string): void => console.log(line);

try {
  const redis = await ensureRedisServer({ install: "yes", say, env: process.env });
  say(`redis-server ${redis.version} (${redis.bin})`);
  const cli = await ensurePulumi({ install: "yes", say, env: process.env });
  say(`Pulumi ${cli.version} (${cli.source}: ${cli.bin})`);
  // A developer without Docker or a browser leaves those tests out, with a word; a pipeline may not.
  await ensureBrowserInstalled();
  if (process.env["CI"] === "true") await ensureDockerEngineInstalled();
} catch (error) {
  console.error(explain(error));
  process.exit(2);
}

const vitest = join(PROJECT_ROOT, "node_modules", "vitest", "vitest.mjs");
const results = join(PROJECT_ROOT, ".propiq", "test-results.json");
const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
const run = spawnSync(process.execPath, [vitest, "run", ...reporters, ...process.argv.slice(2)], {
  cwd: PROJECT_ROOT,
  stdio: "inherit",
});
const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(
  await readFile(results, "utf8"),
) as Record<string, number>;
// One plain line that pipelines of any kind can read.
say(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`);
process.exit(run.status ?? 1);
