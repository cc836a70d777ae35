/** What Azure's answers mean for the stack: what is allowed, what is in the way, what will change. Pure. */

import { type Advice, advice } from "../../base/advice.ts";
import { listApps, webapp } from "../../base/azure-cli.ts";
import { program, propiq, pulumi, setConfig } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import type { SignInKind } from "../../infra/azure/credential.ts";
import type { AzureCache } from "../../infra/azure/list.ts";
import { assignRoleCommand, groupOf, roleFor } from "../../infra/azure/roles.ts";
import { requireService, SERVICES } from "../../infra/azure/services.ts";
import type { AdoptedLook } from "../../infra/caches/adopted.ts";
import { SETTING_NAMES } from "../../infra/contract/table.ts";
import { CATALOGUE, type Plan } from "../../infra/plans/catalogue.ts";
import { EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import { type AppConfig, AZURE_DEFAULTS } from "../../infra/settings/schema.ts";
import type { Settings } from "../../infra/settings/settings.ts";
import { missingActions, type Need, type Permission } from "./actions.ts";
import { type Asked, type Finding, isAnswer, unasked } from "./finding.ts";

export interface Identity {
  kind: SignInKind;
  /** Application id, or a person's sign-in name; nothing where the token does not say. */
  who: string | undefined;
  tenant: string | undefined;
}

export interface AzureFacts {
  identity: Asked<Identity>;
  subscriptionId: string;
  /** Absent below where signing in failed. */
  subscription?: Asked<{ name: string; state: string }>;
  /** States of the providers that are needed: `Registered`, `NotRegistered`, …; absent where no cache is made. */
  registrations?: readonly { namespace: string; state: Asked<string> }[];
  /** Whether the resource group of the caches exists; absent without caches. */
  group?: Asked<boolean>;
  permissions?: readonly { need: Need; granted: Asked<readonly Permission[]> }[];
  caches?: readonly CacheFacts[];
  /** Caches of this stack that exist and that its config does not name any more. */
  leaving?: Asked<readonly AzureCache[]>;
}

/** A cache that the stack needs. */
export type CacheFacts = OwnFacts | AdoptedFacts;
interface OwnFacts {
  plan: Plan;
  name: string;
  /** `other`: without this stack's tags. */
  found: Asked<"none" | "own" | "other">;
  /** The id of the cache that exists, and its region in lower case without spaces. */
  id?: string;
  location?: string;
  /** Absent where Azure cannot check it, or the cache exists. */
  nameIsFree?: Asked<boolean>;
}
interface AdoptedFacts {
  plan: Plan;
  name: string;
  adopted: Asked<AdoptedLook | PropiqError>;
}

const KINDS: Readonly<Record<SignInKind, string>> = {
  default: "Azure's default chain (ARM_USE_DEFAULT_AZURE_CREDENTIAL)",
  certificate: "a certificate (ARM_CLIENT_CERTIFICATE_PATH)",
  secret: "a client secret (ARM_CLIENT_SECRET)",
  oidc: "the pipeline's own token (ARM_USE_OIDC)",
  "managed-identity": "this machine's managed identity (ARM_USE_MSI)",
  az: "the Azure CLI (az login)",
};

export function judgeAzure(facts: AzureFacts, settings: Settings): Finding[] {
  return [
    judgeIdentity(facts),
    ...judgeSubscription(facts),
    ...(facts.registrations ?? []).map((registration) => judgeRegistration(registration, facts, settings)),
    ...judgeGroup(facts, settings),
    ...judgePermissions(facts),
    ...(facts.caches ?? []).flatMap((cache) => judgeCache(cache, settings)),
    ...judgeLeaving(facts, settings),
  ];
}

function judgeIdentity({ identity }: AzureFacts): Finding {
  if (!isAnswer(identity)) return unasked("identity", identity);
  const { kind, who, tenant } = identity.value;
  const person = who === undefined ? "" : `${who} `;
  const home = tenant === undefined ? "" : `, tenant ${tenant}`;
  return { id: "identity", status: "pass", words: `signed in to Azure: ${person}by ${KINDS[kind]}${home}` };
}

function judgeSubscription({ subscription, subscriptionId }: AzureFacts): Finding[] {
  if (subscription === undefined) return [];
  if (!isAnswer(subscription)) return [unasked("subscription", subscription)];
  const { name, state } = subscription.value;
  const words = `subscription ${name} (${subscriptionId})`;
  if (/^(Enabled|Warned)$/i.test(state)) return [{ id: "subscription", status: "pass", words }];
  const next = advice("Its owner can enable it in the portal: https://portal.azure.com > Subscriptions");
  return [
    {
      id: "subscription",
      status: "fail",
      words: `${words} is ${state}: nothing can be made in it.`,
      advice: next,
    },
  ];
}

const WITHOUT: Readonly<Record<string, string>> = {
  "Microsoft.Cache": "it can have no cache",
  "Microsoft.Insights": "it can have no alerts",
};

function judgeRegistration(
  { namespace, state }: NonNullable<AzureFacts["registrations"]>[number],
  { subscriptionId }: AzureFacts,
  { stack }: Settings,
): Finding {
  if (!isAnswer(state)) return unasked("provider", state);
  if (state.value === "Registered")
    return { id: "provider", status: "pass", words: `${namespace} is registered` };
  const next = advice(
    "Register it once for the subscription, which takes a minute or two and needs the role Contributor.",
    program(
      "az",
      "provider",
      "register",
      "--namespace",
      namespace,
      "--subscription",
      subscriptionId,
      "--wait",
    ),
    propiq("preflight", "--stack", stack),
  );
  const under = state.value === "Registering";
  return {
    id: "provider",
    status: under ? "warn" : "fail",
    words: under
      ? `${namespace} is being registered: wait a minute.`
      : `The subscription has not registered ${namespace}, so ${WITHOUT[namespace] ?? "it cannot be used"}.`,
    advice: next,
  };
}

function judgeGroup({ group, subscriptionId }: AzureFacts, { azure, stack }: Settings): Finding[] {
  if (group === undefined) return [];
  if (!isAnswer(group)) return [unasked("group", group)];
  const { resourceGroup, location, createResourceGroup } = azure ?? AZURE_DEFAULTS;
  if (group.value) return [{ id: "group", status: "pass", words: `resource group ${resourceGroup}` }];
  if (createResourceGroup)
    return [
      { id: "group", status: "note", words: `resource group ${resourceGroup} will be made in ${location}` },
    ];
  return [
    {
      id: "group",
      status: "fail",
      words: `There is no resource group ${resourceGroup}.`,
      advice: advice(
        "Create it. Or name another.",
        program(
          ...["az", "group", "create", "--name", resourceGroup],
          ...["--location", location, "--subscription", subscriptionId],
        ),
        setConfig(stack, "azure.resourceGroup", "NAME"),
      ),
    },
  ];
}

function judgePermissions({ permissions = [], identity }: AzureFacts): Finding[] {
  const who = (isAnswer(identity) ? identity.value.who : undefined) ?? "CLIENT_ID";
  return permissions.map(({ need, granted }): Finding => {
    const where = need.scope.split("/").at(-1) ?? need.scope;
    if (!isAnswer(granted)) return unasked("permissions", granted);
    const missing = missingActions(need.actions, granted.value);
    if (missing.length === 0) {
      return {
        id: "permissions",
        status: "pass",
        words: `may do all ${need.actions.length} things needed in ${where}`,
      };
    }
    const roles = [...new Set(missing.map(roleFor))];
    // The one for everything holds the others.
    const needed = roles.includes("Contributor") ? ["Contributor"] : roles;
    return {
      id: "permissions",
      status: "fail",
      words: `may not do in ${where}: ${missing.join(", ")}`,
      advice: advice(
        "Ask a user who may grant roles there.",
        ...needed.map((role) => assignRoleCommand(role, who, groupOf(need.scope))),
      ),
    };
  });
}

function judgeCache(facts: CacheFacts, settings: Settings): Finding[] {
  if ("adopted" in facts) return [judgeAdopted(facts)];
  const { plan, name, found, nameIsFree } = facts;
  const { stack } = settings;
  if (!isAnswer(found)) return [unasked("name", found)];
  const anotherName = setConfig(stack, "name", "propiq-redis-2");
  const { location } = settings.azure ?? AZURE_DEFAULTS;
  if (found.value === "own" && (facts.location ?? location) === location)
    return [{ id: "name", status: "pass", words: `${name} already exists and belongs to this stack` }];
  if (found.value === "own") {
    return [
      {
        id: "name",
        status: "fail",
        words: `${name} is in ${facts.location}, and Azure does not move a cache to ${location}.`,
        advice: advice(
          "Make another one there. Or keep the region.",
          anotherName,
          setConfig(stack, "azure.location", facts.location ?? ""),
        ),
      },
    ];
  }
  if (found.value === "other") {
    return [
      {
        id: "name",
        status: "fail",
        words: `A cache ${name} exists without the tags of this stack.`,
        advice: advice(
          "Choose another name. Or delete that cache if nobody needs it.",
          anotherName,
          program("az", "resource", "delete", "--ids", facts.id ?? ""),
        ),
      },
    ];
  }
  return [judgeName(name, nameIsFree, stack), newCache(plan, name, settings)];
}

function judgeAdopted({ name, adopted }: AdoptedFacts): Finding {
  if (!isAnswer(adopted)) return unasked("name", adopted);
  const look = adopted.value;
  if (look instanceof PropiqError)
    return { id: "name", status: "fail", words: look.message, advice: look.next };
  if (look.warning !== undefined) {
    const { happened, next } = look.warning;
    return { id: "name", status: "warn", words: happened, advice: next };
  }
  const words = `${name} exists and is adopted: read and wired, never changed, never deleted`;
  return { id: "name", status: "pass", words };
}

function judgeName(name: string, isFree: Asked<boolean> | undefined, stack: string): Finding {
  if (isFree === undefined) return { id: "name", status: "pass", words: `${name}: does not exist yet` };
  if (!isAnswer(isFree)) return unasked("name", isFree);
  if (isFree.value) return { id: "name", status: "pass", words: `${name}: the name is free` };
  return {
    id: "name",
    status: "fail",
    words: `The name ${name} is in use, or was until some minutes ago. Names of caches are unique in the world.`,
    advice: advice("Choose another name.", setConfig(stack, "name", "propiq-redis-2")),
  };
}

function newCache(plan: Plan, name: string, { azure }: Settings): Finding {
  const { title } = CATALOGUE[plan];
  const { making } = SERVICES[requireService(plan)];
  return {
    id: "change",
    status: "note",
    words: `A new cache, ${name} (${title}, ${(azure ?? AZURE_DEFAULTS).location}): Azure takes ${making}. It starts empty, so the app is slower until it has filled.`,
  };
}

function judgeLeaving({ leaving }: AzureFacts, { drainSeconds, stack, standby }: Settings): Finding[] {
  if (leaving === undefined) return [];
  if (!isAnswer(leaving)) return [unasked("change", leaving)];
  return leaving.value.map((cache): Finding => {
    const plan = planOf(cache);
    const keep =
      plan === undefined
        ? undefined
        : advice(
            "To keep it running beside the new one:",
            setConfig(stack, `standby[${standby.length}]`, plan),
          );
    return {
      id: "change",
      status: "note",
      words: `${cache.name} and its content are deleted ${drainSeconds} s after the app was seen on the other cache. If anything fails before, it stays.`,
      ...(keep === undefined ? {} : { advice: keep }),
    };
  });
}

/** The plan whose name a cache of ours bears. */
export function planOf({ name }: Pick<AzureCache, "name">): Plan | undefined {
  const plans = Object.keys(CATALOGUE) as Plan[];
  const found = plans.filter((plan) => name.includes(`-${plan}-`));
  return found.toSorted((a, b) => b.length - a.length)[0];
}

export interface AppFacts {
  app: AppConfig;
  label: string;
  /** Undefined if the app does not exist. */
  site: Asked<
    | { state: string; location?: string; settings: Readonly<Record<string, string>>; owner?: Owner }
    | undefined
  >;
  /** What keeps the app from its Key Vault; absent where it has none to read. */
  vault?: Asked<readonly { say: string; next: Advice }[]>;
}
interface Owner {
  project: string;
  stack: string;
}

/** @param project of Pulumi */
export function judgeApp(facts: AppFacts, settings: Settings, project: string): Finding[] {
  const { app, label, site } = facts;
  const { stack } = settings;
  if (!isAnswer(site)) return [unasked("app", site)];
  if (site.value === undefined) {
    return [
      {
        id: "app",
        status: "fail",
        words: `There is no App Service ${label} in ${app.resourceGroup}.`,
        advice: advice(
          "List the App Services, and name the right one.",
          listApps(),
          setConfig(stack, pathOf(app, settings, ".name"), "NAME"),
        ),
      },
    ];
  }
  const { state, settings: held, owner } = site.value;
  if (!app.manage)
    return [{ id: "app", status: "pass", words: `${label} exists, and is not managed (manage is false)` }];
  if (owner !== undefined && (owner.project !== project || owner.stack !== stack)) {
    return [
      {
        id: "app",
        status: "fail",
        words: `The cache settings of ${label} belong to stack ${owner.stack} of project ${owner.project}.`,
        advice: advice(
          "Remove the app from that stack first (app in its config, then up), or from this one. If this is the same stack under another name, up takes the app over.",
          pulumi(stack, "config", "rm", "--path", pathOf(app, settings)),
        ),
      },
    ];
  }
  const findings: Finding[] = [
    { id: "app", status: "note", words: restartWords(label, held, owner !== undefined) },
  ];
  if (/stopped/i.test(state)) {
    findings.push({
      id: "app",
      status: "warn",
      words: `${label} is stopped: its settings can be written, but the update cannot check whether it works with them.`,
      advice: advice("Start it.", webapp(["start"], app)),
    });
  }
  return [...findings, ...judgeVault(facts)];
}

function judgeVault({ app, label, vault }: AppFacts): Finding[] {
  if (vault === undefined) return [];
  if (!isAnswer(vault)) return [unasked("vault", vault)];
  if (vault.value.length === 0)
    return [
      { id: "vault", status: "pass", words: `Key Vault ${app.keyVault}: nothing keeps ${label} from it` },
    ];
  return vault.value.map(({ say, next }) => ({
    ...{ id: "vault", status: "fail", words: say, advice: next },
  }));
}

/** The path of an app in the stack's config. An index counts only in a list. */
function pathOf(app: AppConfig, { apps }: Settings, key = ""): string {
  return apps.length === 1 ? `app${key}` : `app[${apps.indexOf(app)}]${key}`;
}

/** A setting with a name like ours, as REDIS_SSL, is not ours. */
const OWN: ReadonlySet<string> = new Set([...SETTING_NAMES, EARLIER_KEY]);

function restartWords(label: string, held: Readonly<Record<string, string>>, wired: boolean): string {
  const own = Object.keys(held).filter((name) => OWN.has(name));
  const others = Object.keys(held).length - own.length;
  const kept = `its ${others} other settings stay as they are`;
  if (wired) return `${label} restarts once where its cache settings change; ${kept}.`;
  if (own.length === 0) return `${label} gets the cache settings and restarts once; ${kept}.`;
  return `${label} restarts once; ${own.toSorted().join(", ")} there are taken over, and destroy restores them; ${kept}.`;
}
