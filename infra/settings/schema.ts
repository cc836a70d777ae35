/** The shape of a stack's config, key by key: the types, bounds and defaults of the contract. */
import { z } from "zod";
import { DEFAULT_EXPECTATIONS } from "../../check/expectations.ts";
import { PLANS } from "../plans/catalogue.ts";

/** A whole number from YAML, or the same as text from `pulumi config set`: decimal digits and nothing else. */
function whole(min: number, max: number): z.ZodType<number> {
  const words = `a whole number from ${min} to ${max}`;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,15}$/)
          .transform(Number),
      ],
      { error: words },
    )
    .refine((value) => Number.isInteger(value) && value >= min && value <= max, { error: words });
}

/** A number of dollars, megabytes or milliseconds: 0 or more, as number or as decimal text. */
function amount(): z.ZodType<number> {
  const words = "a number, 0 or more";
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,12}(\.\d{1,6})?$/)
          .transform(Number),
      ],
      { error: words },
    )
    .refine((value) => Number.isFinite(value) && value >= 0, { error: words });
}

function share(): z.ZodType<number> {
  const words = "a share from 0 to 1";
  return amount().refine((value) => value <= 1, { error: words });
}

const flag = z.union([z.boolean(), z.enum(["true", "false"]).transform((text) => text === "true")], {
  error: "true or false",
});

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, { error: `one of ${values.join(", ")}` });
}

function text(pattern: RegExp, words: string) {
  return z.string({ error: words }).regex(pattern, { error: words });
}

function listOf<T extends z.ZodType>(item: T, words: string) {
  return z.array(item, { error: `a list of ${words}` });
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
const cidr = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: "an IP address or range such as 203.0.113.7 or 203.0.113.0/24",
});

/** An object with these keys and no others. */
function object<Shape extends z.ZodRawShape>(shape: Shape) {
  const words = `an object with ${Object.keys(shape).join(", ")}`;
  return z.strictObject(shape, { error: ({ code }) => (code === "invalid_type" ? words : undefined) });
}

const app = object({
  name: text(/^[a-z0-9][a-z0-9-]{0,58}[a-z0-9]$/i, "an App Service's name").default("luntra-outreach-app"),
  resourceGroup: resourceGroup.default("propiq-rg"),
  subscriptionId: uuid.optional(),
  slot: text(/^[a-z0-9][a-z0-9-]{0,58}$/i, "a slot's name").optional(),
  sticky: flag.optional(),
  healthUrl: text(/^https?:\/\/[^\s@]+$/i, "an http or https URL without a password").optional(),
  restartTimeoutSeconds: whole(10, 3600).default(300),
  manage: flag.default(true),
  keyVault: text(/^[a-z][a-z0-9-]{1,22}[a-z0-9]$/i, "a Key Vault's name").optional(),
});

/** What an app has where the config does not say otherwise. */
export const APP_DEFAULTS = app.parse({});

const network = object({
  access: oneOf(["public", "private"]).default("public"),
  allowedIps: listOf(cidr, "IP addresses and ranges").default([]),
  subnetId: azureId.optional(),
  privateDnsZoneId: azureId.optional(),
});

const azure = object({
  subscriptionId: uuid.optional(),
  location: region.default("eastus"),
  resourceGroup: resourceGroup.default("propiq-rg"),
  createResourceGroup: flag.default(false),
  adopt: text(/^[a-z0-9][a-z0-9-]{0,62}$/i, "the name of an Azure cache").optional(),
  resize: oneOf(["new", "in-place"]).default("new"),
  tags: z.record(z.string(), z.string({ error: "a text" }), { error: "names with texts" }).default({}),
  network: network.prefault({}),
});

/** What a cache in Azure has where the config does not say otherwise. */
export const AZURE_DEFAULTS = azure.parse({});

const upstash = object({
  /** Absent: the nearest to the app for a new database; an existing one stays where it is. */
  primaryRegion: region.optional(),
  readRegions: listOf(region, "regions").default([]),
  budget: amount().optional(),
  adopt: text(/^[0-9a-z-]{8,64}$/i, "the id of an Upstash database").optional(),
});

