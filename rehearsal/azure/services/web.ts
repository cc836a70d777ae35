/**
 * Microsoft.Web: sites and deployment slots as far as settings go, over the paths and fields of @azure/arm-appservice
 * 19.0.0 (API 2025-05-01).
 */
import type { AppOptions } from "../app-runner.ts";
import { ArmRefusal, type ArmReply, type ArmRequest } from "../message.ts";
import { refusals } from "../refusals.ts";
import { checkBody } from "../schemas.ts";
import type { ArmKernel, ArmService } from "../service.ts";
import { resolve, type Vault } from "./key-vault-vault.ts";
import { FIRST_GROUP, FIRST_LOCATION } from "./resource-groups.ts";
import { invalidParameter, propertiesOf, refusedSettings } from "./web-refusals.ts";
import { type Settings, SiteSlot } from "./web-site.ts";
import { swapSlots } from "./web-swap.ts";

export interface SiteOptions {
  name: string;
  /** `propiq-rg` where absent. */
  resourceGroup?: string;
  /** A team's own where absent. */
  settings?: Settings;
  /** Names of settings that stay with their slot. */
  sticky?: string[];
  /** Deployment slots and their settings. */
  slots?: Record<string, Settings>;
  /** Whether the site and its slots have managed identities. */
  identity?: boolean;
  app?: AppOptions;
}

export interface WebService extends ArmService {
  /** @throws Error where there is none with that name */
  site(name: string, slot?: string): SiteSlot;
  /** Names of the settings that stay with their slot. */
  sticky(name: string): string[];
}

export const FIRST_SITE = "luntra-outreach-app";
/** Of a team that was there before us: values that are easily damaged, and a name with a colon. */
export const FOREIGN_SETTINGS: Settings = {
  NODE_ENV: "production",
  DATABASE_URL: "postgres://outreach:p%40ss+/%25w0rd@db.internal:5432/outreach?sslmode=require&x=1",
  "Logging:LogLevel:Default": "Information",
  WELCOME_TEXT: 'Grüße, "you" & <us> \\ ünïcode ✓\nsecond line',
  FEATURE_FLAGS: "",
  WEBSITE_RUN_FROM_PACKAGE: "1",
};

interface Site {
  name: string;
  resourceGroup: string;
  id: string;
  production: SiteSlot;
  slots: SiteSlot[];
  slotConfigNames: SlotConfigNames;
}
interface SlotConfigNames {
  appSettingNames?: string[];
  connectionStringNames?: string[];
  azureStorageConfigNames?: string[];
}

const TYPE = "Microsoft.Web/sites";
const API_VERSIONS = ["2025-05-01"];
const SUBSCRIPTION = "/subscriptions/:subscriptionId";
const SITES = `/resourceGroups/:resourceGroup/providers/${TYPE}`;
const SITE = `${SUBSCRIPTION}${SITES}/:name`;

