/** The policy pack checks what a changed program makes. */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseChange } from "../../scripts/ci/change.ts";
import { STORY } from "../support/parts.ts";
import { makeProject, type Project } from "../support/project.ts";

let project: Project;
beforeAll(async () => {
  project = await makeProject();
});
afterAll(() => project.remove());

const preview = () =>
  project.run(["pulumi", "preview", "--stack", "native", "--policy-pack", "infra/policy"]);

const SECOND_CACHE = /2 caches \(.*\banother\b.*\)/;

describe("the policy pack", STORY, () => {
  it("lets pass what this project makes", async () => {
    const { code, all } = await preview();
    expect(code, all).toBe(0);
    expect(all).toContain("propiq-cache@v0.1.0");
  });

  it("stops a preview that would make a second cache, and says what to do", async () => {
    await appendFile(
      join(project.root, "stacks/index.ts"),
      `const { NativeCache } = await import("../infra/caches/native/cache.ts");
new NativeCache({ stack: "native", name: "another", port: 6399, maxMemoryMb: 10 });\n`,
    );
    const { code, all } = await preview();
    expect(code, all).toBe(1);
    expect(all).toContain("[mandatory]  one-cache");
    expect(all).toMatch(SECOND_CACHE);
  });

  it("and says the same in a pull request's comment", async () => {
    const { code, all } = await project.node(["scripts/ci/preview.ts", "native", "change.json"]);
    expect(code, all).toBe(1);
    const change = parseChange(await readFile(join(project.root, "change.json"), "utf8"));
    expect(change).toMatchObject({ previewed: false, errors: [expect.stringMatching(SECOND_CACHE)] });
    expect(change.errors[0]).toMatch(/^one-cache: /);
    expect(all).toContain("A deploy would be refused");
  });
});
