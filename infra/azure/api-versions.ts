/** The versions of Azure's APIs that our own requests use, by resource type. */
export const API_VERSIONS = {
  redis: "2024-11-01",
  redisEnterprise: "2025-07-01",
  vaults: "2024-11-01",
  sites: "2025-05-01",
  roleAssignments: "2022-04-01",
  roleDefinitions: "2022-04-01",
  resourceGroups: "2024-03-01",
  // As @pulumi/azure-native uses them.
  metricAlerts: "2018-03-01",
  actionGroups: "2024-10-01-preview",
  workbooks: "2023-06-01",
} as const;
