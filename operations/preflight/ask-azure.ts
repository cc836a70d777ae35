/** The questions of a preflight to Azure. Changes nothing. */

import { type Advice, advice } from "../../base/advice.ts";
import { commandLine, propiq, pulumi } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import { foreignText } from "../../base/safe-text.ts";
import { openAppService } from "../../infra/azure/app-service.ts";
import { type Arm, ArmError } from "../../infra/azure/arm.ts";
import { signInKind } from "../../infra/azure/credential.ts";
import { ifThere, isNotThere } from "../../infra/azure/if-there.ts";
import { type AzureCache, listCaches } from "../../infra/azure/list.ts";
import { type AzureContext, explainRefusal } from "../../infra/azure/refusals.ts";
import { isOwn } from "../../infra/azure/tags.ts";
import type { AdoptedLook } from "../../infra/caches/adopted.ts";
import { lookAtAdopted } from "../../infra/caches/azure/adopted.ts";
import { type AzureWish, azureWish, isOwnName } from "../../infra/caches/azure/wish.ts";
import { CATALOGUE, isIn, skuOf } from "../../infra/plans/catalogue.ts";
import { cloudName } from "../../infra/plans/names.ts";
import { decodeEarlier, EARLIER_KEY, ownerOf } from "../../infra/provider/app-settings/earlier.ts";
import { type AppConfig, AZURE_DEFAULTS } from "../../infra/settings/schema.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import { obstaclesOf } from "../../infra/sinks/obstacles.ts";
import { needsOf, type Permission, wantsAlerts } from "./actions.ts";
import type { Asked } from "./finding.ts";
import { type AppFacts, type AzureFacts, type CacheFacts, type Identity, planOf } from "./judge-azure.ts";

const SUBSCRIPTION_API = "2022-12-01";
const PROVIDERS_API = "2021-04-01";
const GROUPS_API = "2021-04-01";
const PERMISSIONS_API = "2022-04-01";
const CACHE_API = "2024-11-01";

export interface Question {
  settings: Settings;
  project: string;
  env: NodeJS.ProcessEnv;
  /** Signed in or about to be, for a subscription. */
  open: (subscriptionId: string) => Promise<Arm>;
  /** Of the caches, and of each app. */
  subscriptions: { cache: string; apps: readonly string[] };
  signal: AbortSignal;
}

export async function askAzure(question: Question): Promise<{ azure: AzureFacts; apps: AppFacts[] }> {
  const { settings, env, open, subscriptions, signal } = question;
  const subscriptionId = subscriptions.cache;
  const ask = asker(question);
  const opened = await ask(() => open(subscriptionId));
  const identity = await ask(async () => await identityOf(await open(subscriptionId), env, signal));
  if (!("value" in opened) || !("value" in identity)) {
    return { azure: { subscriptionId, identity: "value" in opened ? identity : opened }, apps: [] };
  }
  const arm = opened.value;
  const [subscription, cacheFacts, permissions, apps] = await Promise.all([
    ask(async () => await subscriptionOf(arm, signal)),
    wantsCaches(settings) || settings.azure !== undefined ? askCaches(question, arm, ask) : {},
    Promise.all(
      needsOf(settings, {
        cache: subscriptionId,
        app: (index) => subscriptions.apps[index] ?? subscriptionId,
      }).map(async (need) => ({ need, granted: await ask(() => permissionsAt(arm, need.scope, signal)) })),
    ),
    Promise.all(
      settings.apps.map((app, index) =>
        askApp(question, ask, app, subscriptions.apps[index] ?? subscriptionId),
      ),
    ),
  ]);
  return { azure: { subscriptionId, identity, subscription, permissions, ...cacheFacts }, apps };
}

type Ask = <T>(work: () => Promise<T>) => Promise<Asked<T>>;

/** What cannot be asked becomes words, of Azure's refusals those that are known. */
function asker({ settings, subscriptions, signal }: Question): Ask {
  const again = advice("Run it again.", propiq("preflight", "--stack", settings.stack));
  const { resourceGroup, location } = settings.azure ?? AZURE_DEFAULTS;
  const context: AzureContext = {
    stack: settings.stack,
    plan: settings.plan,
    name: settings.name,
    prefix: settings.name,
    subscriptionId: subscriptions.cache,
    resourceGroup,
    location,
  };
  return async (work) => {
    try {
      return { value: await work() };
    } catch (error) {
      if (signal.aborted) return { why: "Azure did not answer in time.", advice: again };
      if (error instanceof PropiqError) return { why: error.message, advice: error.next };
      if (!(error instanceof ArmError)) throw error;
      const known = explainRefusal(`Code="${error.code}" Message="${error.message}"`, context);
      if (known !== undefined) {
        return {
          why: known.happened,
          advice: withAgain(known.next, settings.stack),
        };
      }
      return {
        why: `Azure: ${error.code}: ${foreignText(error.message, (same) => same)}`,
        advice: again,
      };
    }
  };
}

