/** Where long-running operations are polled, by anyone who was allowed to start them. */
import type { ArmKernel, ArmService } from "../service.ts";

const LOCATION = "/subscriptions/:subscriptionId/providers/:namespace/locations/:location";
/** Whatever version started it. */
const API_VERSIONS = [
  "2022-01-01",
  "2022-05-01",
  "2023-04-01",
  "2024-03-01",
  "2024-05-01",
  "2024-11-01",
  "2025-04-01",
  "2025-05-01",
  "2025-07-01",
];

export function operationsService({ operations }: ArmKernel): ArmService {
  return {
    routes: [
      ...["asyncOperations", "operationsStatus", "operations"].map((collection) => ({
        method: "GET",
        pattern: `${LOCATION}/${collection}/:id`,
        apiVersions: API_VERSIONS,
        open: true,
        handle: ({ params, path }: { params: Record<string, string>; path: string }) =>
          operations.status(params["id"] ?? "", path),
      })),
      {
        method: "GET",
        pattern: `${LOCATION}/operationResults/:id`,
        apiVersions: API_VERSIONS,
        open: true,
        handle: ({ params }) => operations.result(params["id"] ?? ""),
      },
    ],
  };
}
