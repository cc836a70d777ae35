/** What Pulumi calls the resources of Azure Monitor that we use. */

export const METRIC_ALERT = "azure-native:monitor:MetricAlert";
export const ACTION_GROUP = "azure-native:monitor:ActionGroup";
export const WORKBOOK = "azure-native:applicationinsights:Workbook";
