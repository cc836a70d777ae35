/**
 * Azure Monitor's side of a stack: alert rules on the cache in use, who is informed, and a workbook.
 *
 * With another cache the rules are replaced: those of the new one are there before the app uses it, and those of the
 * old one go before it does. Group and workbook stay what they are, so that links to them do as well.
 */
import { RunError } from "@pulumi/pulumi/errors.js";
import type { Output } from "@pulumi/pulumi/output.js";
import { ComponentResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import { explain } from "../../base/errors.ts";
import { azureCloud } from "../azure/cloud.ts";
import { cloudOfStack } from "../azure/of-stack.ts";
import type { CacheInAzure } from "../caches/azure/around.ts";
import type { Settings } from "../settings/settings.ts";
import { alertsHooks, type Hooks, withLines } from "./hooks.ts";
import { ActionGroup, MetricAlert, Workbook } from "./resources.ts";
import type { AlertRule } from "./rules.ts";
import { type AlertsWish, alertsWish } from "./wish.ts";
import { newAlertsLines } from "./words.ts";
import { workbookJson } from "./workbook.ts";

export class AzureAlerts extends ComponentResource {
  readonly dashboard: Output<string>;
  readonly #wish: AlertsWish;
  readonly #cache: CacheInAzure;

  /** @throws RunError for a cloud that does not say what it is */
  static async make(settings: Settings, cache: CacheInAzure): Promise<AzureAlerts> {
    const { portal } = await azureCloud(process.env, cloudOfStack()).catch((error: unknown) => {
      throw new RunError(explain(error));
    });
    return new AzureAlerts(settings, cache, portal);
  }

  private constructor(settings: Settings, cache: CacheInAzure, portal: string) {
    const { provider } = cache.around;
    super(
      "propiq:alerts:Azure",
      "alerts",
      {},
      provider === undefined ? {} : { providers: { "azure-native": provider } },
    );
    this.#wish = alertsWish(settings, cache.wish);
    this.#cache = cache;
    const hooks = alertsHooks(cache);
    const group = this.#actionGroup(hooks);
    const [first, ...others] = this.#wish.rules;
    if (first !== undefined) this.#rule(first, group, withLines(hooks, newAlertsLines(settings)));
    for (const rule of others) this.#rule(rule, group, hooks);
    this.dashboard = this.#workbook(hooks).id.apply((id) => `${portal}/#resource${id}/workbook`);
    this.registerOutputs();
  }

  #actionGroup(hooks: Hooks): ActionGroup | undefined {
    const { actionGroup, resourceGroup, tags } = this.#wish;
    if (actionGroup === undefined) return undefined;
    const { name, shortName, receivers } = actionGroup;
    return new ActionGroup(
      "action-group",
      {
        actionGroupName: name,
        resourceGroupName: resourceGroup,
        location: "global",
        tags,
        enabled: true,
        groupShortName: shortName,
        // One form for every mail, whatever fired.
        emailReceivers: receivers.map((receiver) => ({ ...receiver, useCommonAlertSchema: true })),
      },
      // The provider would delete first whatever has a name that the program gives.
      { ...this.#options(hooks), deleteBeforeReplace: false },
    );
  }

  #rule(
    { kind, severity, measure, threshold, description }: AlertRule,
    group: ActionGroup | undefined,
    hooks: Hooks,
  ): void {
    const { resourceGroup, tags } = this.#wish;
    const { metric, aggregation, windowMinutes, splitBy } = measure;
    new MetricAlert(
      kind,
      {
        // By the name that the cache really has: one that grows in place keeps it, and so its rules.
        ruleName: this.#cache.name.apply((name) => `${name}-${kind}`),
        resourceGroupName: resourceGroup,
        location: "global",
        tags,
        description,
        severity,
        enabled: true,
        autoMitigate: true,
        scopes: [this.#cache.id],
        evaluationFrequency: windowMinutes === 5 ? "PT1M" : "PT5M",
        windowSize: `PT${windowMinutes}M`,
        criteria: {
          odataType: "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
          allOf: [
            {
              criterionType: "StaticThresholdCriterion",
              name: kind,
              metricName: metric,
              metricNamespace: this.#wish.metricNamespace,
              timeAggregation: aggregation,
              operator: "GreaterThan",
              threshold,
              // Azure looks names up among those that the cache has sent so far, and refuses all of a cache that was
              // made a moment ago (mspnp/aks-baseline#117). A test of ours holds them against the published list.
              skipMetricValidation: true,
              ...(splitBy === undefined
                ? {}
                : { dimensions: [{ name: splitBy, operator: "Include", values: ["*"] }] }),
            },
          ],
        },
        ...(group === undefined ? {} : { actions: [{ actionGroupId: group.id }] }),
      },
      { ...this.#options(hooks), deleteBeforeReplace: false },
    );
  }

  #workbook(hooks: Hooks): Workbook {
    const { workbook, resourceGroup, location, tags } = this.#wish;
    return new Workbook(
      "workbook",
      {
        resourceName: workbook.id,
        resourceGroupName: resourceGroup,
        location,
        tags,
        kind: "shared",
        category: "workbook",
        displayName: workbook.title,
        // Where Azure's portal lists it: Monitor > Workbooks, whichever cache it shows.
        sourceId: "azure monitor",
        serializedData: this.#cache.id.apply((id) => workbookJson(this.#wish, id)),
      },
      this.#options(hooks),
    );
  }

  /** The resource group comes first, where the stack makes it, and is deleted last. */
  #options(hooks: Hooks): CustomResourceOptions {
    const { group } = this.#cache.around;
    return { parent: this, hooks, ...(group === undefined ? {} : { dependsOn: [group] }) };
  }
}