/** The advice for an update, for a question: what is repeated is the preflight. */
function withAgain({ say, run = [] }: Advice, stack: string): Advice {
  const up = commandLine(pulumi(stack, "up"));
  const again = propiq("preflight", "--stack", stack);
  return { say, run: run.map((command) => (commandLine(command) === up ? again : command)) };
}

function wantsCaches({ plan, standby }: Settings): boolean {
  return [plan, ...standby].some((each) => isIn("azure", each));
}

/** Who the token is for. It is ours, and it is Azure that checks it: here it is only read. */
async function identityOf(arm: Arm, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<Identity> {
  const token = await arm.credential.getToken(`${arm.cloud.audience}/.default`, { abortSignal: signal });
  const claims = claimsOf(token?.token ?? "");
  const text = (value: unknown) =>
    typeof value === "string" && value !== "" ? foreignText(value, (same) => same, 100) : undefined;
  const kind = signInKind(env);
  return {
    kind,
    who:
      text(claims["upn"] ?? claims["unique_name"] ?? claims["appid"]) ??
      (kind === "az" ? undefined : text(env["ARM_CLIENT_ID"])),
    tenant: text(claims["tid"]) ?? text(env["ARM_TENANT_ID"]),
  };
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    return typeof claims === "object" && claims !== null ? (claims as Record<string, unknown>) : {};
  } catch {
    // Not every token can be read; none has to be.
    return {};
  }
}

async function subscriptionOf(arm: Arm, signal: AbortSignal): Promise<{ name: string; state: string }> {
  const path = `/subscriptions/${arm.subscriptionId}`;
  const { body } = await arm.request({ method: "GET", path, apiVersion: SUBSCRIPTION_API, signal });
  const { displayName, state } = (body ?? {}) as { displayName?: unknown; state?: unknown };
  return {
    name: foreignText(String(displayName ?? ""), (same) => same, 100),
    state: String(state ?? "Enabled"),
  };
}

async function permissionsAt(arm: Arm, scope: string, signal: AbortSignal): Promise<Permission[]> {
  const at = async (place: string): Promise<Permission[]> => {
    const path = `${place}/providers/Microsoft.Authorization/permissions`;
    const { body } = await arm.request({ method: "GET", path, apiVersion: PERMISSIONS_API, signal });
    const { value } = (body ?? {}) as { value?: { actions?: string[]; notActions?: string[] }[] };
    return (value ?? []).map(({ actions = [], notActions = [] }) => ({ actions, notActions }));
  };
  try {
    return await at(scope);
  } catch (error) {
    // In a group that does not exist yet, the subscription's count.
    if (!isNotThere(error)) throw error;
    return await at(scope.split("/").slice(0, 3).join("/"));
  }
}

