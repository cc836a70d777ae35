import { describe, expect, it } from "vitest";
import { functionTotals } from "../../../check/functions/totals.ts";
import { type FunctionUse, parseFunctions } from "../../../check/functions/use.ts";
import { functionRows } from "../../../check/functions/words.ts";

const use = (over: Partial<FunctionUse> = {}): FunctionUse => ({
  namespace: "user:profile",
  hits: 90,
  misses: 10,
  errors: 0,
  loads: 10,
  loadMsMean: 100,
  loadMsMax: 300,
  unchangedReloads: 4,
  ttlSeconds: 300,
  savedSeconds: 9,
  ...over,
});
const at = (hour: number) => `2026-11-25T${String(hour).padStart(2, "0")}:00:00.000Z`;

describe("the totals of a function over a history", () => {
  it("add up what each run adds", () => {
    const [total] = functionTotals([
      { at: at(1), functions: [use()] },
      { at: at(2), functions: [use({ hits: 190, loads: 20, loadMsMean: 200, savedSeconds: 20 })] },
    ]);
    expect(total).toMatchObject({
      hits: 190,
      loads: 20,
      loadMsMean: 200,
      savedSeconds: 20,
      overSeconds: 3600,
    });
  });

  it("begin again with a new process of the app, and lose nothing", () => {
    const [total] = functionTotals([
      { at: at(1), functions: [use()] },
      {
        at: at(2),
        functions: [use({ hits: 5, misses: 1, loads: 1, unchangedReloads: 0, savedSeconds: 0.5 })],
      },
    ]);
    expect(total).toMatchObject({ hits: 95, misses: 11, loads: 11, savedSeconds: 9.5, loadMsMax: 300 });
  });

  it("list the busiest function first, and none for runs without figures", () => {
    const totals = functionTotals([
      { at: at(1) },
      { at: at(2), functions: [use({ namespace: "rare", hits: 1, misses: 1 }), use()] },
    ]);
    expect(totals.map(({ namespace }) => namespace)).toEqual(["user:profile", "rare"]);
    expect(functionTotals([{ at: at(1) }])).toEqual([]);
  });

  it("are shown as shares", () => {
    const totals = functionTotals([
      {
        at: at(1),
        functions: [
          use({ memoryBytes: 3 * 1024 * 1024 }),
          use({ namespace: "list", hits: 10, misses: 90, savedSeconds: 1, memoryBytes: 1024 * 1024 }),
          use({ namespace: "old-kit", hits: 0, misses: 0, savedSeconds: 0 }),
        ],
      },
    ]);
    expect(functionRows(totals)).toEqual([
      ["list", "10 (10%)", "10%", "10", "100 ms", "1.0 s (10%)", "1.0 MB (25%)"],
      ["user:profile", "90 (90%)", "90%", "10", "100 ms", "9.0 s (90%)", "3.0 MB (75%)"],
      ["old-kit", "0 (0%)", "–", "10", "100 ms", "0 ms (0%)", "–"],
    ]);
  });
});

describe("the functions of a health document", () => {
  it("are read leniently", () => {
    const read = parseFunctions(
      [{ namespace: "a\u0007##vso[x]", hits: 3, misses: "many", ttlSeconds: -1 }, null, 7, { hits: 1 }],
      (text) => text,
    );
    expect(read).toEqual([
      expect.objectContaining({ hits: 3, misses: 0, loads: 0, ttlSeconds: 0, savedSeconds: 0 }),
    ]);
    expect(read[0]?.namespace).not.toContain("##vso[");
    expect(parseFunctions({ length: 1e9 }, (text) => text)).toEqual([]);
  });
});
