import { describe, expect, it } from "vitest";
import { evaluate, fill, holds } from "./workflow-runner-expressions.ts";

const contexts = {
  github: { event_name: "push", event: { number: 7 } },
  vars: { NAME: "x" },
  steps: { one: { outputs: { code: "1" }, outcome: "failure" } },
};
const well = { failed: false };
const failed = { failed: true };

describe("an expression", () => {
  it.each([
    ["github.event.number == 7", true],
    ["github.event_name == 'PUSH'", true],
    ["'it''s'", "it's"],
    ["vars.MISSING || 'prod'", "prod"],
    ["steps.one.outputs.more || steps.one.outputs.code", "1"],
    ["steps.one.outcome != 'success' && !cancelled()", true],
    ["!(vars.NAME == 'x')", false],
    ["failure() || success()", true],
  ])("%s", (expression, value) => {
    expect(evaluate(expression, contexts, well)).toBe(value);
  });

  it.each([
    "github.unknown",
    "steps.two.outcome",
    "contains('a', 'b')",
    "github.event",
    "1 2",
    "(1",
    "a[0]",
    "matrix.os",
  ])("that is not known is refused: %s", (expression) => {
    expect(() => evaluate(expression, contexts, well)).toThrow();
  });
});

describe("a condition", () => {
  it("holds only while all went well, unless it asks how it went", () => {
    const conditions = [undefined, "vars.NAME == 'x'", "failure()", `$${"{{ !cancelled() }}"}`];
    expect(conditions.map((each) => holds(each, contexts, well))).toEqual([true, true, false, true]);
    expect(conditions.map((each) => holds(each, contexts, failed))).toEqual([false, false, true, true]);
  });
});

it("puts values into a text, nothing for what is not set", () => {
  const text = ["<", "{{ vars.NAME }}-", "{{ vars.OTHER }}>"].join("$");
  expect(fill(text, contexts, well)).toBe("<x->");
});
