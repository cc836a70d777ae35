import { describe, expect, it } from "vitest";
import { alertsWish } from "../../../infra/alerts/wish.ts";
import { newAlertsLines, noAlertsLines } from "../../../infra/alerts/words.ts";
import { azureWish } from "../../../infra/caches/azure/wish.ts";
import { parseSettings } from "../../../infra/settings/settings.ts";

const place = { subscriptionId: "11111111-2222-3333-4444-555555555555", project: "propiq-cache" };
function wishOf(config: Record<string, string>, stack = "prod") {
  const settings = parseSettings(
    { plan: "azure-c0", alerts: '{"emails":["a@example.com"]}', ...config },
    { stack, isSecret: () => false },
  );
  return alertsWish(settings, azureWish(settings, settings.plan, place));
}
const emails = (...addresses: string[]) => wishOf({ alerts: JSON.stringify({ emails: addresses }) });

describe("the names of what a stack has in Azure Monitor", () => {
  it.each(["propiq-redis", "a", "abcdefghijk-lmnop", "abcdefghijklmnopqrstuvwx"])(
    "are such as Azure takes, for a stack whose name is %s",
    (name) => {
      const { actionGroup, workbook } = wishOf({ name });
      expect(actionGroup?.name).toMatch(/^[a-z0-9-]+-alerts-[0-9a-f]{8}$/);
      expect(actionGroup?.shortName).toMatch(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
      expect(workbook.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    },
  );

  it("remain the same whatever the plan, so that links to the dashboard remain valid", () => {
    const { workbook, actionGroup } = wishOf({});
    expect(wishOf({ plan: "azure-managed-b0", name: "other" }).workbook).toEqual(workbook);
    expect(wishOf({ plan: "azure-managed-b0" }).actionGroup?.name).toBe(actionGroup?.name);
  });

  it("are another stack's own", () => {
    const other = wishOf({}, "staging");
    expect(other.workbook.id).not.toBe(wishOf({}).workbook.id);
    expect(other.workbook.title).not.toBe(wishOf({}).workbook.title);
    expect(other.actionGroup?.name).not.toBe(wishOf({}).actionGroup?.name);
  });
});

describe("who is mailed", () => {
  it("is each address once, under a name of its own", () => {
    const receivers = emails("a.b@example.com", "A.B@example.com", "a-b@example.com").actionGroup?.receivers;
    expect(receivers).toEqual([
      { name: "a-b-example-com", emailAddress: "A.B@example.com" },
      { name: "a-b-example-com-2", emailAddress: "a-b@example.com" },
    ]);
  });

  it("is nobody where the config names no address, and then no group exists", () => {
    expect(emails().actionGroup).toBeUndefined();
    expect(emails().rules).toHaveLength(5);
  });
});

describe("what a preview says of alerts", () => {
  const stack = { plan: "azure-managed-b0-ha", standby: [], stack: "prod" } as const;

  it("counts addresses and names none", () => {
    const alerts = { emails: ["a@example.com", "b@example.com"] };
    expect(newAlertsLines({ ...stack, standby: [], alerts })).toEqual([
      "4 alert rules watch the cache of plan azure-managed-b0-ha, for about $0.50 a month, and mail 2 addresses.",
    ]);
  });

  it("says how to add an address where none is configured", () => {
    const [line] = newAlertsLines({ ...stack, standby: [], alerts: { emails: [] } });
    expect(line).toContain("pulumi config set --path 'alerts.emails[0]' you@example.com --stack prod");
  });

  it("names what is not monitored, and what is used instead", () => {
    const lines = noAlertsLines({ ...stack, plan: "upstash-free", standby: ["azure-c0", "upstash-payg"] });
    expect(lines[0]).toMatch(/upstash-free \(Upstash Free\) is not a cache in Azure.*verify\.yml/);
    expect(lines.slice(1)).toEqual([expect.stringContaining("standby cache of plan azure-c0 has no alerts")]);
  });
});
