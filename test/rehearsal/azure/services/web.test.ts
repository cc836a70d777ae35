/** The emulated App Service, asked by Microsoft's own client. */
import { WebSiteManagementClient } from "@azure/arm-appservice";
import { describe, expect, it } from "vitest";
import { openAppService } from "../../../../infra/azure/app-service.ts";
import { openArm } from "../../../../infra/azure/arm.ts";
import { changeSticky } from "../../../../infra/provider/app-settings/sticky.ts";
import { askHttps } from "../../../../rehearsal/azure/app-runner-ask.ts";
import type { Azure } from "../../../../rehearsal/azure/emulator.ts";
import { FOREIGN_SETTINGS } from "../../../../rehearsal/azure/services/web.ts";
import { ask, clientOptions, credentialOf } from "../../../support/azure-client.ts";
import { azureForEachTest } from "../../../support/azure-for-each-test.ts";

const GROUP = "propiq-rg";
const APP = "luntra-outreach-app";
const SITE = `/resourceGroups/${GROUP}/providers/Microsoft.Web/sites/${APP}`;

let azure: Azure;
let client: WebSiteManagementClient;
const { restart } = azureForEachTest((started) => {
  azure = started;
  client = new WebSiteManagementClient(credentialOf(azure), azure.subscriptionId, {
    ...clientOptions(azure),
    retryOptions: { maxRetries: 0 },
  });
});

/** A request of no client: bodies that Microsoft's would not send. */
const raw = (method: string, path: string, body?: unknown) =>
  ask(azure, method, `${SITE}${path}?api-version=2025-05-01`, body);

const fingerprint = async (slot?: string): Promise<unknown> => {
  const { body } = await askHttps(azure.site(APP, slot).app.healthUrl, { ca: azure.authority.certificate });
  return JSON.parse(body).cache.fingerprint;
};
const off = (name: string) => ({ REDIS_ENABLED: "false", PROPIQ_CACHE_FINGERPRINT: name });
const told = () => azure.events.map(({ what }) => what);

describe("a site", () => {
  it("exists from the start, in the group that exists from the start", async () => {
    const site = await client.webApps.get(GROUP, APP);

    expect(site).toMatchObject({ name: APP, location: "eastus", state: "Running", kind: "app,linux" });
    expect(site.identity).toBeUndefined();
    const { status } = await askHttps(`https://${site.defaultHostName}/health`, {
      ca: azure.authority.certificate,
    });
    expect(status).toBe(200);
    expect(
      azure.resources.list({ resourceGroup: GROUP, type: "Microsoft.Web/sites" }).map(({ id }) => id),
    ).toEqual([site.id]);
  });

  it("is listed, and found whatever the letter case", async () => {
    const listed = await Array.fromAsync(client.webApps.listByResourceGroup("PROPIQ-RG"));

    expect(listed.map(({ name }) => name)).toEqual([APP]);
    expect(await client.webApps.get("PropIQ-rg", APP.toUpperCase())).toMatchObject({ name: APP });
  });

  it("is one of several where a team has more, each with an app of its own", async () => {
    await restart({ apps: 2, app: { health: "forbidden" } });
    const second = azure.site(`${APP}-2`);
    azure.site().setSettings(off("first"));

    expect(second.settings()).toEqual(FOREIGN_SETTINGS);
    expect(second.app.host).not.toBe(azure.site().app.host);
    const { status } = await askHttps(second.app.healthUrl, { ca: azure.authority.certificate });
    expect(status).toBe(403);
  });

  it.each([
    ["another site", () => client.webApps.get(GROUP, "no-app"), "Microsoft.Web/sites/no-app"],
    [
      "another slot",
      () => client.webApps.listApplicationSettingsSlot(GROUP, APP, "no-slot"),
      `Microsoft.Web/sites/${APP}/slots/no-slot`,
    ],
  ])("says that %s does not exist", async (_, ask, resource) => {
    await expect(ask()).rejects.toMatchObject({
      statusCode: 404,
      code: "ResourceNotFound",
      message: expect.stringContaining(
        `The Resource '${resource}' under resource group '${GROUP}' was not found.`,
      ),
    });
  });

  it("refuses its settings to a Reader, who may read the site", async () => {
    azure.conditions.role = "Reader";

    await expect(client.webApps.get(GROUP, APP)).resolves.toBeDefined();
    await expect(client.webApps.listApplicationSettings(GROUP, APP)).rejects.toMatchObject({
      statusCode: 403,
      code: "AuthorizationFailed",
      message: expect.stringContaining(
        `perform action 'Microsoft.Web/sites/config/list/action' over scope '${azure.site().id}/config/appsettings'`,
      ),
    });
  });
});

