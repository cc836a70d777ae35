import { describe, expect, it } from "vitest";
import type { ArmReply, ArmRequest } from "../../../infra/azure/arm.ts";
import { ArmError } from "../../../infra/azure/arm-error.ts";
import { findVault, vaultAccess } from "../../../infra/azure/vault-access.ts";

const SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";
const READER = "aaaaaaaa-0000-0000-0000-000000000001";
const signal = AbortSignal.timeout(60_000);

/** @param answers bodies by the end of the path; a number is a status that Azure refuses with */
function armWith(answers: Readonly<Record<string, unknown>>) {
  return {
    subscriptionId: SUBSCRIPTION,
    async request({ path }: ArmRequest): Promise<ArmReply> {
      const end = Object.keys(answers).find((each) => path.endsWith(each));
      const body = end === undefined ? 404 : answers[end];
      if (typeof body !== "number") return { status: 200, headers: {}, body };
      throw new ArmError("refused", { status: body, code: body === 404 ? "NotFound" : "Forbidden" });
    },
  };
}

const vault = { id: "/vaults/v", properties: { enableRbacAuthorization: true } };
const assigned = { value: [{ properties: { roleDefinitionId: "/roleDefinitions/r" } }] };
const role = (dataActions: string[], notDataActions: string[] = []) => ({
  properties: { permissions: [{ dataActions, notDataActions }] },
});

describe("a Key Vault", () => {
  it("is found beside the app, or anywhere in the subscription", async () => {
    const beside = armWith({ "/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v": { name: "v" } });
    expect((await findVault(beside, "g", "v", signal))?.id).toContain("/resourceGroups/g/");
    const elsewhere = armWith({
      "/providers/Microsoft.KeyVault/vaults": { value: [{ id: "/x", name: "V" }] },
    });
    expect(await findVault(elsewhere, "g", "v", signal)).toEqual({ id: "/x", name: "V" });
    expect(await findVault(elsewhere, "g", "other", signal)).toBeUndefined();
  });
});

describe("an identity", () => {
  it.each([
    ["of the built-in role", role(["Microsoft.KeyVault/vaults/secrets/getSecret/action"]), "granted"],
    ["of a role with stars", role(["Microsoft.KeyVault/vaults/secrets/*"]), "granted"],
    ["of a role for keys only", role(["Microsoft.KeyVault/vaults/keys/*"]), "refused"],
    [
      "of a role that excludes it",
      role(["*"], ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]),
      "refused",
    ],
    ["of a role that cannot be read", 403, "unknown"],
  ])("%s: %#", async (_, definition, access) => {
    const arm = armWith({ "/roleAssignments": assigned, "/roleDefinitions/r": definition });
    expect(await vaultAccess(arm, vault, READER, signal)).toBe(access);
  });

  it("without a role is refused, and unknown where roles may not be read", async () => {
    expect(await vaultAccess(armWith({ "/roleAssignments": { value: [] } }), vault, READER, signal)).toBe(
      "refused",
    );
    expect(await vaultAccess(armWith({ "/roleAssignments": 403 }), vault, READER, signal)).toBe("unknown");
  });

  it("reads by an access policy where the vault uses those", async () => {
    const byPolicy = (secrets: string[]) => ({
      id: "/vaults/v",
      properties: { accessPolicies: [{ objectId: READER.toUpperCase(), permissions: { secrets } }] },
    });
    expect(await vaultAccess(armWith({}), byPolicy(["Get"]), READER, signal)).toBe("granted");
    expect(await vaultAccess(armWith({}), byPolicy(["list"]), READER, signal)).toBe("refused");
    expect(await vaultAccess(armWith({}), { id: "/vaults/v", properties: {} }, READER, signal)).toBe(
      "unknown",
    );
  });
});
