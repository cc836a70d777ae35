/**
 * The resources that the stand-in knows. Types, required inputs, outputs and API versions come from the SDK; the tables
 * add what its declarations do not say:
 * - paths, and which fields stand beside `properties` in a body: Azure/azure-rest-api-specs, redis.json 2024-11-01,
 *   redisenterprise.json 2025-07-01, privateEndpoint.json 2024-05-01, resources.json 2024-03-01, metricAlert_API.json
 *   2018-03-01, actionGroups_API.json 2024-10-01-preview, workbooks_API.json 2023-06-01
 * - `forceNew`: the specifications' `x-ms-mutability` without "update", and the provider's own list
 *   (pulumi-azure-native, provider/pkg/gen/replacement.go). Everything in a path forces replacement as well.
 */
import type { Fields } from "../protocol/sdk.ts";
import { readApiVersion, readArgs, readOutputs } from "./sdk.ts";

export interface Kind {
  type: string;
  /** The path of the resource; names in braces are inputs, or the subscription's id. */
  path: string;
  apiVersion: string;
  /** Every input that the SDK takes. */
  fields: Fields;
  /** Those of them that the stand-in knows. */
  known: readonly string[];
  /** Fields of the body beside `properties`. */
  top: readonly string[];
  forceNew: readonly string[];
  outputs: readonly string[];
  /** Whether a deletion is marked as a long-running operation. */
  deletePolls: boolean;
}

interface Row {
  file: string;
  args: string;
  path: string;
  known: readonly string[];
  top: readonly string[];
  forceNew: readonly string[];
  deletePolls: boolean;
}

const group = "/subscriptions/{subscriptionId}/resourceGroups/{resourceGroupName}";
const cluster = `${group}/providers/Microsoft.Cache/redisEnterprise/{clusterName}`;
const endpoint = `${group}/providers/Microsoft.Network/privateEndpoints/{privateEndpointName}`;

