/** The subscription itself, and which resource providers it has registered. */
import { setTimeout as sleep } from "node:timers/promises";
import { ArmRefusal, type ArmReply } from "../message.ts";
import type { ArmKernel, ArmService } from "../service.ts";

const NAMESPACES = [
  "Microsoft.Cache",
  "Microsoft.Web",
  "Microsoft.KeyVault",
  "Microsoft.Network",
  "microsoft.insights",
];
/** Of Microsoft.Resources, as azcore (2019-05-01), @azure/arm-resources 5 and 7 and azure-native use them. */
const API_VERSIONS = [
  "2019-05-01",
  "2019-10-01",
  "2021-04-01",
  "2022-09-01",
  "2022-12-01",
  "2024-03-01",
  "2025-04-01",
];
const REGISTERING_MS = 100;

export function providersService(kernel: ArmKernel): ArmService {
  const { subscriptionId, tenantId, conditions } = kernel;
  const registering = new Set<string>();
  const ended = new AbortController();

  const show = (asked: string): ArmReply => {
    const namespace = NAMESPACES.find((name) => name.toLowerCase() === asked.toLowerCase());
    if (namespace === undefined) {
      throw new ArmRefusal(404, "InvalidResourceNamespace", `The resource namespace '${asked}' is invalid.`);
    }
    const unregistered = conditions.unregistered.some(
      (name) => name.toLowerCase() === namespace.toLowerCase(),
    );
    const registrationState = registering.has(namespace)
      ? "Registering"
      : unregistered
        ? "NotRegistered"
        : "Registered";
    const id = `/subscriptions/${subscriptionId}/providers/${namespace}`;
    return {
      status: 200,
      body: { id, namespace, registrationPolicy: "RegistrationRequired", registrationState },
    };
  };

  return {
    routes: [
      {
        method: "GET",
        pattern: "/subscriptions/:subscriptionId",
        apiVersions: API_VERSIONS,
        handle: () => ({
          status: 200,
          body: {
            id: `/subscriptions/${subscriptionId}`,
            subscriptionId,
            tenantId,
            displayName: "Emulated subscription",
            state: "Enabled",
            subscriptionPolicies: { quotaId: "PayAsYouGo_2014-09-01", spendingLimit: "Off" },
            authorizationSource: "RoleBased",
          },
        }),
      },
      {
        method: "GET",
        pattern: "/subscriptions/:subscriptionId/providers/:namespace",
        apiVersions: API_VERSIONS,
        handle: ({ params }) => show(params["namespace"] ?? ""),
      },
      {
        method: "POST",
        pattern: "/subscriptions/:subscriptionId/providers/:namespace/register",
        apiVersions: API_VERSIONS,
        handle({ params }) {
          const reply = show(params["namespace"] ?? "");
          const { namespace } = reply.body as { namespace: string };
          const listed = conditions.unregistered.findIndex(
            (name) => name.toLowerCase() === namespace.toLowerCase(),
          );
          if (listed < 0 || registering.has(namespace)) return reply;
          registering.add(namespace);
          void sleep(REGISTERING_MS, undefined, { signal: ended.signal }).then(
            () => {
              registering.delete(namespace);
              conditions.unregistered = conditions.unregistered.filter(
                (name) => name.toLowerCase() !== namespace.toLowerCase(),
              );
            },
            () => {},
          );
          return show(namespace);
        },
      },
    ],
    async stop() {
      ended.abort();
    },
  };
}
