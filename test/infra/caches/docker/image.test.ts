import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { PROJECT_ROOT } from "../../../../base/paths.ts";
import { imageIn, redisImage } from "../../../../infra/caches/docker/image.ts";

it("is pinned by digest, whatever its tag becomes", () => {
  expect(redisImage()).toMatch(/^redis@sha256:[0-9a-f]{64}$/);
});

it("keeps a registry's port, and a tag where the digest is missing", () => {
  expect(imageIn("# redis\nFROM host:5000/redis:7-alpine@sha256:ab\n")).toBe("host:5000/redis@sha256:ab");
  expect(imageIn("FROM redis:7-alpine\n")).toBe("redis:7-alpine");
});

it("is renewed by Dependabot, as actions and packages are", () => {
  const { updates } = parse(readFileSync(join(PROJECT_ROOT, ".github/dependabot.yml"), "utf8")) as {
    updates: { "package-ecosystem": string; directory: string }[];
  };
  expect(updates.map((update) => [update["package-ecosystem"], update.directory])).toEqual([
    ["github-actions", "/"],
    ["npm", "/"],
    ["docker", "/infra/caches/docker"],
  ]);
});
