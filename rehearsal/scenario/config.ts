/** A stack's config for the emulated clouds: what must exist there, each value's counterpart, and what has none. Pure. */
import { isAbsolute, normalize } from "node:path";
import { isMap, isScalar, parseDocument } from "yaml";
import { CATALOGUE, type Plan } from "../../infra/plans/catalogue.ts";
import { parseSettings, type Settings } from "../../infra/settings/settings.ts";
import { PRIMARY_REGIONS, READ_REGIONS } from "../upstash/plans.ts";

const OURS = "propiq-cache:";

/** A stack's config file, read. */
export interface StackFile {
  stack: string;
  /** By key, without our namespace's name in front for our keys. */
  values: Readonly<Record<string, unknown>>;
  /** With a budget above all costs: other plans than the configured one may exceed the stack's own. */
  settings: Settings;
}

/** What the emulated clouds must have before the first command. */
export interface Needs {
  sites: { name: string; resourceGroup: string; slots: string[]; vault: boolean }[];
  groups: string[];
  vaults: { name: string; resourceGroup: string }[];
  /** The address from which the cache's firewall sees us. */
  clientAddress?: string;
  insideNetwork: boolean;
  /** The plan of the Upstash database that the stack adopted. */
  adoptedDatabase?: Plan;
  /** A Redis that exists already. */
  external: boolean;
}

/** What stands for the config's ids and hosts. */
export interface Counterparts {
  subscriptionId: string;
  /** `127.0.0.1:port` of an app or its slot. */
  hostOf(name: string, slot?: string): string;
  adoptedDatabase?: string;
  /** Whether the team's own app answers: then its health document keeps its path. */
  ownApp: boolean;
}

export interface MappedConfig {
  /** Of `Pulumi.<stack>.yaml`. */
  text: string;
  /** Full config keys that were left out because nothing here stands for them. */
  notMapped: string[];
}

type Values = Record<string, unknown>;

/** @throws ConfigError where the config is wrong in anything but its budget */
export function readStackFile(stack: string, text: string): StackFile {
  const values = valuesIn(text);
  const texts = Object.fromEntries(
    Object.entries(values).flatMap(([key, value]): [string, string][] => {
      if (!key.startsWith(OURS)) return [];
      const own = key.slice(OURS.length);
      if (isSecret(value)) return own === "url" ? [[own, "rediss://sealed.invalid:6380/0"]] : [];
      const plain = withoutSecrets(value, key, () => {});
      return [[own, typeof plain === "string" ? plain : JSON.stringify(plain)]];
    }),
  );
  const settings = parseSettings(
    { ...texts, monthlyBudgetUsd: "1000000" },
    { stack, isSecret: (key) => isSecret(values[OURS + key]) },
  );
  return { stack, values, settings };
}

function valuesIn(text: string): Values {
  const config = parseDocument(text).get("config");
  return isMap(config) ? (config.toJSON() as Values) : {};
}

export function needsOf({ settings, values }: StackFile): Needs {
  const { apps, azure, plan, upstash } = settings;
  const sites = new Map<string, Needs["sites"][number]>();
  for (const { name, resourceGroup, slot, keyVault } of apps) {
    const key = `${resourceGroup}/${name}`.toLowerCase();
    const site = sites.get(key) ?? { name, resourceGroup, slots: [], vault: false };
    site.slots.push(...(slot === undefined ? [] : [slot]));
    site.vault ||= keyVault !== undefined;
    sites.set(key, site);
  }
  const vaults = apps.flatMap(({ keyVault, resourceGroup }) =>
    keyVault === undefined ? [] : [{ name: keyVault, resourceGroup }],
  );
  const groups = [
    ...apps.map(({ resourceGroup }) => resourceGroup),
    ...(azure === undefined || azure.createResourceGroup ? [] : [azure.resourceGroup]),
  ];
  const [address] = azure?.network.allowedIps ?? [];
  const adopts = upstash?.adopt !== undefined && CATALOGUE[plan].provider === "upstash";
  return {
    sites: [...sites.values()],
    groups: distinct(groups).filter((name) => name.toLowerCase() !== "propiq-rg"),
    vaults: vaults.filter(({ name }, at) => vaults.findIndex((other) => other.name === name) === at),
    ...(address === undefined ? {} : { clientAddress: address.split("/")[0] ?? address }),
    insideNetwork: azure?.network.access === "private",
    ...(adopts ? { adoptedDatabase: plan } : {}),
    external: plan === "external" || `${OURS}url` in values,
  };
}

