import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Arm, openArm } from "../../../../infra/azure/arm.ts";
import { lookAtAdopted } from "../../../../infra/caches/azure/adopted.ts";
import { azureWish } from "../../../../infra/caches/azure/wish.ts";
import type { Plan } from "../../../../infra/plans/catalogue.ts";
import { explanationText } from "../../../../infra/refusals/refusal.ts";
import { parseSettings } from "../../../../infra/settings/settings.ts";
import { type Azure, startAzure } from "../../../../rehearsal/azure/emulator.ts";
import { trustInThisProcess } from "../../../../rehearsal/azure/trust.ts";

let azure: Azure;
let arm: Arm;
let distrust: () => void;
beforeAll(async () => {
  azure = await startAzure();
  distrust = trustInThisProcess(azure.authority);
  const { subscriptionId, env } = azure;
  arm = await openArm({ env, subscriptionId });
  const path = `/subscriptions/${subscriptionId}/resourceGroups/propiq-rg/providers/Microsoft.Cache/redis/by-hand`;
  const body = { location: "eastus", properties: { sku: { name: "Basic", family: "C", capacity: 1 } } };
  await arm.request({ method: "PUT", path, apiVersion: "2024-11-01", body });
});
afterAll(async () => {
  distrust?.();
  await azure?.stop();
});

const look = (plan: Plan, adopt: string, isOwn = false) => {
  const settings = parseSettings(
    { plan, azure: JSON.stringify({ adopt }) },
    { stack: "test", isSecret: () => false },
  );
  const wish = azureWish(settings, plan, { subscriptionId: azure.subscriptionId, project: "propiq-cache" });
  return lookAtAdopted(arm, wish, isOwn);
};
const hintOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    ({ message, hint }: { message: string; hint: string }) => `${message}\n${hint}`,
  );

describe("an Azure cache that is to be adopted", () => {
  it("is taken as it is where it is of the plan", async () => {
    expect(await look("azure-c1", "by-hand")).toEqual({
      info: "The cache by-hand is adopted: read and wired, never changed and never deleted.",
    });
  });

  it("of another size than the plan is reported, with the commands to make a new one or to keep it", async () => {
    const adopted = await look("azure-standard-c1", "by-hand");
    const warning = adopted.warning && explanationText(adopted.warning);
    expect(warning).toContain("by-hand is Azure Cache for Redis Basic C1 (azure-c1), not azure-standard-c1");
    expect(warning).toContain("./propiq-cache pulumi config rm --path azure.adopt --stack test");
    expect(warning).toContain("./propiq-cache pulumi config set plan azure-c1 --stack test");
  });

  it("of the other service is refused, with the same commands", async () => {
    const words = await hintOf(look("azure-managed-b0", "by-hand"));
    expect(words).toContain("of another service than plan azure-managed-b0");
    expect(words).toContain("./propiq-cache pulumi config rm --path azure.adopt --stack test");
    expect(words).toContain("./propiq-cache pulumi config set plan azure-c1 --stack test");
  });

  it("that does not exist is refused, with the command that lists the existing caches", async () => {
    const words = await hintOf(look("azure-c1", "no-such"));
    expect(words).toContain("no cache no-such for plan azure-c1 exists in resource group propiq-rg");
    expect(words).toContain("az resource list --resource-group propiq-rg");
  });

  it("is refused where a stack made it, whose state would delete it", async () => {
    const name = "propiq-redis-azure-c1-0a1b2c3d";
    expect(await hintOf(look("azure-c1", name, true))).toContain("is this stack's own cache");
    expect(await hintOf(look("azure-c1", name))).toContain("was made by another stack");
  });
});
