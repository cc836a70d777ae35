import { describe, expect, it } from "vitest";
import { type Change, parseChange } from "../../../scripts/ci/change.ts";
import { changeOf } from "../../../scripts/ci/preview-change.ts";
import { markerOf, previewComment } from "../../../scripts/ci/preview-comment.ts";

const urn = (type: string, name: string) =>
  `urn:pulumi:prod::propiq-cache::propiq:cache:Upstash$${type}::${name}`;
const STACK = "urn:pulumi:prod::propiq-cache::pulumi:pulumi:Stack::propiq-cache-prod";
const app = { inputs: { app: "luntra-outreach-app", settings: "[secret]" } };

/** In the form of `pulumi preview --json` 3.259: a change of plan, as it was printed. */
const digest = (over: object = {}) => ({
  steps: [
    { op: "same", urn: STACK, oldState: { outputs: { monthlyUsd: 0, settings: "[secret]" } }, newState: {} },
    {
      op: "create",
      urn: urn("azure-native:redisenterprise:RedisEnterprise", "b0"),
      newState: { inputs: {} },
    },
    {
      op: "update",
      urn: urn("propiq:index:AppSettings", "luntra-outreach-app"),
      oldState: app,
      newState: app,
      detailedDiff: { "settings.REDIS_URL": {}, "settings.CACHE_TTL_DAY": {} },
    },
    {
      op: "delete",
      urn: urn("upstash:index/redisDatabase:RedisDatabase", "upstash"),
      oldState: { inputs: {} },
    },
    { op: "same", urn: urn("propiq:index:UpstashPlan", "plan"), oldState: {}, newState: {} },
    { op: "create", urn: "urn:pulumi:prod::propiq-cache::propiq:alerts:Azure::alerts", newState: {} },
  ],
  diagnostics: [
    { severity: "info", message: "The cache of plan upstash-free is removed 30 s after.\n" },
    {
      severity: "info",
      message: "an-app (subscription 16644c45-d1b4-4e68-800f-4059cafe25d6) restarts when its\n",
    },
    { severity: "warning", message: "of subscription 16644c45-d1b4-4e68-800f-4059cafe25d6\n" },
  ],
  ...over,
});
const previewed = (over: object = {}, more: object = {}) =>
  changeOf({
    stack: "prod",
    output: JSON.stringify(digest(over)),
    messages: "",
    exitCode: 0,
    monthlyUsdAfter: 11.68,
    ...more,
  });

describe("a preview", () => {
  it("lists resources, keys, restarts and both costs", () => {
    expect(previewed()).toEqual({
      schema: 1,
      stack: "prod",
      previewed: true,
      resources: [
        { operation: "create", type: "azure-native:redisenterprise:RedisEnterprise", name: "b0" },
        { operation: "update", type: "propiq:index:AppSettings", name: "luntra-outreach-app" },
        { operation: "delete", type: "upstash:index/redisDatabase:RedisDatabase", name: "upstash" },
      ],
      unchanged: 1,
      settings: [
        { target: "luntra-outreach-app", operation: "update", keys: ["CACHE_TTL_DAY", "REDIS_URL"] },
      ],
      restarts: ["luntra-outreach-app"],
      monthlyUsd: { before: 0, after: 11.68 },
      notes: ["The cache of plan upstash-free is removed 30 s after.", "of subscription …"],
      errors: [],
    });
  });

  it("names all keys where the cache changes, because all values change", () => {
    const steps = [{ ...digest().steps[2], detailedDiff: { settings: {} } }];
    expect(previewed({ steps }).settings[0]?.keys).toEqual(
      expect.arrayContaining(["REDIS_URL", "CACHE_TTL_SHORT"]),
    );
  });

  it("has no restart where an app's resource changes and its settings do not", () => {
    const steps = [{ ...digest().steps[2], detailedDiff: { drainSeconds: {} } }];
    expect(previewed({ steps })).toMatchObject({ settings: [], restarts: [] });
  });

  it("counts a replacement once", () => {
    const of = (op: string) => ({
      op,
      urn: urn("propiq:index:UpstashPlan", "plan"),
      oldState: {},
      newState: {},
    });
    const steps = ["create-replacement", "replace", "delete-replaced"].map(of);
    expect(previewed({ steps }).resources.map(({ operation }) => operation)).toEqual([
      "create",
      "replace",
      "delete",
    ]);
  });

  it("that was refused says why, by Pulumi's own words or, without them, by what was printed", () => {
    const diagnostics = [{ severity: "error", message: "error: too dear\n" }];
    expect(previewed({ diagnostics }, { exitCode: 1 })).toMatchObject({
      previewed: false,
      errors: ["too dear"],
    });
    const lost = { output: "", messages: "one\n\nerror: no stack named 'prod' found\n", exitCode: 6 };
    expect(previewed({}, lost)).toMatchObject({
      previewed: false,
      errors: ["one", "no stack named 'prod' found"],
    });
  });
});

