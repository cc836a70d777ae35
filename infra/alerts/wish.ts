/** What a stack needs from Azure Monitor, in Azure's terms: names, receivers and rules. Pure. */
import { serviceOf } from "../azure/services.ts";
import type { AzureWish } from "../caches/azure/wish.ts";
import { stackGuid, stackName } from "../plans/names.ts";
import type { Settings } from "../settings/settings.ts";
import { RESOURCE_TYPES } from "./measures.ts";
import { type AlertRule, alertRules } from "./rules.ts";

export interface AlertsWish
  extends Pick<AzureWish, "plan" | "stack" | "resourceGroup" | "location" | "tags"> {
  rules: readonly AlertRule[];
  /** The type of the cache, whose metrics they are. */
  metricNamespace: string;
  /** Who is informed of a fired alert. Absent: it shows in the portal only. */
  actionGroup?: { name: string; shortName: string; receivers: readonly EmailReceiver[] };
  workbook: { id: string; title: string };
}

export interface EmailReceiver {
  name: string;
  emailAddress: string;
}

/** Azure's limit; it stands before each mail's text. */
const SHORT_NAME_LENGTH = 12;

/** @param azure of the cache in use: the one that alerts watch */
export function alertsWish(
  { name, alerts }: Pick<Settings, "name" | "alerts">,
  { plan, stack, project, subscriptionId, resourceGroup, location, tags }: AzureWish,
): AlertsWish {
  const service = serviceOf(plan);
  if (service === undefined) throw new Error(`${plan} is not a plan of Azure`);
  const identity = { scope: subscriptionId, project, stack };
  const receivers = receiversOf(alerts?.emails ?? []);
  const actionGroup = {
    name: stackName({ name, ...identity }, "alerts"),
    shortName: name.slice(0, SHORT_NAME_LENGTH).replace(/-+$/, ""),
    receivers,
  };
  return {
    ...{ plan, stack, resourceGroup, location, tags },
    rules: alertRules(plan, stack),
    metricNamespace: RESOURCE_TYPES[service],
    ...(receivers.length === 0 ? {} : { actionGroup }),
    workbook: {
      id: stackGuid(identity, "workbook"),
      // Azure takes a title only once in a subscription.
      title: `Redis cache of ${project}, stack ${stack}`,
    },
  };
}

/** One for each address; Azure needs a name for each that no other has. */
function receiversOf(emails: readonly string[]): EmailReceiver[] {
  const addresses = new Map(emails.map((email) => [email.toLowerCase(), email]));
  const taken = new Set<string>();
  return [...addresses.values()].map((emailAddress) => {
    const plain = emailAddress.toLowerCase().replace(/[^a-z0-9]+/g, "-");
    let name = plain;
    for (let number = 2; taken.has(name); number++) name = `${plain}-${number}`;
    taken.add(name);
    return { name, emailAddress };
  });
}
