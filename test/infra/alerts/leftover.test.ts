/** What stands where a rule is going to be made: our own goes, another's stays. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PropiqError } from "../../../base/errors.ts";
import { clearLeftover } from "../../../infra/alerts/leftover.ts";
import { ACTION_GROUP } from "../../../infra/alerts/tokens.ts";
import { type Arm, openArm } from "../../../infra/azure/arm.ts";
import { tagsFor } from "../../../infra/azure/tags.ts";
import { type Azure, startAzure } from "../../../rehearsal/azure/emulator.ts";
import { emptyMonitor, monitorIn } from "../../../rehearsal/azure/monitor.ts";
import { trustInThisProcess } from "../../../rehearsal/azure/trust.ts";

const owner = { project: "propiq-cache", stack: "prod" };
const inputs = { actionGroupName: "the-group", resourceGroupName: "propiq-rg" };

let azure: Azure;
let arm: Arm;
let distrust: () => void;
beforeAll(async () => {
  azure = await startAzure();
  distrust = trustInThisProcess(azure.authority);
  arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
});
afterAll(async () => {
  distrust?.();
  await azure?.stop();
});

afterEach(() => emptyMonitor(azure));

const clear = () => clearLeftover(arm, ACTION_GROUP, inputs, owner);
const make = (tags?: Record<string, string>) =>
  arm.request({
    method: "PUT",
    path: `/subscriptions/${azure.subscriptionId}/resourceGroups/propiq-rg/providers/Microsoft.Insights/actionGroups/the-group`,
    apiVersion: "2024-10-01-preview",
    body: { location: "global", ...(tags && { tags }), properties: { groupShortName: "g", enabled: true } },
  });

describe("a leftover in Azure Monitor", () => {
  it("does not exist in the usual case", async () => {
    await expect(clear()).resolves.toBeUndefined();
  });

  it("is deleted where this stack made it", async () => {
    await make(tagsFor(owner));
    await clear();
    expect(monitorIn(azure)).toEqual([]);
  });

  it.each([
    ["nobody's", undefined],
    ["another stack's", tagsFor({ ...owner, stack: "staging" })],
  ])("remains where it is %s, and the options are reported", async (_, tags) => {
    await make(tags);
    const refused = await clear().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(PropiqError);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/^An action group named the-group already exists/),
      hint: expect.stringContaining("config set name propiq-redis-2 --stack prod"),
    });
    expect(monitorIn(azure)).toEqual(["actionGroups the-group"]);
  });
});
