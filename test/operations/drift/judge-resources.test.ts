import { describe, expect, it } from "vitest";
import { advice, adviceText } from "../../../base/advice.ts";
import { judgeResources } from "../../../operations/drift/judge-resources.ts";
import { parseRefresh } from "../../../operations/drift/refresh.ts";
import { parseState } from "../../../operations/drift/state.ts";
import { repairStack } from "../../../operations/stacks/conflict.ts";
import { hintOf } from "../hint-of.ts";

const URN = "urn:pulumi:prod::propiq-cache::propiq:cache:Azure$azure-native:redis:Redis::azure-c0";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

const aResource = (given: object = {}) => ({
  urn: URN,
  custom: true,
  type: "azure-native:redis:Redis",
  id: "/x",
  inputs: {},
  outputs: { name: "propiq-redis-azure-c0-1" },
  ...given,
});
const stateOf = (resources: object[], pending: object[] = []) =>
  parseState({ version: 3, deployment: { resources, pending_operations: pending } });
const event = (kind: string, body: object) => JSON.stringify({ sequence: 1, timestamp: 1, [kind]: body });
const step = (op: string, given: object = {}) =>
  event("resOutputsEvent", { metadata: { op, urn: URN, type: "azure-native:redis:Redis", ...given } });
const refused = (message: string, urn?: string) =>
  event("diagnosticEvent", { severity: "error", message, urn });
const END = event("summaryEvent", { result: "succeeded" });

function judged(resources: object[], lines: string[], pending: object[] = []) {
  const { places, notAsked } = judgeResources(
    "prod",
    stateOf(resources, pending),
    parseRefresh([...lines, END].join("\n")),
  );
  return {
    findings: places.flatMap(({ name, findings }) =>
      findings.map(
        ({ code, keys }) => `${name}: ${code} ${keys.map((key) => `${key.name} ${key.change}`).join(", ")}`,
      ),
    ),
    hints: places.flatMap(({ findings }) => findings.map(hintOf)).join("\n"),
    notes: places.flatMap(({ notes }) => notes),
    places: places.length,
    notAsked,
  };
}

describe("a resource", () => {
  it("has not drifted where Pulumi finds it as it was", () => {
    expect(judged([aResource()], [step("same", { detailedDiff: {} })])).toMatchObject({
      ...{ places: 1, findings: [], notes: [], notAsked: [] },
    });
  });

  it("is reported by the paths of what differs", () => {
    const detailedDiff = {
      "redisConfiguration.maxclients": { diffKind: "add", inputDiff: false },
      "tags.team": { diffKind: "add", inputDiff: false },
      enableNonSslPort: { diffKind: "update", inputDiff: false },
      "tags.managed-by": { diffKind: "delete", inputDiff: false },
      "sku.capacity": { diffKind: "update-replace", inputDiff: false },
    };
    expect(judged([aResource()], [step("update", { detailedDiff })]).findings).toEqual([
      "Azure Cache for Redis propiq-redis-azure-c0-1: CHANGED enableNonSslPort changed, sku.capacity changed, tags.managed-by removed, tags.team added",
    ]);
  });

  it("has not drifted by what Azure fills in or reports after an interrupted create", () => {
    const own = ["redisConfiguration.maxclients", "redisConfiguration.maxmemoryReserved", "hostName"];
    const detailedDiff = {
      ...Object.fromEntries(own.map((name) => [name, { diffKind: "add" }])),
      provisioningState: { diffKind: "update" },
      zones: { diffKind: "add" },
    };
    const inputs = { redisConfiguration: { maxmemoryPolicy: "allkeys-lru" } };
    const lines = (diff: object) => [step("update", { detailedDiff: diff })];
    expect(judged([aResource({ inputs })], lines(detailedDiff)).findings).toEqual([]);
    const byHand = { "redisConfiguration.notifyKeyspaceEvents": { diffKind: "add" } };
    expect(judged([aResource({ inputs })], lines({ ...detailedDiff, ...byHand })).findings).toEqual([
      "Azure Cache for Redis propiq-redis-azure-c0-1: CHANGED redisConfiguration.notifyKeyspaceEvents added",
    ]);
  });

  it("is reported by names alone where Pulumi reports no details", () => {
    expect(judged([aResource()], [step("update", { diffs: ["tags"], detailedDiff: null })]).findings).toEqual(
      ["Azure Cache for Redis propiq-redis-azure-c0-1: CHANGED tags changed"],
    );
  });

  it("is reported when it does not exist, and an adopted one is not created again", () => {
    const own = judged([aResource()], [step("delete", { detailedDiff: null })]);
    expect(own.findings).toEqual(["Azure Cache for Redis propiq-redis-azure-c0-1: GONE "]);
    expect(own.hints).toContain("Create it again");
    expect(judged([aResource({ external: true })], [step("delete")]).hints).toContain("It was adopted");
  });

  it("that only monitors is named by its kind, and its deletion loses no data", () => {
    const type = "azure-native:applicationinsights:Workbook";
    const outputs = {
      name: "64c9d5b2-f319-88a9-8919-1a64a372acba",
      displayName: "Redis cache of stack prod",
    };
    const gone = judged([aResource({ type, outputs })], [step("delete")]);
    expect(gone.findings).toEqual(["workbook Redis cache of stack prod: GONE "]);
    expect(gone.hints).toBe(adviceText(advice("Create it again.", repairStack("prod"))));
  });

  it("that is adopted is its owner's to change", () => {
    expect(judged([aResource({ external: true })], [step("update", { diffs: ["tags"] })])).toMatchObject({
      ...{ findings: [], notes: ["adopted, and its owner has changed it: tags changed"] },
    });
  });

  it("is not asked where its provider refused, or the refresh never reached it", () => {
    const other = aResource({ urn: `${URN}-2`, outputs: { name: "second" } });
    const told = judged(
      [aResource(), other],
      [refused("Preview failed: no rights\nand more", URN), refused("preview failed\n")],
    );
    expect(told).toMatchObject({ places: 0, findings: [] });
    expect(told.notAsked.map(({ why }) => why)).toEqual([
      "no rights",
      "not compared, because others failed before",
    ]);
  });

  it("is not asked where the engine itself could not start", () => {
    const told = judged([aResource()], [refused("error: no plugin azure-native")]);
    expect(told.notAsked.map(({ why }) => why)).toEqual(["no plugin azure-native"]);
  });
});