describe("settings", () => {
  it("are replaced as a whole, and are returned as they were given", async () => {
    expect((await client.webApps.listApplicationSettings(GROUP, APP)).properties).toEqual(FOREIGN_SETTINGS);

    const properties = { ONLY: "1", ...off("new") };
    const reply = await client.webApps.updateApplicationSettings(GROUP, APP, { properties });

    expect(reply).toMatchObject({ name: "appsettings", type: "Microsoft.Web/sites/config", properties });
    expect((await client.webApps.listApplicationSettings(GROUP, APP)).properties).toEqual(properties);
    expect(azure.site().settings()).toEqual(properties);
    expect(azure.site().writes.at(-1)?.changed).toEqual(
      [...Object.keys(FOREIGN_SETTINGS), ...Object.keys(properties)].sort(),
    );
  });

  it("reach the app by a restart, and by none where nothing changes", async () => {
    const properties = { ...FOREIGN_SETTINGS, ...off("one") };
    await client.webApps.updateApplicationSettings(GROUP, APP, { properties });
    expect(await fingerprint()).toBe("one");
    const before = azure.site().app.restarts();

    await client.webApps.updateApplicationSettings(GROUP, APP, { properties });
    expect(azure.site().app.restarts()).toBe(before);
    expect(azure.site().writes.at(-1)?.changed).toEqual([]);

    await client.webApps.updateApplicationSettings(GROUP, APP, {
      properties: { ...properties, ...off("two") },
    });
    await azure.site().app.settled();
    expect(azure.site().app.restarts()).toBe(before + 1);
    expect(await fingerprint()).toBe("two");
    expect(azure.site().workers.map((event) => [event.kind, event.fingerprint])).toEqual([
      ["worker started", "one"],
      ["worker started", "two"],
      ["worker stopped", "one"],
    ]);
    expect(told().filter((what) => what !== "settings written")).toEqual([
      "worker started",
      "worker started",
      "worker stopped",
    ]);
  });

  it("are refused without properties, as the service refuses them", async () => {
    const { status, body } = await raw("PUT", "/config/appsettings", { REDIS_URL: "x" });

    expect(status).toBe(400);
    expect(body).toMatchObject({
      Code: "BadRequest",
      Message: "The parameter properties has an invalid value.",
      Details: [{}, {}, { ErrorEntity: { ExtendedCode: "51008", Parameters: ["properties"] } }],
      Innererror: null,
    });
  });

  it.each([
    ["", "01014", "Parameter name cannot be empty."],
    ["A=B", expect.any(String), "AppSetting with name 'A=B' is not allowed."],
  ])("are refused with the name %j", async (name, ExtendedCode, Message) => {
    const { status, body } = await raw("PUT", "/config/appsettings", {
      properties: { [name]: "1", GOOD: "1" },
    });

    expect(status).toBe(400);
    expect(body).toMatchObject({ Code: "BadRequest", Message });
    expect((body as { Details: unknown[] }).Details[2]).toMatchObject({ ErrorEntity: { ExtendedCode } });
    expect(azure.site().settings()).toEqual(FOREIGN_SETTINGS);
  });

  it("are refused where a name occurs twice, in two letter cases", async () => {
    const { status, body } = await raw("PUT", "/config/appsettings", { properties: { KEY: "1", key: "2" } });
    expect(status).toBe(409);
    expect(body).toMatchObject({ Code: "Conflict", Message: "Parameter with name key already exists." });
  });

  it("are refused where a value is not text", async () => {
    expect((await raw("PUT", "/config/appsettings", { properties: { PORT: 1 } })).status).toBe(400);
    expect(azure.site().settings()).toEqual(FOREIGN_SETTINGS);
  });

  it("keep what others have written when the connection drops before the write", async () => {
    azure.fault({ method: "PUT", path: /appsettings$/, drop: true });
    const write = () => client.webApps.updateApplicationSettings(GROUP, APP, { properties: { A: "1" } });

    await expect(write()).rejects.toThrow();
    expect(azure.site().settings()).toEqual(FOREIGN_SETTINGS);

    azure.fault({ method: "PUT", path: /appsettings$/, drop: "after" });
    await expect(write()).rejects.toThrow();
    expect(azure.site().settings()).toEqual({ A: "1" });
  });
});

