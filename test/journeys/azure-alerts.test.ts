// @module-tag pipeline
/** Azure Monitor beside a cache: rules, mails and a dashboard, which follow the cache in use. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alertRules } from "../../infra/alerts/rules.ts";
import { type Arm, openArm } from "../../infra/azure/arm.ts";
import { MARK_NAMES } from "../../infra/azure/tags.ts";
import { monitorIn, rulesIn } from "../../rehearsal/azure/monitor.ts";
import { trustInThisProcess } from "../../rehearsal/azure/trust.ts";
import { type AzureStack, startAzureStack } from "../support/azure-stack.ts";
import { STORY } from "../support/parts.ts";

let stack: AzureStack;
let arm: Arm;
let distrust: () => void;
beforeAll(async () => {
  stack = await startAzureStack();
  distrust = trustInThisProcess(stack.azure.authority);
  arm = await openArm({ env: stack.azure.env, subscriptionId: stack.azure.subscriptionId });
});
afterAll(async () => {
  distrust?.();
  await stack?.stop();
});

/** The stack's resources in its state. */
async function resources(): Promise<{ urn: string; type: string; outputs?: Record<string, unknown> }[]> {
  const { checkpoint } = JSON.parse(await stack.project.state("dev")) as {
    checkpoint: { latest: { resources: { urn: string; type: string; outputs?: Record<string, unknown> }[] } };
  };
  return checkpoint.latest.resources;
}

const up = () => stack.well("up", "--yes", "--skip-preview");
/** Of the events since a moment, those in Azure Monitor. */
const storySince = (from: number) =>
  stack.azure.events.slice(from).filter(({ what }) => /^(alert|action group|workbook) /.test(what));
const only = <Properties>(type: string) => {
  const [found, ...others] = stack.azure.resources.list({ type: `Microsoft.Insights/${type}` });
  if (found === undefined || others.length > 0) throw new Error(`not one of ${type}`);
  const { properties } = found.show() as unknown as { properties: Properties };
  return { id: found.id, properties };
};
const workbook = () => {
  const { id, properties } = only<{ serializedData: string }>("workbooks");
  return { id, text: properties.serializedData };
};
const receivers = () =>
  only<{ emailReceivers: { emailAddress: string }[] }>("actionGroups").properties.emailReceivers.map(
    ({ emailAddress }) => emailAddress,
  );

