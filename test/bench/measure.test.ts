import { describe, expect, it } from "vitest";
import { figures, measureRow } from "./measure.ts";
import { CannotMeasure, type Part, type Row } from "./row.ts";

const say = () => {};
const { signal } = new AbortController();
const about = { name: "a", against: "b", goal: 1 };

/** Parts that take the given times, and write down that they ran. */
function scripted() {
  const log: string[] = [];
  const part = (what: string, ms: number, apart?: true): Part => ({
    what,
    ...(apart ? { apart } : {}),
    run: async () => {
      log.push(what);
      return ms;
    },
  });
  return { log, part };
}

describe("measuring a row", () => {
  it("warms both sides up, runs them in turn, and once more for the memory", async () => {
    const { log, part } = scripted();
    const row: Row = {
      ...about,
      prepare: async () => ({ ours: [part("ours", 30)], baseline: [part("one", 15), part("two", 5)] }),
    };
    const result = await measureRow(row, { rounds: 2, say, signal });
    expect(result).toMatchObject({ measured: true, ratio: 1.5, ours: { ms: 30 }, baseline: { ms: 20 } });
    const round = ["ours", "one", "two"];
    expect(log).toEqual([...round, ...round, ...round, ...round]);
  });

  it("runs each side once for a look at whether it runs, whatever the row needs for its figures", async () => {
    const { log, part } = scripted();
    const prepare = async (isShort: boolean) => ({
      ours: [part(isShort ? "some of ours" : "ours", 3)],
      baseline: [part("that", 2)],
    });
    const smoke = { smoke: true, say, signal } as const;
    expect(await measureRow({ ...about, rounds: 5, prepare }, smoke)).toMatchObject({ rounds: 1 });
    expect(log).toEqual(["some of ours", "that"]);
  });

  it("runs as many rounds as the row needs, unless the caller sets a number, and skips the warm-up where each run starts fresh", async () => {
    const { log, part } = scripted();
    const row: Row = {
      ...about,
      rounds: 2,
      fresh: true,
      prepare: async () => ({ ours: [part("ours", 3)], baseline: [part("that", 2)] }),
    };
    expect(await measureRow(row, { say, signal })).toMatchObject({ rounds: 2, ratio: 1.5 });
    // Two rounds, and one for the memory.
    expect(log).toEqual(["ours", "that", "ours", "that", "ours", "that"]);
    expect(await measureRow(row, { rounds: 4, say, signal })).toMatchObject({ rounds: 4 });
  });

  it("subtracts a part that is measured separately, and does not measure its memory", async () => {
    const { log, part } = scripted();
    const row: Row = {
      ...about,
      prepare: async () => ({
        ours: [part("ours", 30), part("plugin", 10, true)],
        baseline: [part("that", 10)],
      }),
    };
    expect(await measureRow(row, { rounds: 1, say, signal })).toMatchObject({ ratio: 2, ours: { ms: 20 } });
    expect(log.filter((what) => what === "plugin")).toHaveLength(2);
  });

  it("says why when something is missing", async () => {
    const row: Row = {
      ...about,
      prepare: async () => {
        throw new CannotMeasure("no engine", { hint: "install one", excusable: true });
      },
    };
    expect(await measureRow(row, { rounds: 1, say, signal })).toEqual({
      row: about,
      measured: false,
      why: "no engine",
      hint: "install one",
      excusable: true,
    });
  });

  it("stops between two parts when it is interrupted", async () => {
    const interruption = new AbortController();
    const { log, part } = scripted();
    const last: Part = {
      what: "last",
      run: async () => {
        interruption.abort(new Error("Ctrl-C"));
        return 1;
      },
    };
    const row: Row = { ...about, prepare: async () => ({ ours: [last], baseline: [part("next", 1)] }) };
    const measuring = measureRow(row, { rounds: 1, say, signal: interruption.signal });
    await expect(measuring).rejects.toThrow("Ctrl-C");
    expect(log).toEqual([]);
  });

  it("does not swallow a bug of its own", async () => {
    const row: Row = { ...about, prepare: () => Promise.reject(new TypeError("a bug")) };
    await expect(measureRow(row, { rounds: 1, say, signal })).rejects.toThrow("a bug");
  });
});

describe("the figures of a side", () => {
  it("add the medians of its parts", () => {
    const side = [{ what: "init" }, { what: "up" }];
    const rounds = [
      [1, 100],
      [9, 300],
      [2, 200],
    ];
    expect(figures(side, rounds, 3 * 2 ** 20)).toEqual({
      ms: 202,
      memoryMb: 3,
      parts: [
        { what: "init", ms: [1, 9, 2] },
        { what: "up", ms: [100, 300, 200] },
      ],
    });
  });
});
