import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { requiredPackages } from "../../../toolchain/language-host/required-packages.ts";
import { aFolder } from "../stand-in.ts";

async function withPackages(packages: Record<string, unknown>): Promise<string> {
  const root = await aFolder();
  for (const [path, content] of Object.entries(packages)) {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
  }
  return root;
}

const listed = async (root: string) =>
  (await requiredPackages(root)).map(
    (found) => `${found.getKind()} ${found.getName()} ${found.getVersion()}`,
  );

describe("requiredPackages", () => {
  it("finds the packages that bring a plugin, with its own name and version", async () => {
    const root = await withPackages({
      "node_modules/@pulumi/docker/package.json": {
        name: "@pulumi/docker",
        version: "5.2.0",
        pulumi: { resource: true },
      },
      "node_modules/@upstash/pulumi/package.json": {
        name: "@upstash/pulumi",
        version: "1.0.0",
        pulumi: { resource: true, name: "upstash", version: "v0.5.0" },
      },
      "node_modules/plain/package.json": { name: "plain", version: "1.0.0" },
      "node_modules/broken/package.json": "{",
    });
    expect((await listed(root)).toSorted()).toEqual(["resource docker v5.2.0", "resource upstash v0.5.0"]);
  });

  it("finds no package outside node_modules, none above the folder, and none of a policy pack", async () => {
    const docker = { name: "@pulumi/docker", version: "5.2.0", pulumi: { resource: true } };
    const root = await withPackages({
      "node_modules/above/package.json": docker,
      "program/package.json": docker,
      "program/policy/PulumiPolicy.yaml": "runtime: nodejs",
      "program/policy/node_modules/docker/package.json": docker,
    });
    expect(await listed(join(root, "program"))).toEqual([]);
  });

  it("follows links, and ends where they form a cycle", async () => {
    const root = await withPackages({
      "store/docker/package.json": { name: "@pulumi/docker", version: "5.2.0", pulumi: { resource: true } },
      "program/node_modules/.keep": "",
    });
    await symlink(join(root, "store", "docker"), join(root, "program", "node_modules", "docker"));
    await symlink(join(root, "program"), join(root, "program", "node_modules", "self"));
    expect(await listed(join(root, "program"))).toEqual(["resource docker v5.2.0"]);
  });
});
