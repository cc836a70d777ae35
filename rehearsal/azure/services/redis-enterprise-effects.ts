/** What the routes of clusters and of databases do alike. */
import { displayName } from "../locations.ts";
import type { ArmRequest } from "../message.ts";
import type { OperationOptions } from "../operations.ts";
import type { ArmKernel } from "../service.ts";
import { isReachable } from "./reachable.ts";
import type { Cluster } from "./redis-enterprise-state.ts";

/** Lets through whom the cluster's settings let through. */
export async function admit(kernel: ArmKernel, { id, settings, database }: Cluster): Promise<void> {
  await database?.server?.setReachable(isReachable(kernel, id, settings));
}

/** @returns the headers of an answer that is followed: Azure sends these, says Azure/azure-sdk-for-net#30766 */
export function follow(
  kernel: ArmKernel,
  request: ArmRequest,
  cluster: Cluster,
  options: Omit<OperationOptions, "namespace" | "location" | "collection">,
): Record<string, string> {
  const { asyncOperation, location } = kernel.operations.start(request, {
    ...options,
    namespace: "Microsoft.Cache",
    location: displayName(cluster.location),
    collection: "operationsStatus",
  });
  return { "Azure-AsyncOperation": asyncOperation, Location: location, "Retry-After": "0" };
}