export async function webService(
  kernel: ArmKernel,
  options: readonly SiteOptions[],
  vaults: () => readonly Vault[],
): Promise<WebService> {
  const sites = new Map<string, Site>();
  for (const one of options) {
    const site = await openSite(kernel, one, vaults);
    sites.set(site.id.toLowerCase(), site);
    register(kernel, site, () => sites.delete(site.id.toLowerCase()));
  }

  const find = ({ params }: ArmRequest): { site: Site; place: SiteSlot } => {
    const { resourceGroup = "", name = "", slot } = params;
    const site = sites.get(idOf(kernel, resourceGroup, name).toLowerCase());
    if (site === undefined) throw refusals.notFound(TYPE, name, resourceGroup);
    return { site, place: slotOf(site, slot) };
  };
  const place = (request: ArmRequest) => find(request).place;
  const ok = (body?: unknown): ArmReply => ({ status: 200, ...(body === undefined ? {} : { body }) });

  /** What is the same for a site and for a slot. */
  const both = (method: string, end: string, handle: (request: ArmRequest) => Promise<ArmReply> | ArmReply) =>
    [SITE, `${SITE}/slots/:slot`].map((at) => ({
      method,
      pattern: `${at}${end}`,
      apiVersions: API_VERSIONS,
      handle,
    }));
  const only = (
    method: string,
    pattern: string,
    handle: (request: ArmRequest) => Promise<ArmReply> | ArmReply,
  ) => ({ method, pattern, apiVersions: API_VERSIONS, handle });
  const list = ({ params: { resourceGroup } }: ArmRequest): ArmReply => {
    const wanted = kernel.resources.list({
      type: TYPE,
      ...(resourceGroup === undefined ? {} : { resourceGroup }),
    });
    return ok({ value: wanted.map(({ show }) => show()), nextLink: null });
  };

  return {
    site(name, slot) {
      const site = [...sites.values()].find((one) => one.name.toLowerCase() === name.toLowerCase());
      if (site === undefined) throw new Error(`the emulated Azure has no site ${name}`);
      return slotOf(site, slot);
    },
    sticky(name) {
      const site = [...sites.values()].find((one) => one.name.toLowerCase() === name.toLowerCase());
      return [...(site?.slotConfigNames.appSettingNames ?? [])];
    },
    routes: [
      only("GET", `${SUBSCRIPTION}/providers/${TYPE}`, list),
      only("GET", `${SUBSCRIPTION}${SITES}`, list),
      only("GET", `${SITE}/slots`, (request) =>
        ok({ value: find(request).site.slots.map((slot) => shown(kernel, slot)), nextLink: null }),
      ),
      ...both("GET", "", (request) => ok(shown(kernel, place(request)))),
      ...both("POST", "/config/appsettings/list", (request) => {
        const at = place(request);
        return ok(settingsBody(at, at.read(agentOf(request))));
      }),
      ...both("PUT", "/config/appsettings", async (request) => {
        const at = place(request);
        const refused = refusedSettings(request.body);
        if (refused !== undefined) return refused;
        await checkBody("appsettings.put", request.body);
        at.setSettings(propertiesOf(request.body) as Settings, agentOf(request));
        return ok(settingsBody(at, at.settings()));
      }),
      ...both("GET", "/config/configreferences/appsettings", (request) =>
        ok({ value: referencesOf(place(request)), nextLink: null }),
      ),
      ...both("POST", "/restart", (request) => {
        place(request).restart();
        return ok();
      }),
      ...both("POST", "/stop", async (request) => {
        await place(request).stop();
        return ok();
      }),
      ...both("POST", "/start", (request) => {
        place(request).start();
        return ok();
      }),
      ...both("POST", "/slotsswap", (request) => {
        const { site, place: source } = find(request);
        return swap(kernel, request, site, source);
      }),
      ...both("GET", "/operationresults/:id", (request) => result(kernel, request)),
      // On the site only: the names are those of all its slots.
      only("GET", `${SITE}/config/slotConfigNames`, (request) => ok(namesBody(find(request).site))),
      only("PUT", `${SITE}/config/slotConfigNames`, async (request) => {
        const { site } = find(request);
        if (propertiesOf(request.body) === undefined) return invalidParameter("properties");
        await checkBody("slotConfigNames.put", request.body);
        // What is left out is removed: a PUT is the whole.
        site.slotConfigNames = propertiesOf(request.body) as SlotConfigNames;
        kernel.tell("slot settings written", site.id);
        return ok(namesBody(site));
      }),
    ],
    async stop() {
      const places = [...sites.values()].flatMap((site) => [site.production, ...site.slots]);
      await Promise.all(places.map(({ app }) => app.close()));
    },
  };
}

async function openSite(
  kernel: ArmKernel,
  { name, resourceGroup = FIRST_GROUP, settings = FOREIGN_SETTINGS, ...options }: SiteOptions,
  vaults: () => readonly Vault[],
): Promise<Site> {
  const id = idOf(kernel, resourceGroup, name);
  const common = {
    site: name,
    identity: options.identity ?? false,
    app: options.app ?? {},
    authority: kernel.authority,
    resolve: (reference: string, principal: string | undefined) => resolve(vaults(), reference, principal),
    tell: kernel.tell,
  };
  const [production, ...slots] = await Promise.all([
    SiteSlot.open({ ...common, id, settings }),
    ...Object.entries(options.slots ?? {}).map(([slot, ofSlot]) =>
      SiteSlot.open({ ...common, id: `${id}/slots/${slot}`, slot, settings: ofSlot }),
    ),
  ]);
  const slotConfigNames = options.sticky === undefined ? {} : { appSettingNames: [...options.sticky] };
  return { name, resourceGroup, id, production, slots, slotConfigNames };
}

function register(kernel: ArmKernel, site: Site, forget: () => void): void {
  const { name, resourceGroup, id, production, slots } = site;
  kernel.resources.add({
    id,
    type: TYPE,
    name,
    resourceGroup,
    show: () => shown(kernel, production),
    async remove() {
      forget();
      kernel.resources.forget(id);
      kernel.tell("site deleted", id);
      await Promise.all([production, ...slots].map(({ app }) => app.close()));
    },
  });
}

