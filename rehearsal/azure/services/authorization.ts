/** `Microsoft.Authorization/permissions`: what the caller may do, at any scope. */
import { permissionOf } from "../gate.ts";
import type { ArmKernel, ArmService } from "../service.ts";

const SCOPES = [
  "/subscriptions/:subscriptionId",
  "/subscriptions/:subscriptionId/resourceGroups/:resourceGroup",
  "/subscriptions/:subscriptionId/resourceGroups/:resourceGroup/providers/:namespace/:type/:name",
];

export function authorizationService(kernel: ArmKernel): ArmService {
  return {
    routes: SCOPES.map((scope) => ({
      method: "GET",
      pattern: `${scope}/providers/Microsoft.Authorization/permissions`,
      apiVersions: ["2015-07-01", "2018-07-01", "2022-04-01"],
      open: true,
      handle() {
        const { actions, notActions } = permissionOf(kernel);
        return {
          status: 200,
          body: { value: [{ actions, notActions, dataActions: [], notDataActions: [] }] },
        };
      },
    })),
  };
}