describe("a stack with alerts", STORY, () => {
  it("gets the plan's rules on the cache in use alone, a group that mails, and a dashboard with a link", async () => {
    await stack.set("plan", "azure-c0");
    await stack.set("standby[0]", "azure-managed-b0");
    await stack.set("alerts.emails[0]", "ops@example.com");
    const { all } = await stack.well("up", "--yes");
    expect(all).toContain(
      "5 alert rules watch the cache of plan azure-c0, for about $0.50 a month, and mail one address.",
    );
    expect(all).toContain("The standby cache of plan azure-managed-b0 has no alerts: no app uses it.");
    const rules = rulesIn(stack.azure);
    const wanted = alertRules("azure-c0", "dev");
    expect(Object.fromEntries(rules.map(({ kind, threshold }) => [kind, threshold]))).toEqual(
      Object.fromEntries(wanted.map(({ kind, threshold }) => [kind, threshold])),
    );
    for (const { watches, properties } of rules) {
      expect(watches).toMatch(/^propiq-redis-azure-c0-/);
      expect(properties.actions).toHaveLength(1);
      expect(properties.description).toMatch(/^The cache of stack dev \(azure-c0\) .* \.\/propiq-cache /);
    }
    expect(receivers()).toEqual(["ops@example.com"]);
    expect(workbook().text).toContain(rules[0]?.watches);
    const stackItself = (await resources()).find(({ type }) => type === "pulumi:pulumi:Stack");
    expect(stackItself?.outputs).toMatchObject({
      dashboard: `https://portal.emulated/#resource${workbook().id}/workbook`,
      monthlyUsd: expect.closeTo(28.24, 2),
    });
  });

  it("has the stack's tags on all of it", () => {
    const inMonitor = stack.azure.resources.list().filter(({ type }) => /Insights/.test(type));
    expect(inMonitor).toHaveLength(7);
    for (const resource of inMonitor) {
      expect(Object.keys(resource.show()["tags"] ?? {})).toEqual(expect.arrayContaining([...MARK_NAMES]));
    }
  });

  it("reports a rule that was disabled by hand and restores it, and leaves an edited dashboard as it is", async () => {
    const edit = async (type: string, apiVersion: string, change: Record<string, unknown>) => {
      const [found] = stack.azure.resources.list({ type: `Microsoft.Insights/${type}` });
      if (found === undefined) throw new Error(`there are no ${type}`);
      const { location, tags, kind, properties } = found.show();
      const { revision: _, ...kept } = properties as { revision?: string };
      const body = { location, tags, ...(kind ? { kind } : {}), properties: { ...kept, ...change } };
      await arm.request({ method: "PUT", path: found.id, apiVersion, body });
      return found.name;
    };
    const edited = '{"version":"Notebook/1.0","items":[]}';
    await edit("workbooks", "2023-06-01", { serializedData: edited });
    const name = await edit("metricAlerts", "2018-03-01", { enabled: false });
    const drifted = await stack.command("drift");
    expect(drifted.code, drifted.all).toBe(1);
    expect(drifted.stdout).toMatch(new RegExp(`alert rule ${name}[^]*enabled`));
    expect(drifted.stdout).toContain("✔ workbook Redis cache of propiq-cache, stack dev");

    // Another address changes the group alone, beside what the update restores.
    await stack.set("alerts.emails[0]", "team@example.com");
    await stack.set("alerts.emails[1]", "Team@example.com");
    const before = stack.azure.events.length;
    await stack.well("up", "--refresh", "--yes", "--skip-preview");
    expect(
      storySince(before)
        .map(({ what }) => what)
        .toSorted(),
    ).toEqual(["action group updated", "alert updated"]);
    expect(receivers()).toEqual(["Team@example.com"]);
    expect(rulesIn(stack.azure).every(({ properties }) => properties.enabled)).toBe(true);
    expect(workbook().text).toBe(edited);
  });

  it("makes the leftovers of a lost state again", async () => {
    const lost = (await resources()).find(({ urn }) => urn.endsWith("::action-group"))?.urn ?? "";
    // And every rule with it.
    await stack.well("state", "delete", "--yes", "--target-dependents", lost);
    const before = stack.azure.events.length;
    await up();
    expect(storySince(before).filter(({ what }) => what === "alert created")).toHaveLength(5);
    expect(rulesIn(stack.azure)).toHaveLength(5);
    expect(receivers()).toEqual(["Team@example.com"]);
  });

  it("monitors the other cache before the app uses it, and keeps the dashboard's address", async () => {
    const { id } = workbook();
    const { REDIS_HOST: host } = await stack.env();
    await stack.set("plan", "azure-managed-b0");
    await stack.set("standby[0]", "azure-c0");
    stack.azure.conditions.denied = { "Microsoft.Insights/metricAlerts": "no-rules" };
    const refused = await stack.run("up", "--yes", "--skip-preview");
    stack.azure.conditions.denied = {};
    expect(refused.code).not.toBe(0);
    expect(refused.all).toContain("The policy no-rules of your organisation does not allow this");
    // The rules of the cache that it has are still there.
    expect((await stack.env())["REDIS_HOST"]).toBe(host);
    expect(rulesIn(stack.azure).map(({ watches }) => watches)).toContain(
      stack.azure.caches().find((cache) => cache.host === host)?.name,
    );
    await up();
    const rules = rulesIn(stack.azure);
    expect(rules.map(({ kind }) => kind).toSorted()).toEqual(
      alertRules("azure-managed-b0", "dev")
        .map(({ kind }) => kind)
        .toSorted(),
    );
    for (const { watches } of rules) expect(watches).toMatch(/^propiq-redis-azure-managed-b0-/);
    expect(workbook().id).toBe(id);
    expect(workbook().text).toContain(rules[0]?.watches);
    expect(workbook().text).not.toContain("propiq-redis-azure-c0-");
  });

  it("mails nobody without an address", async () => {
    await stack.set("alerts", '{"emails":[]}');
    await up();
    expect(monitorIn(stack.azure).join()).not.toContain("actionGroups");
    for (const { properties } of rulesIn(stack.azure)) expect(properties.actions ?? []).toEqual([]);
  });

  it("has no alerts without the key, and the cache does not change", async () => {
    await stack.unset("alerts");
    const before = stack.azure.events.length;
    await up();
    expect(monitorIn(stack.azure)).toEqual([]);
    expect(stack.azure.events.slice(before).filter(({ what }) => /cache|cluster/.test(what))).toEqual([]);
  });

  it("reports what monitors its cache instead, where that is not in Azure", async () => {
    await stack.set("plan", "external");
    await stack.set("alerts.emails[0]", "ops@example.com");
    await stack.well("config", "set", "--secret", "url", "redis://127.0.0.1:6399/0");
    const { all } = await stack.well("preview");
    expect(all).toMatch(/external \(.*\) is not a cache in Azure/);
    expect(all).toContain(".github/workflows/verify.yml");
    expect(all).toContain("The standby cache of plan azure-c0 has no alerts");
  });
});
