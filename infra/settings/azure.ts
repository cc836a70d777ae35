/** What does not fit together in a stack's `azure` settings. */
import { isIPv6 } from "node:net";
import { isIn, skuOf } from "../plans/catalogue.ts";
import type { Problem } from "./problems.ts";
import type { RawSettings } from "./schema.ts";

/** Problems of the network keys, which say who may reach the cache. Only for stacks with a cache in Azure. */
export function problemsOfAzure({ plan, standby, azure }: RawSettings): Problem[] {
  const plans = [plan, ...standby];
  if (azure === undefined || !plans.some((each) => isIn("azure", each))) return [];
  const { access, allowedIps, subnetId, privateDnsZoneId } = azure.network;
  const problems: Problem[] = [];
  const report = (key: string, words: string) => problems.push({ key: `azure.network.${key}`, words });
  if (access === "private") {
    if (subnetId === undefined) {
      report(
        "subnetId",
        "is missing: with access private the cache is reached inside a subnet, and this says which",
      );
    }
    if (allowedIps.length > 0) {
      report(
        "allowedIps",
        "belongs to access public; with access private no address outside reaches the cache",
      );
    }
  } else {
    const words = "belongs to access private";
    if (subnetId !== undefined) report("subnetId", words);
    if (privateDnsZoneId !== undefined) report("privateDnsZoneId", words);
  }
  const managed = plans.find((candidate) => skuOf("azure-managed", candidate) !== undefined);
  if (managed !== undefined && allowedIps.length > 0) {
    report(
      "allowedIps",
      `must be empty: ${managed} is Azure Managed Redis, which has no firewall rules; network.access private keeps others out`,
    );
  }
  allowedIps.forEach((address, index) => {
    if (isIPv6(address.split("/")[0] ?? "")) {
      report(
        `allowedIps.${index}`,
        "must be an IPv4 address or range: Azure's firewall rules know no others",
      );
    }
  });
  return problems;
}
