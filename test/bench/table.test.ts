import { describe, expect, it } from "vitest";
import { measured, notMeasured } from "./sample-results.ts";
import { table } from "./table.ts";

describe("the table", () => {
  const text = table([measured(1.25), measured(2.5), notMeasured(true)]);

  it("has a line for each row, with times, ratio, goal and memory, and marks what falls short", () => {
    expect(text.split("\n\n")[0]).toBe(
      [
        "| what               | against       | rounds |    ours |    that | ratio | goal |         mark | our memory | its memory |",
        "| ------------------ | ------------- | -----: | ------: | ------: | ----: | ---: | -----------: | ---------: | ---------: |",
        "| preview of a stack | empty program |      7 | 1250 ms | 1000 ms | 1.250 |  1.5 |              |     300 MB |     150 MB |",
        "| preview of a stack | empty program |      7 | 2500 ms | 1000 ms | 2.500 |  1.5 |       MISSED |     300 MB |     150 MB |",
        "| preview in Docker  | empty program |      - |       - |       - |     - | 1.65 | not measured |          - |          - |",
      ].join("\n"),
    );
  });

  it("says below why a row has no figures, and what to do about it", () => {
    expect(text.split("\n\n")[1]).toBe(
      "preview in Docker could not be measured: dockerd is not installed\napt-get install docker.io",
    );
  });

  it("shows no memory where the machine does not report it", () => {
    const result = measured(1);
    if (!result.measured) throw new Error("it is");
    const { memoryMb: _, ...ours } = result.ours;
    const line = table([{ ...result, ours }]).split("\n")[2];
    expect(line).toMatch(/\| +- \| +150 MB \|$/);
    expect(line).not.toMatch(/NaN|undefined/);
  });
});
