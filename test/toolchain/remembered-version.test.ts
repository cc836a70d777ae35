import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { rememberedVersion } from "../../toolchain/remembered-version.ts";
import { aFolder, aProgram } from "./stand-in.ts";

let bin: string;
let file: string;
const ask = vi.fn<() => Promise<{ version: string } | { why: string }>>();
const version = () => rememberedVersion(bin, ask, file);

beforeEach(async () => {
  const folder = await aFolder();
  bin = await aProgram(join(folder, "pulumi"), "exit 0");
  file = join(folder, "cache", "version.json");
  ask.mockReset().mockResolvedValue({ version: "3.300.0" });
});

describe("rememberedVersion", () => {
  it("asks a program once", async () => {
    expect([await version(), await version()]).toEqual([{ version: "3.300.0" }, { version: "3.300.0" }]);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  it("asks again when the program was replaced", async () => {
    await version();
    await writeFile(bin, "#!/bin/sh\n# newer\n");
    ask.mockResolvedValue({ version: "3.301.0" });
    expect(await version()).toEqual({ version: "3.301.0" });
  });

  it("does not remember a refusal", async () => {
    ask.mockResolvedValue({ why: "cannot be run" });
    expect(await version()).toEqual({ why: "cannot be run" });
    ask.mockResolvedValue({ version: "3.300.0" });
    expect(await version()).toEqual({ version: "3.300.0" });
  });

  it.each(["", "[]", "null", '{"version":3}', '{"version":"; rm -rf"}'])(
    "asks again where the file holds %j",
    async (content) => {
      await version();
      const { program } = JSON.parse(await readFile(file, "utf8")) as { program: string };
      await writeFile(
        file,
        content.startsWith("{") ? JSON.stringify({ program, ...JSON.parse(content) }) : content,
      );
      expect(await version()).toEqual({ version: "3.300.0" });
      expect(ask).toHaveBeenCalledTimes(2);
    },
  );

  it("asks each time where nothing can be written", async () => {
    file = join(bin, "version.json");
    expect([await version(), await version()]).toEqual([{ version: "3.300.0" }, { version: "3.300.0" }]);
    expect(ask).toHaveBeenCalledTimes(2);
  });
});