async function askCaches(
  { settings, project, subscriptions, signal }: Question,
  arm: Arm,
  ask: Ask,
): Promise<Pick<AzureFacts, "registrations" | "group" | "caches" | "leaving">> {
  const { stack } = settings;
  const subscriptionId = subscriptions.cache;
  const group = (settings.azure ?? AZURE_DEFAULTS).resourceGroup;
  const scope = `/subscriptions/${subscriptionId}/resourceGroups/${group}`;
  const namespaces = ["Microsoft.Cache", ...(wantsAlerts(settings) ? ["Microsoft.Insights"] : [])];
  const [registrations, groupIsThere] = await Promise.all([
    Promise.all(
      namespaces.map(async (namespace) => ({
        namespace,
        state: await ask(() => registrationOf(arm, namespace, signal)),
      })),
    ),
    ask(() => isThere(arm, scope, signal)),
  ]);
  const listed: Asked<AzureCache[]> =
    "value" in groupIsThere && !groupIsThere.value
      ? { value: [] }
      : await ask(() => listCaches(arm, scope, signal));
  const wishes = [settings.plan, ...settings.standby]
    .filter((plan) => isIn("azure", plan))
    .map((plan) => azureWish(settings, plan, { subscriptionId, project }));
  const caches = await Promise.all(
    wishes.map(async (wish): Promise<CacheFacts> => {
      const { plan, name, adopted, growsFrom } = wish;
      if (adopted) return { plan, name, adopted: await ask(() => lookedAt(arm, settings, wish, project)) };
      const names = [
        name,
        ...growsFrom.map((of) =>
          cloudName({ name: settings.name, plan: of, scope: subscriptionId, project, stack }),
        ),
      ];
      if (!("value" in listed)) return { plan, name, found: listed };
      const there = listed.value.find(
        (cache) =>
          cache.service === CATALOGUE[plan].provider &&
          names.some((each) => each.toLowerCase() === cache.name.toLowerCase()),
      );
      if (there !== undefined) {
        const value = isOwn(there.tags, { project, stack }) ? "own" : "other";
        return { plan, name: there.name, id: there.id, location: there.location, found: { value } };
      }
      const facts: CacheFacts = { plan, name, found: { value: "none" } };
      // Azure has the question for one of its two services only.
      if (skuOf("azure", plan) === undefined) return facts;
      return { ...facts, nameIsFree: await ask(() => isNameFree(arm, name, signal)) };
    }),
  );
  const wanted = new Set(caches.map(({ name }) => name.toLowerCase()));
  const leaving: Asked<AzureCache[]> =
    "value" in listed
      ? {
          value: listed.value.filter(
            (cache) =>
              isOwn(cache.tags, { project, stack }) &&
              planOf(cache) !== undefined &&
              !wanted.has(cache.name.toLowerCase()),
          ),
        }
      : listed;
  // Where no cache is made any more, only what leaves is of interest.
  if (!wantsCaches(settings)) return { leaving };
  return { registrations, group: groupIsThere, caches, leaving };
}

/** What stands in the way of the adoption is an answer, too. */
async function lookedAt(
  arm: Arm,
  settings: Settings,
  wish: AzureWish,
  project: string,
): Promise<AdoptedLook | PropiqError> {
  const isOwn = isOwnName(settings, wish.name, { subscriptionId: wish.subscriptionId, project });
  try {
    return await lookAtAdopted(arm, wish, isOwn);
  } catch (error) {
    if (error instanceof PropiqError) return error;
    throw error;
  }
}

async function registrationOf(arm: Arm, namespace: string, signal: AbortSignal): Promise<string> {
  const path = `/subscriptions/${arm.subscriptionId}/providers/${namespace}`;
  const { body } = await arm.request({ method: "GET", path, apiVersion: PROVIDERS_API, signal });
  return String((body as { registrationState?: unknown } | undefined)?.registrationState ?? "Unknown");
}

async function isThere(arm: Arm, path: string, signal: AbortSignal): Promise<boolean> {
  return (await ifThere(arm.request({ method: "GET", path, apiVersion: GROUPS_API, signal }))) !== undefined;
}

async function isNameFree(arm: Arm, name: string, signal: AbortSignal): Promise<boolean> {
  const path = `/subscriptions/${arm.subscriptionId}/providers/Microsoft.Cache/checkNameAvailability`;
  const body = { name, type: "Microsoft.Cache/Redis" };
  try {
    await arm.request({ method: "POST", path, apiVersion: CACHE_API, body, signal, repeatable: true });
    return true;
  } catch (error) {
    if (error instanceof ArmError && error.code === "NameNotAvailable") return false;
    throw error;
  }
}

async function askApp(
  { open, settings: { stack }, signal }: Question,
  ask: Ask,
  app: AppConfig,
  subscriptionId: string,
): Promise<AppFacts> {
  const label = app.slot === undefined ? app.name : `${app.name}/${app.slot}`;
  const site = await ask(async () => {
    const arm = await open(subscriptionId);
    const service = await openAppService(arm, {
      resourceGroup: app.resourceGroup,
      app: app.name,
      slot: app.slot,
    });
    const seen = await ifThere(Promise.all([service.site(signal), service.settings(signal)]));
    if (seen === undefined) return undefined;
    const [{ state, location }, settings] = seen;
    const earlier = decodeEarlier(settings[EARLIER_KEY]);
    return { state, location, settings, ...(earlier === undefined ? {} : { owner: ownerOf(earlier.by) }) };
  });
  const { keyVault } = app;
  if (keyVault === undefined || !app.manage || !("value" in site) || site.value === undefined)
    return { app, label, site };
  // The same question as an update asks before it changes anything.
  const vault = await ask(async () => {
    const { name, slot, resourceGroup } = app;
    const found = await obstaclesOf(
      await open(subscriptionId),
      { app: name, slot, resourceGroup, keyVault },
      signal,
    );
    return found.map(({ message, next }) => ({ say: message, next: withAgain(next, stack) }));
  });
  return { app, label, site, vault };
}
