/** What is so in the emulated Azure: who asks, what is registered, taken, retired or full. Tests change it at any time. */
import type { Permission, Role } from "./permissions.ts";

export interface Conditions {
  /** The roles of the identity that signs in, on the whole subscription. */
  role: Role | Permission;
  /** Resource providers that the subscription has not registered, e.g. `Microsoft.Cache`. */
  unregistered: string[];
  /** Azure Cache for Redis refuses new caches, as it does to new tenants since 2026. */
  retired: boolean;
  /** Names of caches that other customers have. */
  takenNames: string[];
  /** SKUs of Managed Redis for which this region has no room, e.g. `Balanced_B0`. */
  fullSkus: string[];
  /** Types that a policy denies, e.g. `Microsoft.Cache/redis`, and the policy's name. */
  denied: Record<string, string>;
  /** How much each cache may hold; that of its SKU where absent. */
  memoryBytes?: number;
  /** The public address from which the tests come, for firewall rules. */
  clientAddress: string;
  /** Whether the tests run inside of the network that private endpoints lead into. */
  insideNetwork: boolean;
  /**
   * Whether Azure Monitor already knows the metrics of caches made here. It takes minutes after a resource was made, and
   * rules that want the name checked are refused until then (mspnp/aks-baseline#117, #122).
   */
  metricsKnown: boolean;
}

export const defaultConditions = (): Conditions => ({
  role: "Contributor",
  unregistered: [],
  retired: false,
  takenNames: [],
  fullSkus: [],
  denied: {},
  clientAddress: "203.0.113.10",
  insideNetwork: false,
  metricsKnown: false,
});

/** Milliseconds that operations take at the least; Azure takes minutes. */
export interface Durations {
  createMs: number;
  updateMs: number;
  deleteMs: number;
}
