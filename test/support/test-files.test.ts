import { describe, expect, it } from "vitest";
import { MACHINE_PARTS } from "./machine-parts.ts";
import { isUnit, partsOf, pathsIn, tagsOf, testFiles } from "./test-files.ts";

const namesFor = (...paths: string[]) =>
  partsOf(testFiles("usual", paths), MACHINE_PARTS).map(({ name }) => name);

describe("what the chosen files need", () => {
  it("is nothing for a test that only asks functions", () => {
    expect(namesFor("test/check/verdict.test.ts")).toEqual([]);
    expect(isUnit("test/check/verdict.test.ts")).toBe(true);
  });

  it("is a Redis server alone for a test of the check", () => {
    expect(namesFor("test/check/check.test.ts")).toEqual(["a Redis server"]);
    expect(isUnit("test/check/check.test.ts")).toBe(false);
  });

  it("is a Redis server and the Pulumi CLI for a journey", () => {
    expect(namesFor("test/journeys/env-file.test.ts")).toEqual([
      "a Redis server",
      expect.stringMatching(/^the Pulumi CLI \d/),
    ]);
  });

  it("is Chromium only for the tests that show pages", () => {
    expect(namesFor("test/check/render/html.test.ts")).toContain("Chromium");
    expect(namesFor("test/check/render/text.test.ts")).not.toContain("Chromium");
  });

  it("names modules that exist", () => {
    const used = MACHINE_PARTS.flatMap(({ usedBy }) => usedBy);
    expect(used.filter((file) => testFiles("usual", [file]).length === 0 && !loads(file))).toEqual([]);
  });
});

/** Whether some test loads this module. */
const loads = (file: string): boolean =>
  partsOf(testFiles("usual", ["test/"]), [{ usedBy: [file] }]).length === 1;

describe("the words of a run", () => {
  it("are paths, unless they are options or their values", () => {
    const words = ["test/infra", "-t", "keeps", "--reporter=verbose", "--project", "behaviour", "drift"];
    expect(pathsIn(words)).toEqual(["test/infra", "drift"]);
  });

  it("choose the files whose path contains one of them", () => {
    expect(testFiles("usual", ["test/base", "./test/check/verdict"])).toEqual(
      expect.arrayContaining(["test/base/advice.test.ts", "test/check/verdict.test.ts"]),
    );
    expect(testFiles("usual", ["nowhere"])).toEqual([]);
  });

  it("run a whole file where they name it, although npm test leaves it to the pipeline", () => {
    const drift = "test/journeys/drift.test.ts";
    expect(testFiles("usual", [])).not.toContain(drift);
    expect(testFiles("pipeline", [])).toContain(drift);
    expect(testFiles("usual", ["drift.test"])).toContain(drift);
    expect([tagsOf("usual", false), tagsOf("usual", true)]).toEqual(["!long && !pipeline", "!long"]);
  });

  it("choose among the long tests only files that have some", () => {
    expect(testFiles("long", ["test/journeys/killed"])).toEqual(["test/journeys/killed.test.ts"]);
    expect(testFiles("long", ["test/base/counted"])).toEqual([]);
  });
});
