import { describe, expect, it } from "vitest";
import { upstashWish } from "../../../../infra/caches/upstash/wish.ts";
import type { Plan } from "../../../../infra/plans/catalogue.ts";
import { parseSettings } from "../../../../infra/settings/settings.ts";

const wish = (plan: Plan, upstash: object = {}, as: Plan = plan, email = "a@example.com") =>
  upstashWish(
    parseSettings({ plan, upstash: JSON.stringify(upstash) }, { stack: "dev", isSecret: () => false }),
    as,
    { email, project: "p" },
  );

describe("upstashWish", () => {
  it("has the same name for every plan, and another for another account", () => {
    const { name } = wish("upstash-free");
    expect(name).toMatch(/^propiq-redis-upstash-[0-9a-f]{8}$/);
    expect(wish("upstash-fixed-1gb").name).toBe(name);
    expect(wish("upstash-free", {}, "upstash-free", "b@example.com").name).not.toBe(name);
  });

  it.each<[Plan, object, number | undefined]>([
    ["upstash-payg", {}, 20],
    ["upstash-payg", { budget: 5 }, 5],
    ["upstash-free", { budget: 5 }, undefined],
    ["upstash-fixed-1gb", {}, undefined],
  ])("gives plan %s with %o the budget %s", (plan, upstash, budget) => {
    expect(wish(plan, upstash).budget).toBe(budget);
  });

  it.each([0, 2.5])("refuses a budget of %s dollars, which Upstash would not take", (budget) => {
    expect(() => wish("upstash-payg", { budget })).toThrow("must be whole dollars, 1 or more");
  });

  it("refuses a primary region among the read regions", () => {
    const upstash = { primaryRegion: "eu-west-1", readRegions: ["eu-west-1"] };
    expect(() => wish("upstash-payg", upstash)).toThrow("must not hold the primary region, eu-west-1");
  });

  it("adopts for the active plan alone", () => {
    const upstash = { adopt: "96ad0856-03b1-4ee7-9666-e81abd0349e1" };
    expect(wish("upstash-free", upstash).adopt).toBe(upstash.adopt);
    expect(wish("azure-c0", upstash, "upstash-free").adopt).toBeUndefined();
  });

  it("takes the region nearest to the app where the config chooses none", () => {
    const settings = parseSettings({ plan: "upstash-free" }, { stack: "dev", isSecret: () => false });
    const account = { email: "a@example.com", project: "p", defaultRegion: "eu-west-2" };
    expect(upstashWish(settings, "upstash-free", account)).toMatchObject({
      primaryRegion: "eu-west-2",
      isRegionChosen: false,
    });
    expect(wish("upstash-free")).toMatchObject({ primaryRegion: "us-east-1", isRegionChosen: false });
    expect(wish("upstash-free", { primaryRegion: "eu-west-1" })).toMatchObject({
      primaryRegion: "eu-west-1",
      isRegionChosen: true,
    });
  });
});
