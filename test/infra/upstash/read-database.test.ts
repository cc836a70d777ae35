import { describe, expect, it } from "vitest";
import { readDatabase } from "../../../infra/upstash/read-database.ts";

const GB = 1024 ** 3;
const planOf = (fields: object) => readDatabase({ database_id: "1", ...fields })?.plan;

describe("readDatabase", () => {
  it.each([
    ["free", { type: "free" }],
    ["free", { database_type: "free" }],
    ["payg", { type: "payg" }],
    // Seen at Upstash: pay as you go is "paid", too.
    ["payg", { type: "paid", database_type: "Pay as You Go", db_disk_threshold: 100 * GB }],
    ["payg", { type: "paid", db_disk_threshold: 100 * GB }],
    ["fixed_250mb", { type: "paid", db_disk_threshold: 250_000_000 }],
    ["fixed_250mb", { type: "paid", db_disk_threshold: 250 * 1024 ** 2 }],
    ["fixed_250mb", { type: "fixed_250mb" }],
    ["fixed_1gb", { type: "paid", db_disk_threshold: GB }],
    ["fixed_1gb", { database_type: "Fixed 1GB" }],
    [undefined, { type: "paid", db_disk_threshold: 5 * GB }],
    [undefined, { type: "enterprise" }],
    [undefined, {}],
  ])("finds plan %s in %o", (plan, fields) => {
    expect(planOf(fields)).toBe(plan);
  });

  it("adds the domain to an endpoint that is its first label alone", () => {
    expect(readDatabase({ database_id: "1", endpoint: "beloved-stallion-58500" })?.host).toBe(
      "beloved-stallion-58500.upstash.io",
    );
    expect(readDatabase({ database_id: "1", endpoint: "us1-a.upstash.io" })?.host).toBe("us1-a.upstash.io");
  });

  it("passes over fields of strange types, but not over a missing id", () => {
    const strange = { database_id: "1", port: "6379", read_regions: null, budget: "much", state: 3 };
    expect(readDatabase(strange)).toMatchObject({ port: 6379, readRegions: [], state: "" });
    expect(readDatabase({ database_name: "x" })).toBeUndefined();
    expect(readDatabase("OK")).toBeUndefined();
  });
});
