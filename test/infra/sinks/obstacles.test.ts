/** What keeps an app from being wired is found in one go. */
import { expect, it } from "vitest";
import { openArm } from "../../../infra/azure/arm.ts";
import { obstaclesOf } from "../../../infra/sinks/obstacles.ts";
import type { Azure } from "../../../rehearsal/azure/emulator.ts";
import { azureForEachTest } from "../../support/azure-for-each-test.ts";

const APP = "luntra-outreach-app";
let azure: Azure;
azureForEachTest(
  (started) => {
    azure = started;
  },
  { apps: [{ name: APP }, { name: "luntra-api", identity: true }], keyVaults: [{ name: "propiq-vault" }] },
);

async function codesOf(app: string, keyVault?: string): Promise<string[]> {
  const arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
  const wired = { app, slot: undefined, resourceGroup: "propiq-rg", keyVault };
  return (await obstaclesOf(arm, wired, AbortSignal.timeout(60_000))).map(({ code }) => code);
}

it("reports a missing vault and a missing identity together", async () => {
  expect(await codesOf(APP, "no-such-vault")).toEqual(["VAULT_NOT_FOUND", "APP_NO_IDENTITY"]);
});

it("reports each of them alone, and an identity that may not read", async () => {
  expect(await codesOf(APP, "propiq-vault")).toEqual(["APP_NO_IDENTITY"]);
  expect(await codesOf("luntra-api", "no-such-vault")).toEqual(["VAULT_NOT_FOUND"]);
  expect(await codesOf("luntra-api", "propiq-vault")).toEqual(["VAULT_REFUSED"]);
});

it("reports an app that does not exist, and nothing for an app without a vault", async () => {
  expect(await codesOf("luntra-outreach", "propiq-vault")).toEqual(["APP_NOT_FOUND"]);
  expect(await codesOf(APP)).toEqual([]);
});