const change = (over: Partial<Change> = {}): Change => ({ ...previewed(), ...over });

describe("a change that another job hands over", () => {
  it("is read as it was written", () => {
    expect(parseChange(JSON.stringify(change()))).toEqual(change());
  });

  it.each([
    ["no object", "[]"],
    ["another schema", JSON.stringify({ ...change(), schema: 2 })],
    [
      "an unknown operation",
      JSON.stringify(change({ resources: [{ operation: "own" as "read", type: "", name: "" }] })),
    ],
    ["a text in place of a list", JSON.stringify({ ...change(), restarts: "all" })],
    ["a list without an end", JSON.stringify(change({ restarts: Array(201).fill("app") }))],
    ["a cost that is none", JSON.stringify({ ...change(), monthlyUsd: { after: "free" } })],
    ["a cost below nothing", JSON.stringify({ ...change(), monthlyUsd: { after: -1 } })],
    ["no JSON", "change"],
  ])("is refused whole: %s", (_, json) => {
    expect(() => parseChange(json)).toThrow();
  });

  it("loses control characters, and what is too long", () => {
    const strange = change({ notes: [`a\u202eb\u0000${"x".repeat(5000)}`] });
    const [note = ""] = parseChange(JSON.stringify(strange)).notes;
    expect(note).toMatch(/^a b x+…$/);
    expect(note.length).toBe(2000);
  });
});

describe("the comment", () => {
  it("begins with its stack's mark, so that the next run finds it", () => {
    expect(previewComment(change(), "abc").startsWith(markerOf("prod"))).toBe(true);
    expect(markerOf("a-->b")).toBe("<!-- propiq-cache preview a--_b -->");
  });

  it.each([
    [{ before: 0, after: 11.68 }, "$0.00 → **$11.68** (+$11.68)"],
    [{ before: 55, after: 11.68 }, "$55.00 → **$11.68** (−$43.32)"],
    [{ before: 11.68, after: 11.68 }, "$11.68, as before"],
    [{ before: null, after: 5 }, "unknown → **$5.00**"],
    [{ after: 5 }, "nothing deployed → **$5.00**"],
    [{ before: 5, after: null }, "$5.00 → **unknown**"],
  ])("shows the cost %j", (monthlyUsd, words) => {
    expect(previewComment(change({ monthlyUsd }), "")).toContain(`**Monthly cost:** ${words}\n`);
  });

  it("mentions no user, opens no HTML and breaks out of no table, whatever names a pull request uses", () => {
    const hostile = "@team <img src=x> | [x](http://evil.example) -->\n## ✅";
    const text = previewComment(
      change({
        stack: hostile,
        resources: [{ operation: "create", type: hostile, name: hostile }],
        settings: [{ target: hostile, operation: "update", keys: [hostile] }],
        restarts: [hostile],
        notes: [hostile],
        errors: [hostile],
        previewed: false,
      }),
      hostile,
    );
    const [, ...shown] = text.split("\n");
    expect(shown.join("\n")).not.toMatch(/@team|(?<!\\)<img|(?<!\\)\[x|http:\/\/evil/);
    for (const row of shown.filter((line) => line.startsWith("| 🟢")))
      expect(row.split(/(?<!\\)\|/)).toHaveLength(5);
  });

  it("remains below the size limit of GitHub", () => {
    const many = Array(200).fill("x".repeat(2000)) as string[];
    const text = previewComment(change({ notes: many }), "");
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("too long for a comment");
  });

  it("of no change says so", () => {
    expect(previewComment(change({ resources: [] }), "")).toContain("✅ Nothing changes");
  });
});
