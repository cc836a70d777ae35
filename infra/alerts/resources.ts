/** The azure-native resources of Azure Monitor that we use, made as those of the caches are: without the SDK's classes. */
import type { WorkbookArgs } from "@pulumi/azure-native/applicationinsights/index.js";
import type { ActionGroupArgs, MetricAlertArgs } from "@pulumi/azure-native/monitor/index.js";
import { CustomResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { inVersion } from "../caches/azure/resources.ts";
import { ACTION_GROUP, METRIC_ALERT, WORKBOOK } from "./tokens.ts";

export class MetricAlert extends CustomResource {
  constructor(name: string, args: MetricAlertArgs, options: CustomResourceOptions) {
    super(METRIC_ALERT, name, { ...args }, inVersion(options));
  }
}

export class ActionGroup extends CustomResource {
  constructor(name: string, args: ActionGroupArgs, options: CustomResourceOptions) {
    super(ACTION_GROUP, name, { ...args }, inVersion(options));
  }
}

export class Workbook extends CustomResource {
  constructor(name: string, args: WorkbookArgs, options: CustomResourceOptions) {
    super(WORKBOOK, name, { ...args }, inVersion(options));
  }
}