const distinct = (names: readonly string[]): string[] => [
  ...new Map(names.map((name) => [name.toLowerCase(), name])).values(),
];

/** The config as the rehearsal deploys it. Secrets are left out: nothing here can open them. */
export function mapConfig({ values }: StackFile, found: Counterparts): MappedConfig {
  const notMapped: string[] = [];
  const config: Values = {};
  for (const [key, value] of Object.entries(values)) {
    const mapped = mapKey(key, value, found, (path) => notMapped.push(path));
    if (mapped !== undefined) config[key] = mapped;
  }
  // Long enough to be seen, short enough to wait for.
  if (!(`${OURS}drainSeconds` in config)) config[`${OURS}drainSeconds`] = 1;
  const document = parseDocument("config: {}\n");
  document.set("config", config);
  return { text: document.toString({ lineWidth: 0 }), notMapped };
}

type Miss = (path: string) => void;

function mapKey(key: string, value: unknown, found: Counterparts, miss: Miss): unknown {
  const [namespace = "", name = ""] = key.split(/:(.*)/s);
  if (namespace === "azure-native")
    return AZURE_PROVIDER.get(name)?.(value, found) ?? unlessSignIn(key, miss);
  if (namespace === "upstash") return ["email", "apiKey"].includes(name) ? undefined : missed(key, miss);
  // The rehearsal sets a URL of its own.
  if (key === `${OURS}url`) return undefined;
  const plain = withoutSecrets(value, key, miss);
  if (plain === undefined || namespace !== "propiq-cache") return plain;
  return OUR_KEYS[name]?.(plain, found, (path) => miss(`${key}.${path}`)) ?? plain;
}

/** Keys of the Azure provider that have a counterpart. */
type MapProviderValue = (value: unknown, found: Counterparts) => unknown;
const AZURE_PROVIDER: ReadonlyMap<string, MapProviderValue> = new Map<string, MapProviderValue>([
  ["subscriptionId", (_, { subscriptionId }) => subscriptionId],
  ["location", (value) => (isSecret(value) ? undefined : value)],
]);

/** How it signs in, and to which cloud: the environment of the rehearsal says so. */
const SIGN_IN =
  /^azure-native:(client|tenantId|auxiliaryTenantIds|environment|metadataHost|oidc|use|msi|disableInstanceDiscovery|partnerId|disablePulumiPartnerId)/;

function unlessSignIn(key: string, miss: Miss): undefined {
  if (!SIGN_IN.test(key)) miss(key);
}

function missed(key: string, miss: Miss): undefined {
  miss(key);
}

/** Nothing here can open a secret, and nothing should. */
function withoutSecrets(value: unknown, path: string, miss: Miss): unknown {
  if (isSecret(value)) return missed(path, miss);
  if (Array.isArray(value)) {
    return value.flatMap((each, at) => withoutSecrets(each, `${path}[${at}]`, miss) ?? []);
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      const plain = withoutSecrets(each, `${path}.${key}`, miss);
      return plain === undefined ? [] : [[key, plain]];
    }),
  );
}

export function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

type MapValue = (value: unknown, found: Counterparts, miss: Miss) => unknown;