const idOf = ({ subscriptionId }: ArmKernel, resourceGroup: string, name: string) =>
  `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/${TYPE}/${name}`;

/** @throws ArmRefusal; the form of the name: microsoft/vscode-azureappservice#264 */
function slotOf({ name, resourceGroup, production, slots }: Site, slot: string | undefined): SiteSlot {
  if (slot === undefined) return production;
  const found = slots.find((one) => one.slot?.toLowerCase() === slot.toLowerCase());
  if (found === undefined) throw refusals.notFound(TYPE, `${name}/slots/${slot}`, resourceGroup);
  return found;
}

function shown({ tenantId }: ArmKernel, { id, name, slot, state, app, principal }: SiteSlot) {
  return {
    id,
    name: slot === undefined ? name : `${name}/${slot}`,
    type: slot === undefined ? TYPE : `${TYPE}/slots`,
    kind: "app,linux",
    location: FIRST_LOCATION,
    ...(principal === undefined
      ? {}
      : { identity: { type: "SystemAssigned", tenantId, principalId: principal } }),
    properties: {
      state,
      enabled: state === "Running",
      hostNames: [app.host],
      enabledHostNames: [app.host],
      defaultHostName: app.host,
      repositorySiteName: name,
      usageState: "Normal",
      availabilityState: "Normal",
      httpsOnly: true,
      reserved: true,
      // Settings are never reported here: they may be secret.
      siteConfig: {
        numberOfWorkers: 1,
        linuxFxVersion: "NODE|24-lts",
        alwaysOn: false,
        healthCheckPath: null,
      },
      keyVaultReferenceIdentity: "SystemAssigned",
    },
  };
}

const configBody = (id: string, name: string, properties: unknown) => ({
  id: `${id}/config/${name}`,
  name,
  type: `${TYPE}/config`,
  location: FIRST_LOCATION,
  properties,
});
const settingsBody = ({ id }: SiteSlot, settings: Settings) => configBody(id, "appsettings", settings);
const agentOf = ({ headers }: ArmRequest): string => headers["user-agent"] ?? "";
const namesBody = ({ id, slotConfigNames }: Site) =>
  configBody(id, "slotConfigNames", {
    connectionStringNames: slotConfigNames.connectionStringNames ?? null,
    appSettingNames: slotConfigNames.appSettingNames ?? null,
    azureStorageConfigNames: slotConfigNames.azureStorageConfigNames ?? null,
  });

/** `identityType` is a text here, whatever the specification says (Azure/azure-sdk-for-go#14509). */
const referencesOf = (place: SiteSlot) =>
  [...place.references()].map(([name, resolution]) => ({
    id: `${place.id}/config/configreferences/appsettings/${name}`,
    name,
    type: `${TYPE}/config/configreferences`,
    location: FIRST_LOCATION,
    properties: { ...resolution, source: "KeyVault", identityType: "SystemAssigned" },
  }));

function swap(kernel: ArmKernel, request: ArmRequest, site: Site, source: SiteSlot): ArmReply {
  const target = (request.body as { targetSlot?: unknown } | undefined)?.targetSlot;
  if (typeof target !== "string") return invalidParameter("targetSlot");
  const other = target.toLowerCase() === "production" ? site.production : slotOf(site, target);
  // The slot of the path is swapped into the other. To the platform it is one operation, whichever is named first.
  const [from, to] = source.slot === undefined ? [other, source] : [source, other];
  if (from === to) throw new ArmRefusal(400, "BadRequest", "Cannot swap a slot with itself.");
  const { location } = kernel.operations.start(request, {
    namespace: "Microsoft.Web",
    location: FIRST_LOCATION,
    collection: "operationsStatus",
    durationMs: kernel.durations.updateMs,
    running: "InProgress",
    work: () => swapSlots(from, to, site.slotConfigNames.appSettingNames ?? []),
    succeed: () => kernel.tell("slots swapped", site.id),
    fail: () => kernel.tell("swap failed", site.id),
  });
  const { pathname, search } = new URL(location);
  // Where the service itself has it (microsoft/azure-pipelines-tasks#13003).
  const polled = `${kernel.origin}${source.id}/operationresults/${pathname.split("/").at(-1)}${search}`;
  return { status: 202, headers: { Location: polled, "Retry-After": "0" } };
}

/** An operation that failed answers with the error, not with 200. */
async function result({ operations }: ArmKernel, { params }: ArmRequest): Promise<ArmReply> {
  const reply = await operations.result(params["id"] ?? "");
  const { error } = (reply.body ?? {}) as { error?: unknown };
  return error === undefined ? reply : { status: 400, body: { error } };
}
