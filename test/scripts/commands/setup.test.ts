import { describe, expect, it } from "vitest";
import { setup } from "../../../scripts/commands/setup.ts";

describe("setup", () => {
  it("says in an aligned table what is used and from where, and what to type next", async () => {
    const lines: string[] = [];
    const code = await setup({ install: false }, { say: (line) => lines.push(line), env: process.env });
    expect(code).toBe(0);
    const table = lines.slice(lines.indexOf("") + 1, lines.lastIndexOf(""));
    expect(table.map((line) => line.slice(0, 15).trim())).toEqual(
      expect.arrayContaining(["Node.js", "Pulumi CLI", "Language host", "Docker engine"]),
    );
    expect(table[0]?.split(/ {2,}/)).toEqual(["Node.js", process.versions.node, process.execPath]);
    expect(table[1]).toMatch(/^Pulumi CLI {5}3\.\d+\.\d+ +(installed|downloaded|built): \/\S+$/);
    expect(table[1]?.search(/(installed|downloaded|built):/)).toBe(table[0]?.indexOf(process.execPath));
    expect(lines.at(-1)).toMatch(/^Next: \.\/propiq-cache dev /);
  });
});
