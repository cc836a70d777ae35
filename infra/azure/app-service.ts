/** An App Service, or one of its slots, as far as its settings are concerned. */
import { API_VERSIONS } from "./api-versions.ts";
import { type Arm, answerOf } from "./arm.ts";
import { repeatRead } from "./retry.ts";
import { webAppsSdk } from "./sdk.ts";

/** Names and values of settings. */
export type SettingMap = Readonly<Record<string, string>>;

export interface SiteName {
  resourceGroup: string;
  app: string;
  /** Absent: production. */
  slot?: string | undefined;
}

export interface Site {
  /** `host`, or `host:port` in other clouds. */
  hostName: string;
  /** `Running`, `Stopped`, … */
  state: string;
  /** The region, as Azure writes it: `East US` or `eastus`. */
  location: string;
  /** Whether it has an identity, which Key Vault references need. */
  hasIdentity: boolean;
  /** The object id of the identity that reads Key Vault references; undefined where Azure does not show it. */
  readerId: string | undefined;
}

/** One setting that refers to Key Vault, and whether it could be resolved. */
export interface Reference {
  /** The setting's name. */
  key: string;
  /** `Resolved`, or what is wrong: `SecretNotFound`, `AccessToKeyVaultDenied`, `MSINotEnabled`, … */
  status: string;
  details?: string;
}

export interface AppService {
  /** `/subscriptions/…/sites/NAME[/slots/SLOT]` */
  readonly id: string;
  site(signal?: AbortSignal): Promise<Site>;
  /** All settings; read again where Azure is busy. */
  settings(signal?: AbortSignal): Promise<SettingMap>;
  /**
   * Replaces ALL settings, once: anyone who gets an error reads again before the next attempt. The app restarts.
   * @returns what Azure says it holds now
   */
  putSettings(settings: SettingMap): Promise<SettingMap>;
  /** Names of the settings that stay with their slot when slots are swapped; they belong to the whole site. */
  stickyNames(signal?: AbortSignal): Promise<SlotNames>;
  putStickyNames(names: SlotNames): Promise<void>;
  references(signal?: AbortSignal): Promise<Reference[]>;
  restart(): Promise<void>;
}

/** All that `slotConfigNames` holds; a PUT replaces all of it. */
export interface SlotNames {
  appSettingNames?: string[];
  connectionStringNames?: string[];
  azureStorageConfigNames?: string[];
}

/** The path of a site or slot in Resource Manager: its id. */
export function siteId(subscriptionId: string, { resourceGroup, app, slot }: SiteName): string {
  const site = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Web/sites/${app}`;
  return slot === undefined ? site : `${site}/slots/${slot}`;
}

/** @returns functions that throw ArmError, or the signal's reason */
export async function openAppService(arm: Arm, name: SiteName): Promise<AppService> {
  const api = webAppsSdk();
  const { context } = arm;
  const { resourceGroup: group, app, slot } = name;
  const read = <T>(
    signal: AbortSignal | undefined,
    call: (options: { abortSignal: AbortSignal }) => Promise<T>,
  ) => repeatRead(() => answerOf(signal, (abortSignal) => call({ abortSignal })), signal);
  const write = <T>(call: (options: { abortSignal: AbortSignal }) => Promise<T>) =>
    answerOf(undefined, (abortSignal) => call({ abortSignal }));

  return {
    id: siteId(arm.subscriptionId, name),
    async site(signal) {
      const site = await read(signal, (options) =>
        slot === undefined
          ? api.get(context, group, app, options)
          : api.getSlot(context, group, app, slot, options),
      );
      return {
        hostName: site.defaultHostName ?? "",
        state: site.state ?? "Unknown",
        location: site.location ?? "",
        hasIdentity: site.identity?.type !== undefined && site.identity.type !== "None",
        readerId: readerOf(site.keyVaultReferenceIdentity, site.identity),
      };
    },
    async settings(signal) {
      const { properties } = await read(signal, (options) =>
        slot === undefined
          ? api.listApplicationSettings(context, group, app, options)
          : api.listApplicationSettingsSlot(context, group, app, slot, options),
      );
      return properties ?? {};
    },
    async putSettings(settings) {
      const properties = { ...settings };
      const reply = await write((options) =>
        slot === undefined
          ? api.updateApplicationSettings(context, group, app, { properties }, options)
          : api.updateApplicationSettingsSlot(context, group, app, slot, { properties }, options),
      );
      return reply.properties ?? {};
    },
    async stickyNames(signal) {
      const names = await read(signal, (options) =>
        api.listSlotConfigurationNames(context, group, app, options),
      );
      const { appSettingNames, connectionStringNames, azureStorageConfigNames } = names;
      // Azure answers null where nothing is sticky, whatever the types say.
      return {
        ...(appSettingNames ? { appSettingNames } : {}),
        ...(connectionStringNames ? { connectionStringNames } : {}),
        ...(azureStorageConfigNames ? { azureStorageConfigNames } : {}),
      };
    },
    async putStickyNames(names) {
      await write((options) => api.updateSlotConfigurationNames(context, group, app, { ...names }, options));
    },
    async references(signal) {
      return await read(signal, async (options) => {
        const found: Reference[] = [];
        const pages =
          slot === undefined
            ? api.listAppSettingsKeyVaultReferences(context, group, app, options)
            : api.listAppSettingsKeyVaultReferencesSlot(context, group, app, slot, options);
        for await (const { name: id, ...reference } of pages) {
          found.push({
            // Microsoft's client flattens `properties`; the last part of the id is the setting's name.
            key: (id ?? "").split("/").at(-1) ?? "",
            status: reference.status ?? "Unknown",
            ...(reference.details ? { details: reference.details } : {}),
          });
        }
        return found;
      });
    },
    async restart() {
      await write((options) =>
        slot === undefined
          ? api.restart(context, group, app, options)
          : api.restartSlot(context, group, app, slot, options),
      );
    },
  };
}

/** @param chosen `SystemAssigned`, or the id of a user-assigned identity; Azure shows nothing for the default */
function readerOf(
  chosen: string | undefined,
  identity:
    | {
        principalId?: string;
        userAssignedIdentities?: Readonly<Record<string, { principalId?: string } | null>> | null;
      }
    | undefined,
): string | undefined {
  const own = Object.entries(identity?.userAssignedIdentities ?? {});
  const found = own.find(([id]) => id.toLowerCase() === chosen?.toLowerCase());
  return found === undefined ? identity?.principalId : found[1]?.principalId;
}

/** The names of the apps of a resource group, or of the slots of an app: for messages about one that does not exist. */
export async function namesBeside(
  arm: Pick<Arm, "request" | "subscriptionId">,
  { resourceGroup, app, slot }: SiteName,
  signal?: AbortSignal,
): Promise<string[]> {
  const site = siteId(arm.subscriptionId, { resourceGroup, app });
  const path = slot === undefined ? site.slice(0, site.lastIndexOf("/")) : `${site}/slots`;
  const { body } = await arm.request({
    method: "GET",
    path,
    apiVersion: API_VERSIONS.sites,
    ...(signal === undefined ? {} : { signal }),
  });
  const { value = [] } = (body ?? {}) as { value?: { name?: unknown }[] };
  // A slot is called app/slot.
  return value.flatMap(({ name }) => (typeof name === "string" ? [name.split("/").at(-1) ?? name] : []));
}
