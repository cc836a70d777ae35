import { describe, expect, it } from "vitest";
import { type Approval, approvalOf, differences, parseApproval } from "../../../scripts/ci/approval.ts";
import type { Change } from "../../../scripts/ci/change.ts";

const change: Change = {
  schema: 1,
  stack: "prod",
  previewed: true,
  resources: [{ operation: "create", type: "azure-native:redis:Redis", name: "cache" }],
  unchanged: 3,
  settings: [{ target: "luntra-outreach-app", operation: "update", keys: ["REDIS_URL"] }],
  restarts: ["luntra-outreach-app"],
  monthlyUsd: { before: 0, after: 16.06 },
  notes: [],
  errors: [],
};
const anApproval = (over: Partial<Parameters<typeof approvalOf>[0]> = {}): Approval =>
  approvalOf({ stack: "prod", commit: "feedface", deployment: { resources: [] }, change, ...over });

describe("an approval", () => {
  it("is the same whatever the order of keys", () => {
    const one = anApproval({ deployment: { a: 1, b: { c: 2, d: 3 } } });
    const other = anApproval({ deployment: { b: { d: 3, c: 2 }, a: 1 } });
    expect(other.digest).toBe(one.digest);
    expect(differences(one, other)).toEqual([]);
  });

  it("survives its file", () => {
    const approval = anApproval();
    expect(differences(parseApproval(JSON.stringify(approval)), approval)).toEqual([]);
  });

  it.each([
    ["another commit", { commit: "0badf00d" }, "Commit: approved feedface, now 0badf00d"],
    [
      "another state",
      { deployment: { resources: [1] } },
      "State: approved [0-9a-f]{12}, now [0-9a-f]{12}: another update ran",
    ],
    ["other changes", { change: { ...change, restarts: [] } }, "Changes that were approved:"],
  ])("differs after %s", (_, over, line) => {
    expect(differences(anApproval(), anApproval(over)).join("\n")).toMatch(new RegExp(line));
  });

  it("lists both sets of changes where they differ", () => {
    const now = anApproval({
      change: { ...change, settings: [], resources: [{ operation: "delete", type: "t", name: "cache" }] },
    });
    const text = differences(anApproval(), now).join("\n");
    expect(text).toContain("  create azure-native:redis:Redis cache");
    expect(text).toContain("  update setting REDIS_URL of luntra-outreach-app");
    expect(text).toContain("  delete t cache");
  });

  it.each([
    ["that was edited", (approval: Approval) => ({ ...approval, commit: "0badf00d" })],
    [
      "whose changes were edited",
      (approval: Approval) => ({ ...approval, change: { ...change, restarts: [] } }),
    ],
    ["of another kind", () => ({ schema: 2 })],
  ])("is refused from a file %s", (_, edit) => {
    expect(() => parseApproval(JSON.stringify(edit(anApproval())))).toThrow(/approval/);
  });
});
