/** The shape of a stack's config, key by key: the types, bounds and defaults of the contract. */
import { isIPv4, isIPv6 } from "node:net";
import * as v from "valibot";
import { DEFAULT_EXPECTATIONS } from "../../check/expectations.ts";
import { PLANS } from "../plans/catalogue.ts";

/** A number from YAML, or the same as text from `pulumi config set`. */
function number(digits: RegExp, allows: (value: number) => boolean, words: string) {
  const fromText = v.pipe(v.string(), v.regex(digits), v.transform(Number));
  return v.pipe(v.union([v.number(), fromText], words), v.check(allows, words));
}

/** Decimal digits and nothing else. */
function whole(min: number, max: number) {
  const allows = (value: number) => Number.isInteger(value) && value >= min && value <= max;
  return number(/^\d{1,15}$/, allows, `a whole number from ${min} to ${max}`);
}

const DECIMAL = /^\d{1,12}(\.\d{1,6})?$/;

/** A number of dollars, megabytes or milliseconds. */
const amount = number(DECIMAL, (value) => Number.isFinite(value) && value >= 0, "a number, 0 or more");
const share = number(DECIMAL, (value) => value >= 0 && value <= 1, "a share from 0 to 1");

const flag = v.union(
  [
    v.boolean(),
    v.pipe(
      v.picklist(["true", "false"]),
      v.transform((text) => text === "true"),
    ),
  ],
  "true or false",
);

const oneOfWords = (values: readonly string[]) => `one of ${values.join(", ")}`;

/** Not a picklist, whose issues do not have its values. */
function oneOf<const T extends readonly string[]>(values: T) {
  const words = oneOfWords(values);
  return v.pipe(
    v.string(words),
    v.values(values, words),
    v.transform((value): T[number] => value),
  );
}

function text(pattern: RegExp, words: string) {
  return v.pipe(v.string(words), v.regex(pattern, words));
}

function listOf<T extends v.GenericSchema>(item: T, words: string) {
  return v.array(item, `a list of ${words}`);
}

const uuid = text(
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  "an id like 00000000-0000-0000-0000-000000000000",
);
const region = text(/^[a-z0-9-]{2,40}$/, "a region's name in small letters, such as eastus or us-east-1");
const resourceGroup = text(
  /^[\w.()-]{1,89}[\w()-]$|^[\w()-]$/,
  "a resource group's name: letters, digits, . _ - ( ), not ending in a dot",
);
const azureId = text(/^\/subscriptions\/[^\s]+$/i, "an Azure resource id that starts with /subscriptions/");
const cidrWords = "an IP address or range such as 203.0.113.7 or 203.0.113.0/24";
const cidr = v.pipe(v.string(cidrWords), v.check(isAddressOrRange, cidrWords));

