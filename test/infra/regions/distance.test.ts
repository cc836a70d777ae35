import { describe, expect, it } from "vitest";
import { distanceBetween, nearestUpstashRegion, roundTripMs } from "../../../infra/regions/distance.ts";

describe("the nearest region of Upstash", () => {
  it.each([
    ["eastus", "us-east-1"],
    ["East US 2", "us-east-1"],
    ["westus2", "us-west-2"],
    ["westeurope", "eu-west-2"],
    ["germanywestcentral", "eu-central-1"],
    ["northeurope", "eu-west-1"],
    ["uksouth", "eu-west-2"],
    ["centralindia", "ap-south-1"],
    ["japaneast", "ap-northeast-1"],
    ["brazilsouth", "sa-east-1"],
    ["southafricawest", "af-south-1"],
  ])("of an app in %s is %s", (app, nearest) => {
    expect(nearestUpstashRegion(app)).toBe(nearest);
  });

  it("is not guessed for a region that nobody knows", () => {
    expect(nearestUpstashRegion("moonbase1")).toBeUndefined();
  });
});

describe("the round trip to expect", () => {
  // Public measurements, for instance Azure's own table of round trips between regions: the model may be off by half.
  it.each([
    ["eastus", "us-east-1", 2],
    ["eastus", "eu-west-1", 70],
    ["westeurope", "us-east-1", 85],
    ["southeastasia", "us-east-1", 220],
    ["westus2", "us-east-1", 65],
  ])("from %s to %s is about %i ms", (app, region, measuredMs) => {
    const expected = roundTripMs(app, { cloud: "upstash", region }) ?? Number.NaN;
    expect(expected).toBeGreaterThan(measuredMs * 0.5);
    expect(expected).toBeLessThan(measuredMs * 1.5 + 5);
  });
});

describe("a cache", () => {
  it("in the app's own region is near", () => {
    expect(distanceBetween("West Europe", { cloud: "azure", region: "westeurope" })).toEqual({
      expectedMs: 1,
      isFar: false,
      nearest: { region: "westeurope", expectedMs: 1 },
    });
  });

  it("across the ocean is far, and the nearest region is named", () => {
    expect(distanceBetween("westeurope", { cloud: "upstash", region: "us-east-1" })).toMatchObject({
      isFar: true,
      nearest: { region: "eu-west-2" },
    });
    expect(distanceBetween("westeurope", { cloud: "azure", region: "eastus" })).toMatchObject({
      isFar: true,
      nearest: { region: "westeurope" },
    });
  });

  it("that has no nearer region is not called far", () => {
    expect(distanceBetween("uaenorth", { cloud: "upstash", region: "ap-south-1" })?.isFar).toBe(false);
  });

  it("in a region that nobody knows is not judged", () => {
    expect(distanceBetween("westeurope", { cloud: "upstash", region: "constructor" })).toBeUndefined();
    expect(distanceBetween("", { cloud: "azure", region: "eastus" })).toBeUndefined();
  });
});
