import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../infra/settings/settings.ts";

const subnetId = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n";
const context = { stack: "test", isSecret: () => false };
const wrongWith = (plan: string, network: object, more: Record<string, string> = {}): string => {
  try {
    parseSettings({ plan, azure: JSON.stringify({ network }), ...more }, context);
    return "";
  } catch (error) {
    return String(error);
  }
};

describe("the network of a cache in Azure", () => {
  it.each([
    ["azure-c0", { allowedIps: ["203.0.113.7", "203.0.113.0/24"] }],
    ["azure-managed-b0", {}],
    ["azure-managed-b0", { access: "private", subnetId }],
    ["upstash-free", { allowedIps: ["203.0.113.7"] }],
  ])("is taken on %s with %j", (plan, network) => {
    expect(wrongWith(plan, network)).toBe("");
  });

  it("requires the subnet of a private cache", () => {
    expect(wrongWith("azure-c0", { access: "private" })).toContain("azure.network.subnetId: is missing");
  });

  it("has no allowed addresses on Managed Redis, active or standing by", () => {
    const allowedIps = ["203.0.113.7"];
    expect(wrongWith("azure-managed-b0", { allowedIps })).toMatch(
      /azure\.network\.allowedIps: must be empty: azure-managed-b0 .* no firewall rules/,
    );
    expect(wrongWith("azure-c0", { allowedIps }, { standby: '["azure-managed-b1"]' })).toContain(
      "must be empty: azure-managed-b1",
    );
  });

  it("has no allowed addresses where it is private, and no subnet where it is public", () => {
    expect(wrongWith("azure-c0", { access: "private", subnetId, allowedIps: ["203.0.113.7"] })).toContain(
      "azure.network.allowedIps: belongs to access public",
    );
    expect(wrongWith("azure-c0", { subnetId })).toContain(
      "azure.network.subnetId: belongs to access private",
    );
    expect(wrongWith("azure-c0", { privateDnsZoneId: subnetId })).toContain(
      "azure.network.privateDnsZoneId: belongs to access private",
    );
  });

  it("knows no IPv6 addresses in Azure's firewall rules", () => {
    expect(wrongWith("azure-c0", { allowedIps: ["203.0.113.7", "2001:db8::/32"] })).toContain(
      "azure.network.allowedIps.1: must be an IPv4 address",
    );
  });
});
