import { expect, it } from "vitest";
import { distanceInWords } from "../../../infra/regions/words.ts";

const way = (location: string, region: string) =>
  distanceInWords({ stack: "prod", label: "the-app", location, cache: { cloud: "upstash", region } });

it("a near cache is named with its region and the round trip to expect", () => {
  expect(way("East US", "us-east-1")).toEqual([
    expect.stringMatching(/^the-app is in East US and its cache in us-east-1: .* about \d+ ms\.$/),
  ]);
});

it("a far cache is named with the nearest region and the command that chooses it", () => {
  expect(way("westeurope", "us-east-1")).toEqual([
    expect.stringMatching(
      /about \d{2,3} ms\. From eu-\w+-\d .*Run: \.\/propiq-cache pulumi config set --path upstash\.primaryRegion eu-\w+-\d --stack prod$/,
    ),
  ]);
});

it("nothing is claimed of a region that nobody knows", () => {
  expect(way("moonbase", "us-east-1")).toEqual([]);
  expect(way("eastus", "moonbase-1")).toEqual([]);
});
