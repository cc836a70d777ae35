/** Who reaches a cache in Azure: allowed addresses, or an endpoint inside a network. */
import type { Resource } from "@pulumi/pulumi/resource.js";
import { rangeOf } from "./ranges.ts";
import { FirewallRule, PrivateDnsZoneGroup, PrivateEndpoint, type Redis } from "./resources.ts";
import type { AzureWish } from "./wish.ts";

/** What Azure calls the two sides of the door. */
export function publicNetworkAccess({ network }: AzureWish): "Enabled" | "Disabled" {
  return network.access === "private" ? "Disabled" : "Enabled";
}

/** One rule for each allowed address or range; with none, every address may connect (with a key). */
export function allowAddresses(
  cache: Redis,
  name: string,
  { network, resourceGroup }: AzureWish,
  parent: Resource,
): void {
  for (const { name: ruleName, startIP, endIP } of network.allowedIps.map(rangeOf)) {
    new FirewallRule(
      `${name}-${ruleName}`,
      { cacheName: cache.name, ruleName, resourceGroupName: resourceGroup, startIP, endIP },
      // With the cache its rules go by themselves: alone they would open it for a moment before.
      { parent, deletedWith: cache },
    );
  }
}

/** @param groupId what of the cache is reached: `redisCache` or `redisEnterprise` */
export function connectPrivately(
  cache: Resource & { id: Redis["id"] },
  name: string,
  groupId: "redisCache" | "redisEnterprise",
  wish: AzureWish,
  parent: Resource,
): void {
  const { network, resourceGroup, location, tags } = wish;
  if (network.access !== "private" || network.subnetId === undefined) return;
  const endpointName = `${wish.name}-endpoint`;
  const endpoint = new PrivateEndpoint(
    `${name}-endpoint`,
    {
      privateEndpointName: endpointName,
      resourceGroupName: resourceGroup,
      location,
      tags,
      subnet: { id: network.subnetId },
      privateLinkServiceConnections: [
        { name: endpointName, privateLinkServiceId: cache.id, groupIds: [groupId] },
      ],
    },
    { parent },
  );
  if (network.privateDnsZoneId === undefined) return;
  new PrivateDnsZoneGroup(
    `${name}-dns`,
    {
      privateEndpointName: endpoint.name,
      privateDnsZoneGroupName: "default",
      resourceGroupName: resourceGroup,
      privateDnsZoneConfigs: [{ name: "redis", privateDnsZoneId: network.privateDnsZoneId }],
    },
    { parent, deletedWith: endpoint },
  );
}
