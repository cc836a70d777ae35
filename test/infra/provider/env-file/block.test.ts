import { parseEnv } from "node:util";
import { describe, expect, it } from "vitest";
import { readBlock, withBlock, withoutBlock } from "../../../../infra/provider/env-file/block.ts";

const block = { owner: "dev", entries: { REDIS_URL: "redis://127.0.0.1:6379/0", CACHE_TTL_SHORT: "60" } };

/** Files as people really have them; the block must come and go without a trace. */
const FILES: Record<string, string> = {
  "is empty": "",
  "has lines": "A=1\nB=2\n",
  "has no newline at its end": "A=1\nB=2",
  "has CRLF endings": "A=1\r\nB=2\r\n",
  "has CRLF endings and no newline at its end": "A=1\r\nB=2",
  "mixes endings": "A=1\r\nB=2\nC=3\r\n",
  "has comments, exports and duplicates": "# mine\nexport A=1\nA=2\n\n\n# end\n",
  "has a value of several lines": 'KEY="line 1\nline 2\n"\nB=2\n',
  "has a REDIS_URL of its own": "REDIS_URL=redis://mine:1/0\n",
  "ends in empty lines": "A=1\n\n\n",
  "is not UTF-8": "A=\u00e9\u00ff\n",
  "starts with a byte order mark": "\u00ef\u00bb\u00bfA=1\n",
};

describe("the block in an env file", () => {
  it.each(Object.entries(FILES))("is added and removed byte for byte where the file %s", (_, text) => {
    expect(withoutBlock(withBlock(text, block))).toBe(text);
  });

  it.each(Object.entries(FILES))("remains a single block when written again where the file %s", (_, text) => {
    const once = withBlock(text, block);
    expect(withBlock(once, block)).toBe(once);
    const changed = { ...block, entries: { REDIS_URL: "redis://other:1/0" } };
    expect(withoutBlock(withBlock(once, changed))).toBe(text);
  });

  it("leaves nothing of a file that it made", () => {
    expect(withoutBlock(withBlock(undefined, block))).toBeUndefined();
  });

  it("keeps a file that it made when a user has written into it since", () => {
    expect(withoutBlock(`${withBlock(undefined, block)}MINE=1\n`)).toBe("MINE=1\n");
  });

  it("separates lines that were added behind it", () => {
    expect(withoutBlock(`${withBlock("A=1", block)}B=2\n`)).toBe("A=1\nB=2\n");
  });

  it("keeps a line that a user put between its marks", () => {
    const edited = withBlock("A=1\n", block).replace("CACHE_TTL_SHORT", "MINE=yes\nCACHE_TTL_SHORT");
    expect(withoutBlock(edited)).toBe("A=1\nMINE=yes\n");
    expect(withBlock(edited, block)).toContain("MINE=yes\n");
  });

  it("overrides the user's own lines while it exists", () => {
    expect(parseEnv(withBlock("REDIS_URL=redis://mine:1/0\n", block))["REDIS_URL"]).toBe(
      "redis://127.0.0.1:6379/0",
    );
  });

  it("moves behind a line that a user added later and that would override it", () => {
    for (const first of ["", "A=1", "A=1\n"]) {
      const later = `${withBlock(first, block)}REDIS_URL=redis://mine:1/0`;
      const moved = withBlock(later, block);
      expect(parseEnv(moved)["REDIS_URL"]).toBe("redis://127.0.0.1:6379/0");
      expect(withBlock(moved, block)).toBe(moved);
      const separator = first === "A=1" ? "\n" : "";
      expect(withoutBlock(moved)).toBe(`${first}${separator}REDIS_URL=redis://mine:1/0`);
    }
  });

  it("is removed even when its last line is missing, and no foreign line is removed with it", () => {
    const cut = `${withBlock("A=1\n", block).replace(/# <<<.*\n/, "")}MINE=1\n`;
    expect(withoutBlock(cut)).toBe("A=1\nMINE=1\n");
  });

  it("says whose it is and what is in it", () => {
    expect(readBlock(withBlock("A=1\n", block))).toEqual(block);
    expect(readBlock("A=1\n")).toBeUndefined();
  });

  it("refuses a value that no reader takes as it is, without repeating it", () => {
    for (const value of [`secret'"\``, "secret\nREDIS_URL=x", "secret $(id)"]) {
      const entries = { REDIS_PASSWORD: value };
      expect(() => withBlock("", { owner: "dev", entries })).toThrow(/^(?!.*secret).*REDIS_PASSWORD/);
    }
  });

  it("makes the user's own settings empty where this cache does not have them", () => {
    const mine = 'REDIS_PASSWORD="p w"\nCACHE_PREFIX=mine\nREDIS_TLS=\n';
    const text = withBlock(mine, block);
    expect(parseEnv(text)).toMatchObject({ REDIS_PASSWORD: "", CACHE_PREFIX: "" });
    expect(readBlock(text)).toEqual(block);
    expect(withBlock(text, block)).toBe(text);
    expect(withoutBlock(text)).toBe(mine);
  });
});