describe("the app's life", () => {
  it("is restarted, stopped and started by command", async () => {
    await fingerprint();
    await client.webApps.restart(GROUP, APP);
    await azure.site().app.settled();
    expect(azure.site().workers.map(({ kind }) => kind)).toEqual([
      "worker started",
      "worker started",
      "worker stopped",
    ]);

    await client.webApps.stop(GROUP, APP);
    expect((await client.webApps.get(GROUP, APP)).state).toBe("Stopped");
    const { status } = await askHttps(azure.site().app.healthUrl, { ca: azure.authority.certificate });
    expect(status).toBe(503);

    await client.webApps.start(GROUP, APP);
    expect((await client.webApps.get(GROUP, APP)).state).toBe("Running");
    expect(await fingerprint()).toBeNull();
  });

  it("ends with its group", async () => {
    await fingerprint();
    const group = azure.resources.get(azure.site().id);
    await group?.remove();

    await expect(client.webApps.get(GROUP, APP)).rejects.toMatchObject({ statusCode: 404 });
    expect(told()).toContain("site deleted");
  });
});

describe("slots", () => {
  const ONE = { name: APP, settings: { SHARED: "of production", KIND: "production", ...off("one") } };
  const slots = { staging: { SHARED: "of staging", KIND: "staging", ...off("two") } };

  it("have settings of their own, and sticky names that are the site's", async () => {
    await restart({ apps: [{ ...ONE, slots, sticky: ["KIND"] }] });

    expect((await client.webApps.listApplicationSettingsSlot(GROUP, APP, "staging")).properties).toEqual(
      slots.staging,
    );
    expect((await client.webApps.getSlot(GROUP, APP, "staging")).name).toBe(`${APP}/staging`);
    expect(await client.webApps.listSlotConfigurationNames(GROUP, APP)).toMatchObject({
      appSettingNames: ["KIND"],
    });

    await client.webApps.updateSlotConfigurationNames(GROUP, APP, { appSettingNames: ["KIND", "MORE"] });

    expect(azure.sticky()).toEqual(["KIND", "MORE"]);
  });

  it("are returned as null where nothing is sticky, and a merge of the names handles null", async () => {
    const { body } = await raw("GET", "/config/slotConfigNames");
    expect(body).toMatchObject({ properties: { appSettingNames: null, connectionStringNames: null } });

    const arm = await openArm({ env: azure.env, subscriptionId: azure.subscriptionId });
    const app = await openAppService(arm, { resourceGroup: GROUP, app: APP });
    await changeSticky(app, { add: ["REDIS_URL"] }, AbortSignal.timeout(10_000));

    expect(azure.sticky()).toEqual(["REDIS_URL"]);
  });

  it("exchange their settings and their workers when they are swapped, except for the sticky settings", async () => {
    await restart({ apps: [{ ...ONE, slots, sticky: ["KIND"] }], app: { mode: "hard" } });
    expect([await fingerprint(), await fingerprint("staging")]).toEqual(["one", "two"]);
    let over = false;
    const seen = new Set<unknown>();
    const watching = (async () => {
      while (!over) seen.add(await fingerprint());
    })();

    const [production, staging] = [azure.site(), azure.site(APP, "staging")];
    await client.webApps.swapSlotWithProduction(
      GROUP,
      APP,
      { targetSlot: "staging", preserveVnet: false },
      { updateIntervalInMs: 20 },
    );

    expect(production.settings()).toEqual({ ...slots.staging, KIND: "production" });
    expect(staging.settings()).toEqual({ ...ONE.settings, KIND: "staging" });
    await Promise.all([production, staging].map(({ app }) => app.settled()));
    expect([await fingerprint(), await fingerprint("staging")]).toEqual(["two", "one"]);
    over = true;
    await watching;
    // Production was never down, although each restart is hard.
    expect(seen).toEqual(new Set(["one", "two"]));
    expect(told()).toContain("slots swapped");
  });

  it("remain as they were where the other slot's app does not start with production's settings", async () => {
    const start = ({ KIND }: Readonly<Record<string, string>>) =>
      KIND === "production" ? ("crash-loop" as const) : ("fine" as const);
    await restart({ apps: [{ ...ONE, slots, sticky: ["KIND"], app: { start: () => "fine" } }] });
    azure.site(APP, "staging").app.behave({ start });

    await expect(
      client.webApps.swapSlot(
        GROUP,
        APP,
        "staging",
        { targetSlot: "production", preserveVnet: false },
        { updateIntervalInMs: 20 },
      ),
    ).rejects.toThrow("the worker process for 'staging' slot could not be started");

    expect(azure.site().settings()).toEqual(ONE.settings);
    expect(azure.site(APP, "staging").settings()).toEqual(slots.staging);
    expect(await fingerprint()).toBe("one");
  });
});
