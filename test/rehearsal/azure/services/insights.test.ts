/** Azure Monitor in the emulator: what it takes, and what it refuses as the real one does. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { defaultConditions } from "../../../../rehearsal/azure/conditions.ts";
import { type Azure, startAzure } from "../../../../rehearsal/azure/emulator.ts";
import { emptyMonitor } from "../../../../rehearsal/azure/monitor.ts";
import { trustInThisProcess } from "../../../../rehearsal/azure/trust.ts";
import { type Answer, ask, settle } from "../../../support/azure-client.ts";

const GROUP = "/resourceGroups/propiq-rg/providers";
const CACHE = `${GROUP}/Microsoft.Cache/redis/one`;
const INSIGHTS = `${GROUP}/Microsoft.Insights`;
const GUID = "64c9d5b2-f319-88a9-8919-1a64a372acba";

let azure: Azure;
let distrust: () => void;
let cacheId: string;
beforeAll(async () => {
  azure = await startAzure({ durations: { createMs: 0 } });
  distrust = trustInThisProcess(azure.authority);
  cacheId = `/subscriptions/${azure.subscriptionId}${CACHE}`;
});
beforeEach(async () => {
  azure.conditions.metricsKnown = true;
  // One test deletes it.
  if (azure.resources.get(cacheId) !== undefined) return;
  const body = { location: "eastus", properties: { sku: { name: "Basic", family: "C", capacity: 0 } } };
  await settle(azure, await ask(azure, "PUT", `${CACHE}?api-version=2024-11-01`, body));
});
afterAll(async () => {
  await azure.stop();
  distrust();
});
afterEach(async () => {
  Object.assign(azure.conditions, defaultConditions());
  await emptyMonitor(azure);
});

const alertPath = (name: string) => `${INSIGHTS}/metricAlerts/${name}?api-version=2018-03-01`;
const groupPath = (name: string) => `${INSIGHTS}/actionGroups/${name}?api-version=2024-10-01-preview`;
const workbookPath = (name: string, query = "") =>
  `${INSIGHTS}/workbooks/${name}?api-version=2023-06-01${query}`;
const put = (path: string, body: unknown) => ask(azure, "PUT", path, body);
const codeOf = ({ status, body }: Answer) => [status, body.error?.code];
const wordsOf = ({ body }: Answer) => body.error?.message;

interface Changes {
  condition?: Record<string, unknown>;
  properties?: Record<string, unknown>;
  location?: string;
}
function alert({ condition, properties, location = "global" }: Changes = {}) {
  const criterion = {
    ...{ criterionType: "StaticThresholdCriterion", name: "memory", metricName: "usedmemorypercentage" },
    ...{ timeAggregation: "Average", operator: "GreaterThan", threshold: 75 },
    ...condition,
  };
  return {
    location,
    properties: {
      ...{ severity: 3, enabled: true, scopes: [cacheId], evaluationFrequency: "PT5M", windowSize: "PT15M" },
      criteria: {
        "odata.type": "Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria",
        allOf: [criterion],
      },
      ...properties,
    },
  };
}
const group = (properties: Record<string, unknown> = {}) => ({
  location: "Global",
  properties: { groupShortName: "short", enabled: true, ...properties },
});
const workbook = (properties: Record<string, unknown> = {}) => ({
  location: "eastus",
  kind: "shared",
  properties: { displayName: "Dashboard", serializedData: "{}", category: "workbook", ...properties },
});

describe("a metric alert", () => {
  it("is made, shown, changed and deleted", async () => {
    expect((await put(alertPath("one"), alert())).status).toBe(200);
    expect((await put(alertPath("one"), alert({ condition: { threshold: 80 } }))).status).toBe(200);
    const { body } = await ask(azure, "GET", alertPath("one"));
    expect(body).toMatchObject({
      type: "Microsoft.Insights/metricAlerts",
      properties: { criteria: { allOf: [{ threshold: 80 }] } },
    });
    expect((await ask(azure, "DELETE", alertPath("one"))).status).toBe(200);
    expect((await ask(azure, "DELETE", alertPath("one"))).status).toBe(204);
    expect(codeOf(await ask(azure, "GET", alertPath("one")))).toEqual([404, "ResourceNotFound"]);
  });

  it("may ask for a metric unseen, as it must where the cache is too new for Azure to know its metrics", async () => {
    azure.conditions.metricsKnown = false;
    expect(wordsOf(await put(alertPath("new"), alert()))).toMatch(/^Couldn't find a metric named usedmemory/);
    const unseen = alert({ condition: { skipMetricValidation: true } });
    expect((await put(alertPath("new"), unseen)).status).toBe(200);
    await ask(azure, "DELETE", alertPath("new"));
  });

  it.each<[string, Changes, RegExp]>([
    [
      "a metric that the cache does not have",
      { condition: { metricName: "memoryused" } },
      /Couldn't find a metric named memoryused\./,
    ],
    [
      "a metric of the other service",
      { condition: { metricName: "ShardKeyCount" } },
      /Couldn't find a metric/,
    ],
    [
      "another namespace than its cache's",
      { condition: { metricNamespace: "Microsoft.Web/sites" } },
      /Couldn't find a metric/,
    ],
    [
      "a dimension that the metric does not have",
      { condition: { dimensions: [{ name: "InstanceId", operator: "Include", values: ["*"] }] } },
      /dimension InstanceId/,
    ],
    ["a region", { location: "eastus" }, /List of available regions for the resource type is 'global'/],
    [
      "a cache that is not there",
      { properties: { scopes: ["/subscriptions/s/x"] } },
      /Alert scope is invalid/,
    ],
    ["a window shorter than its pause", { properties: { evaluationFrequency: "PT30M" } }, /windowSize/],
    [
      "a group that is not there",
      { properties: { actions: [{ actionGroupId: "/nowhere" }] } },
      /action group \/nowhere/,
    ],
    ["a description too long", { properties: { description: "x".repeat(2049) } }, /properties.description/],
    ["a severity that there is not", { properties: { severity: 5 } }, /properties.severity/],
    ["a field that there is not", { properties: { muted: true } }, /muted/],
  ])("is refused with %s", async (_, changes, words) => {
    const answer = await put(alertPath("bad"), alert(changes));
    expect(answer.status).toBe(400);
    expect(wordsOf(answer)).toMatch(words);
  });

  it("is refused under a name with letters that Azure does not take", async () => {
    expect((await put(alertPath("100%25"), alert())).status).toBe(400);
    expect((await put(alertPath("dot."), alert())).status).toBe(400);
  });
});

describe("an action group", () => {
  const receiver = { name: "ops", emailAddress: "ops@example.com", useCommonAlertSchema: true };

  it("is made with 201 and changed with 200", async () => {
    expect((await put(groupPath("g"), group({ emailReceivers: [receiver] }))).status).toBe(201);
    expect((await put(groupPath("g"), group())).status).toBe(200);
    expect((await ask(azure, "DELETE", groupPath("g"))).status).toBe(200);
  });

  it.each<[string, object, RegExp]>([
    ["a short name of 13 letters", group({ groupShortName: "propiq-redis-" }), /groupShortName/],
    ["two receivers of one name", group({ emailReceivers: [receiver, receiver] }), /emailReceivers/],
    [
      "an address of 65 letters",
      group({ emailReceivers: [{ ...receiver, emailAddress: `${"x".repeat(53)}@example.com` }] }),
      /emailReceivers/,
    ],
    ["a region", { ...group(), location: "West Europe" }, /'microsoft.insights\/actiongroups'/],
  ])("is refused with %s", async (_, body, words) => {
    const answer = await put(groupPath("bad"), body);
    expect(answer.status).toBe(400);
    expect(wordsOf(answer)).toMatch(words);
  });
});

describe("a workbook", () => {
  it("shows its content only to callers that ask for it", async () => {
    expect((await put(workbookPath(GUID), workbook())).status).toBe(201);
    const shown = async (query: string) =>
      (await ask(azure, "GET", workbookPath(GUID, query))).body["properties"];
    expect(await shown("")).not.toHaveProperty("serializedData");
    expect(await shown("&canFetchContent=true")).toMatchObject({ serializedData: "{}" });
  });

  it("is refused without a GUID as its name, with a title that is taken, and with invalid JSON", async () => {
    expect(wordsOf(await put(workbookPath("dashboard"), workbook()))).toMatch(/GUID/);
    await put(workbookPath(GUID), workbook());
    const other = GUID.replace("6", "7");
    expect(codeOf(await put(workbookPath(other), workbook()))).toEqual([409, "Conflict"]);
    const broken = workbook({ displayName: "Other", serializedData: "{" });
    expect(wordsOf(await put(workbookPath(other), broken))).toMatch(/serializedData/);
    expect((await put(workbookPath(other), { ...workbook(), location: "global" })).status).toBe(400);
  });
});

describe("Azure Monitor", () => {
  it("requires a registered provider and a role with the permission", async () => {
    azure.conditions.unregistered = ["microsoft.insights"];
    expect(codeOf(await put(alertPath("one"), alert()))).toEqual([409, "MissingSubscriptionRegistration"]);
    azure.conditions.unregistered = [];
    azure.conditions.role = "Redis Cache Contributor";
    expect(codeOf(await put(alertPath("one"), alert()))).toEqual([403, "AuthorizationFailed"]);
    azure.conditions.role = "Monitoring Contributor";
    expect((await put(alertPath("one"), alert())).status).toBe(200);
    await ask(azure, "DELETE", alertPath("one"));
  });

  it("keeps a rule whose cache was deleted: the caller must delete both", async () => {
    await put(alertPath("orphan"), alert());
    await settle(azure, await ask(azure, "DELETE", `${CACHE}?api-version=2024-11-01`));
    expect(azure.resources.get(cacheId)).toBeUndefined();
    expect((await ask(azure, "GET", alertPath("orphan"))).status).toBe(200);
    expect(wordsOf(await put(alertPath("other"), alert()))).toMatch(/Alert scope is invalid/);
  });
});