const ROWS: Readonly<Record<string, Row>> = {
  "azure-native:redis:Redis": {
    file: "redis/redis.d.ts",
    args: "RedisArgs",
    path: `${group}/providers/Microsoft.Cache/redis/{name}`,
    known: [
      ...["name", "resourceGroupName", "location", "tags", "sku", "enableNonSslPort", "minimumTlsVersion"],
      ...["publicNetworkAccess", "redisConfiguration", "redisVersion", "disableAccessKeyAuthentication"],
    ],
    top: ["location", "tags", "zones", "identity"],
    forceNew: ["location"],
    deletePolls: true,
  },
  "azure-native:redis:FirewallRule": {
    file: "redis/firewallRule.d.ts",
    args: "FirewallRuleArgs",
    path: `${group}/providers/Microsoft.Cache/redis/{cacheName}/firewallRules/{ruleName}`,
    known: ["cacheName", "ruleName", "resourceGroupName", "startIP", "endIP"],
    top: [],
    forceNew: [],
    deletePolls: false,
  },
  "azure-native:redisenterprise:RedisEnterprise": {
    file: "redisenterprise/redisEnterprise.d.ts",
    args: "RedisEnterpriseArgs",
    path: cluster,
    known: [
      ...["clusterName", "resourceGroupName", "location", "tags", "sku"],
      ...["highAvailability", "minimumTlsVersion", "publicNetworkAccess"],
    ],
    top: ["location", "tags", "zones", "identity", "sku"],
    forceNew: ["location"],
    deletePolls: true,
  },
  "azure-native:redisenterprise:Database": {
    file: "redisenterprise/database.d.ts",
    args: "DatabaseArgs",
    path: `${cluster}/databases/{databaseName}`,
    known: [
      ...["clusterName", "databaseName", "resourceGroupName", "clientProtocol", "port"],
      ...["clusteringPolicy", "evictionPolicy", "accessKeysAuthentication"],
    ],
    top: [],
    forceNew: [],
    deletePolls: true,
  },
  "azure-native:resources:ResourceGroup": {
    file: "resources/resourceGroup.d.ts",
    args: "ResourceGroupArgs",
    path: group,
    known: ["resourceGroupName", "location", "tags"],
    top: ["location", "tags", "managedBy"],
    forceNew: ["location"],
    deletePolls: true,
  },
  "azure-native:network:PrivateEndpoint": {
    file: "network/privateEndpoint.d.ts",
    args: "PrivateEndpointArgs",
    path: endpoint,
    known: [
      ...["privateEndpointName", "resourceGroupName", "location", "tags"],
      ...["subnet", "privateLinkServiceConnections"],
    ],
    top: ["id", "location", "tags", "extendedLocation"],
    forceNew: ["subnet"],
    deletePolls: true,
  },
  "azure-native:network:PrivateDnsZoneGroup": {
    file: "network/privateDnsZoneGroup.d.ts",
    args: "PrivateDnsZoneGroupArgs",
    path: `${endpoint}/privateDnsZoneGroups/{privateDnsZoneGroupName}`,
    known: ["privateEndpointName", "privateDnsZoneGroupName", "resourceGroupName", "privateDnsZoneConfigs"],
    top: ["id", "name"],
    forceNew: [],
    deletePolls: true,
  },
  "azure-native:monitor:MetricAlert": {
    file: "monitor/metricAlert.d.ts",
    args: "MetricAlertArgs",
    path: `${group}/providers/Microsoft.Insights/metricAlerts/{ruleName}`,
    known: [
      ...[
        "ruleName",
        "resourceGroupName",
        "location",
        "tags",
        "description",
        "severity",
        "enabled",
        "scopes",
      ],
      ...["autoMitigate", "evaluationFrequency", "windowSize", "criteria", "actions"],
    ],
    top: ["location", "tags"],
    forceNew: ["location"],
    deletePolls: false,
  },
  "azure-native:monitor:ActionGroup": {
    file: "monitor/actionGroup.d.ts",
    args: "ActionGroupArgs",
    path: `${group}/providers/Microsoft.Insights/actionGroups/{actionGroupName}`,
    known: [
      ...["actionGroupName", "resourceGroupName", "location", "tags"],
      ...["enabled", "groupShortName", "emailReceivers"],
    ],
    top: ["location", "tags", "identity"],
    forceNew: ["location"],
    deletePolls: false,
  },
  "azure-native:applicationinsights:Workbook": {
    file: "applicationinsights/workbook.d.ts",
    args: "WorkbookArgs",
    path: `${group}/providers/Microsoft.Insights/workbooks/{resourceName}`,
    known: [
      ...["resourceName", "resourceGroupName", "location", "tags", "kind"],
      ...["category", "displayName", "sourceId", "serializedData"],
    ],
    top: ["location", "tags", "kind", "identity", "etag"],
    forceNew: ["location"],
    deletePolls: false,
  },
};

/** Functions that list keys: a POST to this path. */
export const FUNCTIONS: Readonly<Record<string, { path: string; apiVersion: string }>> = {
  "azure-native:redis:listRedisKeys": {
    path: `${group}/providers/Microsoft.Cache/redis/{name}/listKeys`,
    apiVersion: readApiVersion("redis/listRedisKeys.d.ts"),
  },
  "azure-native:redisenterprise:listDatabaseKeys": {
    path: `${cluster}/databases/{databaseName}/listKeys`,
    apiVersion: readApiVersion("redisenterprise/listDatabaseKeys.d.ts"),
  },
};

const kinds = new Map<string, Kind>();

/** @throws in the provider's words for a type that the stand-in does not know */
export function kindOf(type: string): Kind {
  const known = kinds.get(type);
  if (known !== undefined) return known;
  const row = ROWS[type];
  if (row === undefined) throw new Error(`Resource type ${type} not found`);
  const { file, args, ...rest } = row;
  const kind: Kind = {
    type,
    ...rest,
    apiVersion: readApiVersion(file),
    fields: readArgs(file, args),
    outputs: readOutputs(file),
  };
  kinds.set(type, kind);
  return kind;
}

export const KNOWN_TYPES: readonly string[] = Object.keys(ROWS);

/** The inputs that stand in the path. */
export function pathInputs({ path }: Pick<Kind, "path">): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "subscriptionId");
}
