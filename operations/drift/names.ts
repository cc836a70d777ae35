/** What people call the things of a state. Pure. */
import { ACTION_GROUP, METRIC_ALERT, WORKBOOK } from "../../infra/alerts/tokens.ts";
import { urnParts } from "../../infra/plans/urn.ts";
import type { StateResource } from "./state.ts";

/** Types whose settings are compared by a look of our own, key by key. */
export const APP_SETTINGS = "propiq:index:AppSettings";
export const ENV_FILE = "propiq:index:EnvFile";

const KINDS: Readonly<Record<string, string>> = {
  [APP_SETTINGS]: "App Service",
  [ENV_FILE]: "env file",
  "azure-native:redis:Redis": "Azure Cache for Redis",
  "azure-native:redis:FirewallRule": "firewall rule",
  "azure-native:redisenterprise:RedisEnterprise": "Azure Managed Redis",
  "azure-native:redisenterprise:Database": "its database",
  "azure-native:network:PrivateEndpoint": "private endpoint",
  "azure-native:network:PrivateDnsZoneGroup": "DNS zone group",
  [METRIC_ALERT]: "alert rule",
  [ACTION_GROUP]: "action group",
  [WORKBOOK]: "workbook",
  "docker:index/container:Container": "container",
  "docker:index/remoteImage:RemoteImage": "image",
  "propiq:index:LocalRedis": "redis-server",
  "propiq:index:LocalPassword": "password",
  "propiq:index:ResourceGroup": "resource group",
  "propiq:index:UpstashPlan": "plan of the Upstash database",
  "propiq:index:VerifiedCache": "proof",
  "upstash:index/redisDatabase:RedisDatabase": "Upstash database",
};

/** `Azure Cache for Redis propiq-redis-azure-c0-d7c18763` */
export function nameOf({ type, urn, outputs }: Pick<StateResource, "type" | "urn" | "outputs">): string {
  const kind = KINDS[type] ?? type.split(":").at(-1) ?? type;
  const own = ["app", "path", "displayName", "databaseName", "name", "databaseId"].map((key) => outputs[key]);
  const name = own.find((value) => typeof value === "string" && value !== "") ?? urnParts(urn).name;
  const slot = type === APP_SETTINGS && typeof outputs["slot"] === "string" ? `/${outputs["slot"]}` : "";
  return `${kind} ${String(name)}${slot}`;
}
