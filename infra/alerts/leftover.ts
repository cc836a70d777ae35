/**
 * What a killed update made in Azure Monitor and no state knows of: it stands in the way of the next one, for the
 * provider makes nothing that already exists. It holds no data, so a resource with our tags is deleted and made again.
 */

import { advice } from "../../base/advice.ts";
import { program, setConfig } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { API_VERSIONS } from "../azure/api-versions.ts";
import type { Arm } from "../azure/arm.ts";
import { ifThere } from "../azure/if-there.ts";
import { isOwn, type Owner } from "../azure/tags.ts";
import { ACTION_GROUP, METRIC_ALERT, WORKBOOK } from "./tokens.ts";

interface Kind {
  /** Below `providers/`. */
  collection: string;
  apiVersion: string;
  /** The input that names it. */
  nameInput: string;
  words: string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  [METRIC_ALERT]: {
    collection: "Microsoft.Insights/metricAlerts",
    apiVersion: API_VERSIONS.metricAlerts,
    nameInput: "ruleName",
    words: "An alert rule",
  },
  [ACTION_GROUP]: {
    collection: "Microsoft.Insights/actionGroups",
    apiVersion: API_VERSIONS.actionGroups,
    nameInput: "actionGroupName",
    words: "An action group",
  },
  [WORKBOOK]: {
    collection: "Microsoft.Insights/workbooks",
    apiVersion: API_VERSIONS.workbooks,
    nameInput: "resourceName",
    words: "A workbook",
  },
};

/**
 * @param inputs of the resource that is going to be made
 * @throws PropiqError where the existing one is not ours
 */
export async function clearLeftover(
  arm: Arm,
  type: string,
  inputs: Readonly<Record<string, unknown>>,
  owner: Owner,
): Promise<void> {
  const kind = KINDS[type];
  if (kind === undefined) return;
  const { collection, apiVersion, nameInput, words } = kind;
  const name = String(inputs[nameInput]);
  const path = `/subscriptions/${arm.subscriptionId}/resourceGroups/${inputs["resourceGroupName"]}/providers/${collection}/${name}`;
  const tags = await tagsAt(arm, path, apiVersion);
  if (tags === undefined) return;
  if (!isOwn(tags, owner)) {
    throw new PropiqError(
      `${words} named ${name} already exists, and this stack did not make it. It was not changed.`,
      {
        code: "NAME_IN_USE",
        next: advice(
          "See what it is, or choose another name.",
          program("az", "resource", "show", "--ids", path),
          setConfig(owner.stack, "name", "propiq-redis-2"),
        ),
      },
    );
  }
  await arm.request({ method: "DELETE", path, apiVersion });
}

/** @returns undefined where nothing is there */
async function tagsAt(
  arm: Arm,
  path: string,
  apiVersion: string,
): Promise<Record<string, string> | undefined> {
  const found = await ifThere(arm.request({ method: "GET", path, apiVersion }));
  if (found === undefined) return undefined;
  return (found.body as { tags?: Record<string, string> } | undefined)?.tags ?? {};
}
