/** What begins the keys of a stack, from its first deploy on. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../rehearsal/ports.ts";
import { STORY } from "../support/parts.ts";
import { makeProject, type Project, stateFile } from "../support/project.ts";

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
  await project.configure("native", { port: String(await freePort()) });
});
afterAll(() => project.remove());

describe("the prefix of a stack's keys", STORY, () => {
  it("names the stack on its first deploy, and an explicit change is previewed as emptying the cache", async () => {
    await up();
    expect(await prefix()).toBe("propiq-native");
    expect(await project.state("native")).toContain('"keyPrefix":"propiq-native"');

    await project.configure("native", { keyPrefix: "shop" });
    expect(await pulumi("preview")).toMatch(/keyPrefix changes from propiq-native to shop\..*emptied/);
    await project.configure("native", { keyPrefix: undefined });
  });

  it("remains propiq in a stack that was deployed before there was a prefix", async () => {
    const state = JSON.parse(await project.state("native"), (key, value) =>
      key === "keyPrefix" ? undefined : value,
    );
    await writeFile(join(project.root, stateFile("native")), JSON.stringify(state));
    await up();
    expect(await prefix()).toBe("propiq");
    expect(await pulumi("preview", "--expect-no-changes")).not.toContain("keyPrefix changes");
  });
});
