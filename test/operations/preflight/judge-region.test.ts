import { describe, expect, it } from "vitest";
import { parseSettings } from "../../../infra/settings/settings.ts";
import { judgeRegion } from "../../../operations/preflight/judge-region.ts";
import { hintOf } from "../hint-of.ts";

const settings = (config: Record<string, string>) =>
  parseSettings({ app: '{"name":"the-app"}', ...config }, { stack: "prod", isSecret: () => false });

describe("the region of a cache", () => {
  it("is reported where it is far from the app, with the nearest one and the command that chooses it", () => {
    const found = judgeRegion(settings({ plan: "upstash-free", upstash: '{"primaryRegion":"us-east-1"}' }), [
      { label: "the-app", location: "West Europe" },
    ]);
    expect(found).toEqual([expect.objectContaining({ id: "region", status: "warn" })]);
    expect(found[0]?.words).toMatch(/the-app is in West Europe .* in us-east-1: .* about \d+ ms/);
    expect(hintOf(found[0])).toContain(
      "./propiq-cache pulumi config set --path upstash.primaryRegion eu-west-2 --stack prod",
    );
  });

  it("of an Azure cache should be the app's own", () => {
    const far = settings({ plan: "azure-managed-b0", azure: '{"location":"eastus"}' });
    const [found] = judgeRegion(far, [{ label: "the-app", location: "westeurope" }]);
    expect(hintOf(found)).toContain("config set --path azure.location westeurope");
    expect(judgeRegion(far, [{ label: "the-app", location: "East US" }])).toEqual([]);
  });

  it("counts as it is deployed, whatever the config says of a new one", () => {
    const found = judgeRegion(
      settings({ plan: "upstash-free" }),
      [{ label: "the-app", location: "westeurope" }],
      "eu-west-2",
    );
    expect(found).toEqual([]);
  });

  it("is not judged where the app's region is not known, or the cache is someone else's", () => {
    expect(judgeRegion(settings({ plan: "azure-managed-b0" }), [{ label: "the-app" }])).toEqual([]);
    const external = parseSettings(
      { plan: "external", url: "redis://cache:6379" },
      { stack: "prod", isSecret: () => true },
    );
    expect(judgeRegion(external, [{ label: "the-app", location: "westeurope" }])).toEqual([]);
  });
});
