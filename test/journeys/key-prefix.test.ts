/** What begins the keys of a stack, from its first deploy on. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../rehearsal/ports.ts";
import { makeProject, type Project } from "../support/project.ts";

let project: Project;
const pulumi = async (...words: string[]) => {
  const outcome = await project.run(["pulumi", ...words, "--stack", "native"]);
  expect(outcome.code, outcome.all).toBe(0);
  return outcome.all;
};
const up = () => pulumi("up", "--yes", "--skip-preview");
const prefix = async () => parseEnv(await project.read(".env"))["CACHE_PREFIX"];

beforeAll(async () => {
  project = await makeProject();
  await project.run(["pulumi", "stack", "init", "native", "--non-interactive"]);
  await pulumi("config", "set", "port", String(await freePort()));
});
afterAll(async () => {
  await pulumi("destroy", "--yes", "--skip-preview");
  await project.remove();
});

describe("the prefix of a stack's keys", () => {
  it("names the stack on its first deploy, and an explicit change is previewed as emptying the cache", async () => {
    await up();
    expect(await prefix()).toBe("propiq-native");
    expect(await pulumi("stack", "output", "keyPrefix")).toContain("propiq-native");

    expect(await pulumi("preview")).not.toContain("keyPrefix changes");
    await pulumi("config", "set", "keyPrefix", "shop");
    expect(await pulumi("preview")).toMatch(/keyPrefix changes from propiq-native to shop\..*emptied/);
    await pulumi("config", "rm", "keyPrefix");
  });

  it("stays propiq in a stack that was deployed before there was a prefix", async () => {
    const file = join(project.root, "state.json");
    await pulumi("stack", "export", "--file", file);
    await writeFile(file, (await readFile(file, "utf8")).replaceAll(/"keyPrefix": "propiq-native",?/g, ""));
    await pulumi("stack", "import", "--file", file);
    await up();
    expect(await prefix()).toBe("propiq");
    expect(await pulumi("preview", "--expect-no-changes")).not.toContain("keyPrefix changes");
  });
});
