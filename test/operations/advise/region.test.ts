import { expect, it } from "vitest";
import { parseSettings } from "../../../infra/settings/settings.ts";
import { adviceOnRegion } from "../../../operations/advise/region.ts";

const settings = parseSettings(
  { plan: "azure-managed-b0", app: '{"name":"the-app"}', azure: '{"location":"eastus"}' },
  { stack: "prod", isSecret: () => false },
);

it("a cache far from its app is an advice, with the command that chooses the nearest region", () => {
  const [found] = adviceOnRegion(settings, [{ label: "the-app", location: "West Europe" }]);
  expect(found).toMatchObject({ code: "CACHE_FAR", because: expect.stringMatching(/about \d+ ms/) });
  expect(found?.commands).toEqual([
    "./propiq-cache pulumi config set --path azure.location westeurope --stack prod",
  ]);
});

it("a near cache is not an advice, and neither is an app whose region is unknown", () => {
  expect(adviceOnRegion(settings, [{ label: "the-app", location: "East US" }, { label: "other" }])).toEqual(
    [],
  );
});