/** Our keys that hold ids, hosts or paths of real things; all others are copied. */
const OUR_KEYS: Readonly<Record<string, MapValue>> = {
  azure(value, found, miss) {
    const azure = objectOf(value);
    if ("subscriptionId" in azure) azure["subscriptionId"] = found.subscriptionId;
    if ("adopt" in azure) {
      delete azure["adopt"];
      miss("adopt");
    }
    if ("network" in azure) azure["network"] = inSubscription(azure["network"], found.subscriptionId);
    return azure;
  },
  upstash(value, found, miss) {
    const upstash = objectOf(value);
    if ("adopt" in upstash && found.adoptedDatabase !== undefined) upstash["adopt"] = found.adoptedDatabase;
    else if ("adopt" in upstash) {
      delete upstash["adopt"];
      miss("adopt");
    }
    const { primaryRegion, readRegions } = upstash;
    if (primaryRegion !== undefined && !PRIMARY_REGIONS.includes(String(primaryRegion))) {
      delete upstash["primaryRegion"];
      miss("primaryRegion");
    }
    if (Array.isArray(readRegions) && !readRegions.every((region) => READ_REGIONS.includes(String(region)))) {
      delete upstash["readRegions"];
      miss("readRegions");
    }
    return upstash;
  },
  app(value, found) {
    return Array.isArray(value) ? value.map((app) => mapApp(app, found)) : mapApp(value, found);
  },
  envFile(value) {
    const path = normalize(String(value));
    return isAbsolute(path) || path.startsWith("..") ? ".env" : value;
  },
};

function mapApp(value: unknown, { subscriptionId, hostOf, ownApp }: Counterparts): unknown {
  const app = objectOf(value);
  if ("subscriptionId" in app) app["subscriptionId"] = subscriptionId;
  const { name = "luntra-outreach-app", slot, healthUrl } = app;
  if (typeof healthUrl === "string") {
    const { pathname, search } = new URL(healthUrl);
    const host = hostOf(String(name), slot === undefined ? undefined : String(slot));
    // The example app has its health document in one place only.
    app["healthUrl"] = `https://${host}${ownApp ? pathname + search : "/health"}`;
  }
  return app;
}

function objectOf(value: unknown): Values {
  return typeof value === "object" && value !== null ? { ...(value as Values) } : {};
}

/** Azure's ids name a subscription, which is another one here. */
function inSubscription(value: unknown, subscriptionId: string): unknown {
  if (typeof value !== "string") {
    return Object.fromEntries(
      Object.entries(objectOf(value)).map(([key, each]) => [
        key,
        typeof each === "string" ? inSubscription(each, subscriptionId) : each,
      ]),
    );
  }
  return value.replace(/^\/subscriptions\/[^/]+/i, `/subscriptions/${subscriptionId}`);
}

/**
 * The config of a stack for another plan than its own: without what belongs to its own cache alone, and with a budget
 * that the plan fits.
 * @param text of the stack's file, as Pulumi has it now
 */
export function withPlan(text: string, plan: Plan, budgetUsd: number): string {
  const document = parseDocument(text);
  const at = (key: string, ...below: string[]) => ["config", OURS + key, ...below];
  for (const path of [at("url"), at("external")]) document.deleteIn(path);
  for (const key of ["azure", "upstash"]) {
    if (isMap(document.getIn(at(key)))) document.deleteIn(at(key, "adopt"));
  }
  if (!CATALOGUE[plan].provider.startsWith("azure")) document.deleteIn(at("keySlot"));
  document.setIn(at("plan"), plan);
  const budget = document.getIn(at("monthlyBudgetUsd"), true);
  const usd = isScalar(budget) ? Number(budget.value) : 0;
  document.setIn(at("monthlyBudgetUsd"), Math.max(usd, Math.ceil(budgetUsd)));
  return document.toString({ lineWidth: 0 });
}

/** Changes single keys of the text, for a failure that would otherwise take its real time. */
export function withKey(text: string, path: readonly string[], value: unknown): string {
  const document = parseDocument(text);
  const [top = "", ...below] = path;
  document.setIn(["config", OURS + top, ...below], value);
  return document.toString({ lineWidth: 0 });
}
