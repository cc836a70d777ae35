import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";
import { changeConfig } from "./stack-config.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "propiq-config-"));
  await writeFile(join(root, "Pulumi.prod.yaml"), "# kept\nconfig:\n  propiq-cache:plan: upstash-free\n");
});
afterEach(() => rm(root, { recursive: true }));

const configOf = async (file: string) =>
  (parse(await readFile(join(root, file), "utf8")) as { config: object }).config;

it("sets keys by their paths, as `pulumi config set --path` does", async () => {
  await changeConfig(root, "prod", {
    plan: "azure-c0",
    drainSeconds: "0",
    "azure.network.allowedIps[0]": "203.0.113.7",
    "azure.network.allowedIps[1]": "203.0.113.0/24",
    "azure.createResourceGroup": "true",
    "upstash:email": "team@example.com",
  });
  expect(await configOf("Pulumi.prod.yaml")).toEqual({
    "propiq-cache:plan": "azure-c0",
    "propiq-cache:drainSeconds": "0",
    "propiq-cache:azure": {
      network: { allowedIps: ["203.0.113.7", "203.0.113.0/24"] },
      createResourceGroup: true,
    },
    "upstash:email": "team@example.com",
  });
});

it("removes a key, and leaves the rest of the file as it is", async () => {
  await changeConfig(root, "prod", { "azure.resize": "in-place" });
  await changeConfig(root, "prod", { "azure.resize": undefined, name: undefined });
  expect(await readFile(join(root, "Pulumi.prod.yaml"), "utf8")).toContain("# kept\n");
  expect(await configOf("Pulumi.prod.yaml")).toEqual({
    "propiq-cache:plan": "upstash-free",
    "propiq-cache:azure": {},
  });
});

it("sets a local stack's key in the copy of this machine, once there is one", async () => {
  await writeFile(join(root, "Pulumi.dev.yaml"), "config:\n  propiq-cache:plan: docker\n");
  await changeConfig(root, "dev", { port: "6380" });
  expect(await configOf("Pulumi.dev.yaml")).toMatchObject({ "propiq-cache:port": "6380" });
  const copies = join(root, ".propiq", "stacks");
  await mkdir(copies, { recursive: true });
  await writeFile(join(copies, "Pulumi.dev.yaml"), "config: {}\n");
  await changeConfig(root, "dev", { port: "6381" });
  expect(await configOf(".propiq/stacks/Pulumi.dev.yaml")).toEqual({ "propiq-cache:port": "6381" });
  expect(await configOf("Pulumi.dev.yaml")).toMatchObject({ "propiq-cache:port": "6380" });
});
