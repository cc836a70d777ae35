/** What Azure Monitor refuses, without I/O. Where no public source has the words, they are the emulator's. */
import { metricOf } from "../metrics.ts";
import { refusals } from "../refusals.ts";
import type { TrackedResource } from "../resources.ts";

/** Of the metric alert schema, as far as rules look. */
export interface Criterion {
  name: string;
  metricName: string;
  metricNamespace?: string;
  skipMetricValidation?: boolean;
  dimensions?: { name: string; operator: string; values: string[] }[];
}
export interface AlertProperties {
  description?: string;
  scopes: string[];
  evaluationFrequency: string;
  windowSize: string;
  criteria: { "odata.type": string; allOf?: Criterion[] };
  actions?: { actionGroupId?: string }[];
}

/** Azure keeps both everywhere: MicrosoftDocs/azure-docs#5156. (Action groups may live in some regions since; we use none.) */
export function checkGlobal(type: string, location: string): void {
  if (location.toLowerCase() !== "global") throw refusals.locationNotAvailable(type, location, "global");
}

/** learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-metric-alert-rule, "Naming restrictions". */
export function checkRuleName(name: string, resourceGroup: string): void {
  if (/[*#&+:<>?@%{}\\/]/.test(name) || /[ .]$/.test(name) || name.length + resourceGroup.length > 252) {
    throw refusals.badRequest(`The alert rule name '${name}' is not valid.`);
  }
}

interface World {
  get: (id: string) => TrackedResource | undefined;
  /** Whether Azure knows the metrics of what was made a moment ago. */
  metricsKnown: boolean;
}

export function checkAlert(properties: AlertProperties, { get, metricsKnown }: World): void {
  const { description = "", scopes, evaluationFrequency, windowSize, criteria, actions = [] } = properties;
  // learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits.
  if (description.length > 2048) throw refusals.invalidBody("properties.description");
  if (minutesOf(evaluationFrequency) > minutesOf(windowSize)) {
    throw refusals.badRequest("windowSize must not be shorter than evaluationFrequency.");
  }
  const targets = scopes.map((scope) => {
    const target = get(scope);
    if (target === undefined) throw refusals.invalidScope();
    return target;
  });
  const [first] = targets;
  const single = /SingleResource/.test(criteria["odata.type"]);
  if (first === undefined || (single && targets.length > 1)) throw refusals.invalidScope();
  if (targets.some(({ type }) => type.toLowerCase() !== first.type.toLowerCase()))
    throw refusals.mixedScopes();
  const conditions = criteria.allOf ?? [];
  // "Up to five conditions per alert rule", as in the page above.
  if (conditions.length === 0 || conditions.length > 5) throw refusals.invalidBody("properties.criteria");
  if (new Set(conditions.map(({ name }) => name)).size < conditions.length) {
    throw refusals.invalidBody("properties.criteria.allOf.name");
  }
  for (const condition of conditions) checkMetric(condition, first.type, metricsKnown);
  for (const { actionGroupId = "" } of actions) {
    if (get(actionGroupId)?.type !== "Microsoft.Insights/actionGroups") {
      throw refusals.badRequest(`The action group ${actionGroupId} was not found.`);
    }
  }
}

function checkMetric(condition: Criterion, type: string, metricsKnown: boolean): void {
  const { metricName, metricNamespace = type, skipMetricValidation = false, dimensions = [] } = condition;
  if (metricNamespace.toLowerCase() !== type.toLowerCase()) throw refusals.metricUnknown(metricName);
  if (skipMetricValidation) return;
  const metric = metricsKnown ? metricOf(type, metricName) : undefined;
  if (metric === undefined) throw refusals.metricUnknown(metricName);
  const unknown = dimensions.find(({ name }) => !metric.dimensions.includes(name));
  if (unknown !== undefined) {
    throw refusals.badRequest(`The dimension ${unknown.name} is none of ${metricName}.`);
  }
}

/** `PT5M`, `PT1H`, `P1D` */
function minutesOf(duration: string): number {
  const [, days = "0", hours = "0", minutes = "0"] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration) ?? [];
  return Number(days) * 1440 + Number(hours) * 60 + Number(minutes);
}

export interface ActionGroupProperties {
  emailReceivers?: { name: string; emailAddress: string }[];
}

/** Numbers and lengths: the page of limits above. Names: "unique across all receivers within the action group" (the API). */
export function checkReceivers({ emailReceivers = [] }: ActionGroupProperties): void {
  const names = new Set(emailReceivers.map(({ name }) => name.toLowerCase()));
  if (
    names.size < emailReceivers.length ||
    emailReceivers.length > 1000 ||
    emailReceivers.some(({ emailAddress }) => emailAddress.length > 64)
  ) {
    throw refusals.invalidBody("properties.emailReceivers");
  }
}

/** The page "Programmatically manage workbooks": a GUID names it, and its text is JSON. */
export function checkWorkbook(name: string, serializedData: string | null): void {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(name)) {
    throw refusals.badRequest(`The workbook name '${name}' must be a GUID.`);
  }
  try {
    JSON.parse(serializedData ?? "null");
  } catch {
    throw refusals.invalidBody("properties.serializedData");
  }
}
