import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refuseForeignHosts } from "../../../operations/stacks/config-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "config-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a command of Pulumi that never runs the program", () => {
  it.each([
    "azure-native:metadataHost: evil.example",
    "azure-native:config:metadataHost: evil.example",
    "azure-native:metadataHost: { secure: v1:a:b }",
    "azure-native:oidcRequestUrl: https://evil.example",
  ])("is refused with %s in the config alone", async (line) => {
    const file = join(folder, "Pulumi.prod.yaml");
    await writeFile(file, `config:\n  ${line}\n`);
    await expect(refuseForeignHosts("prod", file)).rejects.toMatchObject({
      code: "HOST_NOT_TRUSTED",
      message: expect.stringMatching(/evil\.example|HIDDEN/),
    });
  });

  it("is not refused with a host of Microsoft, nor without a config", async () => {
    const file = join(folder, "Pulumi.prod.yaml");
    await refuseForeignHosts("prod", file);
    await writeFile(file, "config:\n  azure-native:metadataHost: management.azure.com\n");
    await refuseForeignHosts("prod", file);
  });
});