function isAddressOrRange(value: string): boolean {
  const [address = "", bits, ...others] = value.split("/");
  const most = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  if (most === undefined || others.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
}

/** For valibot a list is an object, too. */
function plainObject<T>(words: string) {
  return v.custom<T>((value) => typeof value === "object" && value !== null && !Array.isArray(value), words);
}

/** An object with these keys and no others. */
function object<const Entries extends v.ObjectEntries>(entries: Entries) {
  const shape = v.strictObject(entries);
  const words = `an object with ${Object.keys(entries).join(", ")}`;
  return v.pipe(plainObject<v.InferInput<typeof shape>>(words), shape);
}

/** An object whose keys are names that the user chooses. */
function record<Name extends v.GenericSchema<string, string>, Value extends v.GenericSchema>(
  name: Name,
  value: Value,
  words: string,
) {
  const shape = v.record(name, value);
  return v.pipe(plainObject<v.InferInput<typeof shape>>(words), shape);
}

const app = object({
  name: v.optional(
    text(/^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$/i, "an App Service's name"),
    "luntra-outreach-app",
  ),
  resourceGroup: v.optional(resourceGroup, "propiq-rg"),
  subscriptionId: v.optional(uuid),
  slot: v.optional(text(/^[a-z0-9][a-z0-9-]{0,58}$/i, "a slot's name")),
  sticky: v.optional(flag),
  healthUrl: v.optional(text(/^https?:\/\/[^\s@]+$/i, "an http or https URL without a password")),
  restartTimeoutSeconds: v.optional(whole(10, 3600), 300),
  manage: v.optional(flag, true),
  keyVault: v.optional(text(/^[a-z][a-z0-9-]{1,22}[a-z0-9]$/i, "a Key Vault's name")),
});

/** What an app has where the config does not say otherwise. */
export const APP_DEFAULTS = v.parse(app, {});

const network = object({
  access: v.optional(oneOf(["public", "private"]), "public"),
  allowedIps: v.optional(listOf(cidr, "IP addresses and ranges"), []),
  subnetId: v.optional(azureId),
  privateDnsZoneId: v.optional(azureId),
});

const azure = object({
  subscriptionId: v.optional(uuid),
  location: v.optional(region, "eastus"),
  resourceGroup: v.optional(resourceGroup, "propiq-rg"),
  createResourceGroup: v.optional(flag, false),
  adopt: v.optional(text(/^[a-z0-9][a-z0-9-]{0,62}$/i, "the name of an Azure cache")),
  resize: v.optional(oneOf(["new", "in-place"]), "new"),
  tags: v.optional(record(v.string(), v.string("a text"), "names with texts"), {}),
  network: v.optional(network, {}),
});

/** What a cache in Azure has where the config does not say otherwise. */
export const AZURE_DEFAULTS = v.parse(azure, {});

const upstash = object({
  /** Absent: the nearest to the app for a new database; an existing one stays where it is. */
  primaryRegion: v.optional(region),
  readRegions: v.optional(listOf(region, "regions"), []),
  budget: v.optional(amount),
  adopt: v.optional(text(/^[0-9a-z-]{8,64}$/i, "the id of an Upstash database")),
});

const external = object({
  memoryMb: v.optional(amount),
  maxConnections: v.optional(whole(1, 10_000_000)),
  monthlyUsd: v.optional(amount),
});

const seconds = whole(1, 31_536_000);
// Defaults are given in ttl.ts: whether the stack sets a tier itself decides between an error and a warning.
const ttl = object({
  short: v.optional(seconds),
  medium: v.optional(seconds),
  long: v.optional(seconds),
  day: v.optional(seconds),
  functions: v.optional(
    record(
      text(/^[\w.:-]{1,100}$/, "a namespace such as user:profile"),
      seconds,
      "namespaces with their seconds",
    ),
  ),
});

const expectations = object({
  hitRateMin: v.optional(share, DEFAULT_EXPECTATIONS.hitRateMin),
  hitRateGood: v.optional(share, DEFAULT_EXPECTATIONS.hitRateGood),
  memoryGoodMb: v.optional(amount, DEFAULT_EXPECTATIONS.memoryGoodMb),
  memoryMaxMb: v.optional(amount, DEFAULT_EXPECTATIONS.memoryMaxMb),
  responseGoodMs: v.optional(amount, DEFAULT_EXPECTATIONS.responseGoodMs),
  responseMaxMs: v.optional(amount, DEFAULT_EXPECTATIONS.responseMaxMs),
  keyMaxAgeDays: v.optional(amount),
});

const proof = object({
  mode: v.optional(oneOf(["direct", "app", "off"]), "direct"),
  waitSeconds: v.optional(whole(0, 7200)),
});

const alerts = object({
  // Azure's limit: learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits.
  emails: v.optional(
    listOf(
      v.pipe(
        v.string("an e-mail address"),
        v.email("an e-mail address"),
        v.maxLength(64, "at most 64 characters long"),
      ),
      "e-mail addresses",
    ),
    [],
  ),
});

type AppInput = v.InferInput<typeof app>;
const isAnyObject = (value: unknown) => typeof value === "object" && value !== null;
const apps = v.pipe(
  v.custom<AppInput | AppInput[]>(isAnyObject, "an object with the app's name, or a list of such"),
  // Not a union, whose issues do not say which of its forms was nearly met.
  v.lazy((value) => (Array.isArray(value) ? v.array(app) : app)),
);

/** Every key of the namespace `propiq-cache`. settings.ts adds the defaults that depend on plan or stack. */
export const schema = v.strictObject(
  {
    plan: oneOf(PLANS),
    name: v.optional(
      text(/^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/, "1 to 24 of a-z, 0-9 and inner hyphens"),
      "propiq-redis",
    ),
    keyPrefix: v.optional(text(/^[a-z0-9-]{1,32}$/, "1 to 32 of a-z, 0-9 and hyphens")),
    port: v.optional(whole(1, 65_535)),
    maxMemoryMb: v.optional(whole(1, 1_048_576)),
    localPassword: v.optional(flag, false),
    url: v.optional(v.string("a redis:// or rediss:// URL")),
    external: v.optional(external),
    azure: v.optional(azure),
    upstash: v.optional(upstash),
    app: v.optional(apps),
    envFile: v.optional(
      v.pipe(
        v.string("a path"),
        v.check((path) => path.trim() !== "" && !path.includes("\0"), "a path"),
      ),
    ),
    enabled: v.optional(flag, true),
    ttl: v.optional(ttl, {}),
    keySlot: v.optional(oneOf(["primary", "secondary"])),
    standby: v.optional(listOf(oneOf(PLANS), "plans"), []),
    proof: v.optional(proof, {}),
    drainSeconds: v.optional(whole(0, 86_400), 30),
    monthlyBudgetUsd: v.optional(amount),
    alerts: v.optional(alerts),
    expect: v.optional(expectations, {}),
  },
  // The words where a key is missing, and only the plan may be.
  oneOfWords(PLANS),
);

/** The keys that are allowed, by the path of their object. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(schema.entries),
  app: keysOf(app),
  azure: keysOf(azure),
  "azure.network": keysOf(network),
  upstash: keysOf(upstash),
  external: keysOf(external),
  ttl: keysOf(ttl),
  proof: keysOf(proof),
  alerts: keysOf(alerts),
  expect: keysOf(expectations),
};

function keysOf({ pipe: [, shape] }: ReturnType<typeof object>): readonly string[] {
  return Object.keys(shape.entries);
}

/** @param path below the namespace; places in a list do not count */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  return KEYS[path.filter((step) => typeof step !== "number").join(".")] ?? [];
}

/** Whether the value of a key is an object or a list. The values of all others stay the texts that they are. */
export function isNested(key: string): boolean {
  return key === "standby" || (key !== "" && KEYS[key] !== undefined);
}

export type RawSettings = v.InferOutput<typeof schema>;
export type AppConfig = Exclude<NonNullable<RawSettings["app"]>, unknown[]>;
