import { describe, expect, it } from "vitest";
import { outputsIn } from "../../../operations/stacks/outputs.ts";
import { type JsonObject, mutated, mutatedText } from "../../support/mutated.ts";
import { seeded } from "../../support/random.ts";

const GOOD: JsonObject = {
  ...{ plan: "azure-c0", provider: "azure", endpoint: "a:6380", monthlyUsd: 16, rotatedAt: null, expect: {} },
  ...{ settings: { REDIS_HOST: "a" }, limits: { memoryMb: 1, maxConnections: null } },
  ...{ sinks: [{ kind: "env-file", target: ".env" }] },
};

describe("the outputs of a stack", () => {
  it("are read as an update writes them", () => {
    expect(outputsIn(JSON.stringify(GOOD), "prod")).toEqual(GOOD);
    expect(outputsIn("{}", "prod")).toEqual({});
  });

  it.each([
    { settings: ["x"] },
    { settings: { REDIS_HOST: 7 } },
    { endpoint: 7 },
    { plan: null },
    { sinks: [null] },
  ])("of a damaged state are refused with a code and a command: %j", (damage) => {
    expect(() => outputsIn(JSON.stringify({ ...GOOD, ...damage }), "prod")).toThrow(
      expect.objectContaining({ code: "STATE_DAMAGED", hint: expect.stringContaining("up --stack prod") }),
    );
  });

  it("are read or refused, whatever stands there", () => {
    const random = seeded(20261203);
    for (let round = 0; round < 2000; round++) {
      const edited = round % 2 === 0;
      const json = edited ? JSON.stringify(mutated(GOOD, random)) : mutatedText(JSON.stringify(GOOD), random);
      try {
        outputsIn(json, "prod");
      } catch (error) {
        expect(error, json).toMatchObject({ name: "PropiqError", code: "STATE_DAMAGED" });
      }
    }
  });
});