describe("an Upstash database", () => {
  const urn = "urn:pulumi:prod::propiq-cache::upstash:index/redisDatabase:RedisDatabase::upstash";
  const plan = "urn:pulumi:prod::propiq-cache::propiq:index:UpstashPlan::upstash-plan";
  const resources = [
    aResource({ urn, type: "upstash:index/redisDatabase:RedisDatabase", outputs: { databaseName: "db" } }),
    aResource({ urn: plan, type: "propiq:index:UpstashPlan", outputs: { databaseId: "1" } }),
  ];
  const read = (status: number) =>
    refused(
      `refreshing ${urn}: 1 error occurred:\n\t* Cannot retrieve database, status code: ${status} response: "x"\n`,
      urn,
    );

  it("that its provider cannot find is reported as deleted, together with its plan", () => {
    const told = judged(resources, [read(404), step("delete", { urn: plan })]);
    expect(told).toMatchObject({ findings: ["Upstash database db: GONE "], notAsked: [] });
    expect(told.hints).toContain("./propiq-cache repair --stack prod");
  });

  it("that could not be asked is reported with a command to ask again, not to deploy", () => {
    const { notAsked } = judged(resources, [read(503), step("same", { urn: plan })]);
    expect(notAsked).toMatchObject([{ name: "Upstash database db" }]);
    expect(hintOf(notAsked[0])).toContain("./propiq-cache drift --stack prod");
    expect(hintOf(notAsked[0])).not.toContain("pulumi up");
  });

  it("is not asked where its provider could not start", () => {
    const provider = "urn:pulumi:prod::propiq-cache::pulumi:providers:upstash::default";
    const { notAsked } = judged(resources, [refused("no such plugin", provider)]);
    expect(notAsked.map(({ why }) => why)).toEqual(["no such plugin", "no such plugin"]);
  });
});

it("a container that was stopped is reported as such", () => {
  const container = aResource({
    type: "docker:index/container:Container",
    outputs: { name: "propiq-redis" },
  });
  const detailedDiff = { mustRun: { diffKind: "update" }, ports: { diffKind: "delete" } };
  const told = judged([container], [step("update", { detailedDiff })]);
  expect(told.findings).toEqual(["container propiq-redis: CHANGED mustRun changed, ports removed"]);
  expect(told.hints).toMatch(/^Start it\./);
});

describe("a state", () => {
  it("is decrypted where it is encrypted, and only real resources count", () => {
    const sealed = { ...SECRET, plaintext: JSON.stringify({ REDIS_URL: "x" }) };
    const state = stateOf([
      { urn: "u1", custom: false, type: "propiq:cache:Azure" },
      { urn: "u2", custom: true, type: "pulumi:providers:propiq" },
      aResource({ outputs: { settings: sealed, list: [sealed] } }),
    ]);
    expect(state.resources.map(({ outputs }) => outputs)).toEqual([
      { settings: { REDIS_URL: "x" }, list: [{ REDIS_URL: "x" }] },
    ]);
  });

  it("reports an interrupted update, and a replaced resource that still exists", () => {
    const told = judged([aResource({ delete: true })], [], [{ resource: { urn: URN }, type: "creating" }]);
    expect(told.findings).toEqual([
      "the state of azure-c0: UNFINISHED ",
      "the state of azure-c0: UNFINISHED ",
    ]);
    expect(told.notAsked).toEqual([]);
  });
});

it("lines that are no events are passed over", () => {
  expect(parseRefresh(`warning: x\n{broken\n\n${step("same")}\n`)).toMatchObject({
    resources: [{ urn: URN, op: "same", keys: [] }],
    errors: [],
    ended: false,
  });
});