const external = object({
  memoryMb: amount().optional(),
  maxConnections: whole(1, 10_000_000).optional(),
  monthlyUsd: amount().optional(),
});

const seconds = whole(1, 31_536_000);
// Defaults are given in ttl.ts: whether the stack sets a tier itself decides between an error and a warning.
const ttl = object({
  short: seconds.optional(),
  medium: seconds.optional(),
  long: seconds.optional(),
  day: seconds.optional(),
  functions: z
    .record(text(/^[\w.:-]{1,100}$/, "a namespace such as user:profile"), seconds, {
      error: "namespaces with their seconds",
    })
    .optional(),
});

const expectations = object({
  hitRateMin: share().default(DEFAULT_EXPECTATIONS.hitRateMin),
  hitRateGood: share().default(DEFAULT_EXPECTATIONS.hitRateGood),
  memoryGoodMb: amount().default(DEFAULT_EXPECTATIONS.memoryGoodMb),
  memoryMaxMb: amount().default(DEFAULT_EXPECTATIONS.memoryMaxMb),
  responseGoodMs: amount().default(DEFAULT_EXPECTATIONS.responseGoodMs),
  responseMaxMs: amount().default(DEFAULT_EXPECTATIONS.responseMaxMs),
  keyMaxAgeDays: amount().optional(),
});

const proof = object({
  mode: oneOf(["direct", "app", "off"]).default("direct"),
  waitSeconds: whole(0, 7200).optional(),
});

const alerts = object({
  // Azure's limit: learn.microsoft.com/azure/azure-monitor/fundamentals/service-limits.
  emails: listOf(
    z.email({ error: "an e-mail address" }).max(64, { error: "at most 64 characters long" }),
    "e-mail addresses",
  ).default([]),
});

/** Every key of the namespace `propiq-cache`. settings.ts adds the defaults that depend on plan or stack. */
export const schema = z.strictObject({
  plan: oneOf(PLANS),
  name: text(/^[a-z0-9]([a-z0-9-]{0,22}[a-z0-9])?$/, "1 to 24 of a-z, 0-9 and inner hyphens").default(
    "propiq-redis",
  ),
  keyPrefix: text(/^[a-z0-9-]{1,32}$/, "1 to 32 of a-z, 0-9 and hyphens").optional(),
  port: whole(1, 65_535).optional(),
  maxMemoryMb: whole(1, 1_048_576).optional(),
  localPassword: flag.default(false),
  url: z.string({ error: "a redis:// or rediss:// URL" }).optional(),
  external: external.optional(),
  azure: azure.optional(),
  upstash: upstash.optional(),
  app: z.union([app, z.array(app)], { error: "an object with the app's name, or a list of such" }).optional(),
  envFile: z
    .string({ error: "a path" })
    .refine((path) => path.trim() !== "" && !path.includes("\0"), { error: "a path" })
    .optional(),
  enabled: flag.default(true),
  ttl: ttl.prefault({}),
  keySlot: oneOf(["primary", "secondary"]).optional(),
  standby: listOf(oneOf(PLANS), "plans").default([]),
  proof: proof.prefault({}),
  drainSeconds: whole(0, 86_400).default(30),
  monthlyBudgetUsd: amount().optional(),
  alerts: alerts.optional(),
  expect: expectations.prefault({}),
});

/** The keys that are allowed, by the path of their object. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "": Object.keys(schema.shape),
  app: Object.keys(app.shape),
  azure: Object.keys(azure.shape),
  "azure.network": Object.keys(network.shape),
  upstash: Object.keys(upstash.shape),
  external: Object.keys(external.shape),
  ttl: Object.keys(ttl.shape),
  proof: Object.keys(proof.shape),
  alerts: Object.keys(alerts.shape),
  expect: Object.keys(expectations.shape),
};

/** @param path below the namespace; places in a list do not count */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  return KEYS[path.filter((step) => typeof step !== "number").join(".")] ?? [];
}

/** Whether the value of a key is an object or a list. The values of all others stay the texts that they are. */
export function isNested(key: string): boolean {
  return key === "standby" || (key !== "" && KEYS[key] !== undefined);
}

export type RawSettings = z.output<typeof schema>;
export type AppConfig = Exclude<NonNullable<RawSettings["app"]>, unknown[]>;
