/** docs/team.md, held to what other places say of it; test/journeys/team.test.ts executes it. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { commandLine } from "../../base/command.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { FILE_BACKEND } from "../../operations/preflight/judge-stack.ts";
import { repairStack } from "../../operations/stacks/conflict.ts";

const read = (name: string) => readFile(join(PROJECT_ROOT, name), "utf8");
const page = await read("docs/team.md");
const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");

it("has blocks that a shell takes", async () => {
  const blocks = [...page.matchAll(/^( *)```sh\n([\s\S]*?)^ *```$/gm)].map(([, , block = ""]) => block);
  expect(blocks.length).toBeGreaterThan(10);
  for (const block of blocks) await promisify(execFile)("bash", ["-n", "-c", block]);
});

it("has each section that messages and other pages send people to", async () => {
  const folders = ["base", "infra", "operations", "scripts", "toolchain"];
  const sources = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(PROJECT_ROOT, folder), { recursive: true }))
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(folder, name)),
    ),
  );
  const named = new Set<string>();
  for (const source of sources.flat())
    for (const [, section = ""] of (await read(source)).matchAll(/docs\/team\.md, ([A-Z][a-z ]+[a-z])/g))
      named.add(section);
  expect([...named].toSorted()).toEqual(
    ["Moving the secrets", "Moving the state", "The passphrase is lost", "Who may do what"].toSorted(),
  );
  for (const section of named) expect(headings).toContain(section);

  const anchors = headings.map(anchorOf);
  for (const other of ["README.md", "docs/pipelines.md", "docs/production.md"])
    for (const [, anchor = ""] of (await read(other)).matchAll(/team\.md#([\w-]+)/g))
      expect(anchors).toContain(anchor);
});

it("recovers from a killed update by the command that messages print", () => {
  expect(page.split("\n")).toContain(commandLine(repairStack("prod")));
});

it("moves from the back end that Pulumi.yaml comes with", () => {
  for (const [, url] of page.matchAll(/'(file:[^']+)'/g)) expect(url).toBe(FILE_BACKEND);
});
