import { describe, expect, it } from "vitest";
import { commandLine, program } from "../../../../base/command.ts";
import { judgeResize } from "../../../../infra/caches/azure/resize.ts";
import type { Plan } from "../../../../infra/plans/catalogue.ts";
import { skuOf } from "../../../../infra/plans/catalogue.ts";

const commands = {
  setPlan: (plan: Plan) => program("set", "plan", plan),
  resizeByNewCache: program("rm", "resize"),
};
const inputsOf = (plan: Plan): Record<string, unknown> => {
  const managed = skuOf("azure-managed", plan);
  return managed === undefined
    ? { sku: skuOf("azure", plan), redisVersion: "6" }
    : { sku: { name: managed.name }, highAvailability: managed.highAvailability };
};
const judge = (from: Plan, to: Plan, more: Record<string, unknown> = {}) =>
  judgeResize({ from: inputsOf(from), to: { ...inputsOf(to), ...more } }, to, commands);

describe("a change of size in place", () => {
  it.each([
    ["azure-c0", "azure-c1", /all data is lost/],
    ["azure-c0", "azure-standard-c0", /all data is lost/],
    ["azure-c1", "azure-standard-c1", /all data is lost/],
    ["azure-standard-c0", "azure-standard-c1", /keeps its data/],
    ["azure-managed-b0", "azure-managed-b1", /all data is lost/],
    ["azure-managed-b0", "azure-managed-b0-ha", /all data is lost/],
    ["azure-managed-b1-ha", "azure-managed-b0-ha", /keeps its data/],
  ] satisfies [Plan, Plan, RegExp][])(
    "from %s to %s is possible, and says what it costs",
    (from, to, costs) => {
      expect(judge(from, to)).toMatchObject({ possible: true, costs: expect.stringMatching(costs) });
    },
  );

  it.each([
    ["azure-standard-c1", "azure-c1", /Standard cache into a Basic/],
    ["azure-standard-c0", "azure-c1", /Standard cache into a Basic/],
    ["azure-c1", "azure-c0", /down to C0/],
    ["azure-standard-c1", "azure-standard-c0", /down to C0/],
    ["azure-c0", "azure-standard-c1", /in one step/],
    ["azure-managed-b0-ha", "azure-managed-b0", /high availability/],
  ] satisfies [Plan, Plan, RegExp][])("from %s to %s is refused, with a way", (from, to, why) => {
    const judgement = judge(from, to);
    expect(judgement).toMatchObject({ possible: false, why: expect.stringMatching(why) });
    expect(judgement?.possible === false && judgement.next.run).toContain(commands.resizeByNewCache);
  });

  it("uses an intermediate plan where one step is not possible", () => {
    const judgement = judge("azure-c0", "azure-standard-c1");
    expect(judgement?.possible === false && judgement.next.run?.map(commandLine)).toEqual([
      "set plan azure-standard-c0",
      "set plan azure-standard-c1",
      "rm resize",
    ]);
  });

  it("is not possible with another change of configuration, but is with other tags", () => {
    expect(judge("azure-c0", "azure-c1", { redisVersion: "4" })).toMatchObject({
      possible: false,
      why: expect.stringContaining("redisVersion"),
    });
    expect(judge("azure-c0", "azure-c1", { tags: { a: "b" } })).toMatchObject({ possible: true });
  });

  it("does not exist where the size is the same, whatever else changes", () => {
    expect(judge("azure-c0", "azure-c0", { redisVersion: "4" })).toBeUndefined();
    expect(
      judge("azure-managed-b0", "azure-managed-b0", { publicNetworkAccess: "Disabled" }),
    ).toBeUndefined();
  });
});
