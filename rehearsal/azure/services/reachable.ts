/** Who gets through to a cache: public access, firewall rules and private endpoints, seen from where the tests run. */
import type { ArmKernel } from "../service.ts";

export interface FirewallRule {
  startIP: string;
  endIP: string;
}

/**
 * A cache out of reach refuses connections here. Azure drops them in ways that differ by tier; what counts is that nobody
 * gets in.
 */
export function isReachable(
  { conditions, privateEndpoints }: ArmKernel,
  id: string,
  { publicNetworkAccess }: { publicNetworkAccess: "Enabled" | "Disabled" },
  rules: readonly FirewallRule[] = [],
): boolean {
  if (conditions.insideNetwork && privateEndpoints.connectionsOf(id).length > 0) return true;
  if (publicNetworkAccess === "Disabled") return false;
  const own = numberOf(conditions.clientAddress);
  return (
    rules.length === 0 ||
    rules.some(({ startIP, endIP }) => numberOf(startIP) <= own && own <= numberOf(endIP))
  );
}

const numberOf = (address: string): number =>
  address.split(".").reduce((number, part) => number * 256 + Number(part), 0);
