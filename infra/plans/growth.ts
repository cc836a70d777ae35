/** Which plan to grow to, for what runs out. */
import type { LargerPlans } from "../../check/subject.ts";
import type { Plan } from "./catalogue.ts";

const LARGER: Readonly<Record<string, LargerPlans>> = {
  "upstash-free": { memory: "upstash-fixed-1gb", allowance: "upstash-payg" },
  "upstash-fixed-250mb": { memory: "upstash-fixed-1gb", allowance: "upstash-payg" },
  "upstash-fixed-1gb": { memory: "upstash-payg", allowance: "upstash-payg" },
  "azure-c0": { memory: "azure-managed-b1", connections: "azure-managed-b0" },
  "azure-c1": { connections: "azure-managed-b1" },
  "azure-standard-c0": { memory: "azure-managed-b1-ha", connections: "azure-managed-b0-ha" },
  "azure-standard-c1": { connections: "azure-managed-b1-ha" },
  "azure-managed-b0": { memory: "azure-managed-b1" },
  "azure-managed-b0-ha": { memory: "azure-managed-b1-ha" },
} satisfies Partial<Record<Plan, Partial<Record<keyof LargerPlans, Plan>>>>;

/** Empty for the largest plans, and for those that do not grow. */
export function largerPlans(plan: string): LargerPlans {
  return LARGER[plan] ?? {};
}
