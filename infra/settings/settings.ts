/** A stack's config, parsed once: typed values with their defaults, or everything that is wrong with it at once. */
import type { z } from "zod";
import { alertsMonthlyUsd } from "../alerts/cost.ts";
import { CATALOGUE, familyOf, isLocal, monthlyUsd, type Plan } from "../catalogue.ts";
import { parseRedisUrl, UrlError } from "../connection.ts";
import { problemsOfAzure } from "./azure.ts";
import { ConfigError, describeIssue, type Problem } from "./problems.ts";
import { type RawSettings, schema } from "./schema.ts";

/** What the program knows beside the config itself. */
export interface Context {
  stack: string;
  /** Whether a top-level key is stored as a secret. */
  isSecret: (key: string) => boolean;
}

/** The settings of a stack, complete: what depends on the plan or the stack is filled in. */
export interface Settings extends Omit<RawSettings, "app" | "proof" | "port" | "maxMemoryMb" | "keySlot"> {
  stack: string;
  port: number;
  maxMemoryMb: number;
  keySlot: "primary" | "secondary";
  apps: AppConfig[];
  proof: { mode: "direct" | "app" | "off"; waitSeconds: number };
  /** What active and standby caches, and alerts, cost in a month together, in US dollars; null where we do not know. */
  monthlyUsd: number | null;
}
export type AppConfig = Exclude<NonNullable<RawSettings["app"]>, unknown[]>;

/**
 * @param config the keys below the namespace with their values as Pulumi hands them over: texts, objects as JSON
 * @throws ConfigError with every problem
 */
export function parseSettings(config: Readonly<Record<string, string>>, context: Context): Settings {
  const input = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, OBJECTS.has(key) ? fromJson(value) : value]),
  );
  const parsed = schema.safeParse(input);
  // What the plan allows is asked also where another key is wrong, so that all is told at once.
  const plan = schema.shape.plan.safeParse(input["plan"]);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => describe(issue, input, context))),
    ...(plan.success ? problemsOfFit(plan.data, input) : []),
    ...problemsOfUrl(input["url"], context),
    ...(parsed.success ? problemsBetween(parsed.data, context) : []),
  ];
  if (problems.length > 0 || !parsed.success) throw new ConfigError(context.stack, unique(problems));
  return complete(parsed.data, context);
}

/** Keys whose value is an object or a list; the others are scalars and must stay the text that they are. */
const OBJECTS: ReadonlySet<string> = new Set([
  "external",
  "azure",
  "upstash",
  "app",
  "ttl",
  "standby",
  "proof",
  "alerts",
  "expect",
]);

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function describe(issue: z.core.$ZodIssue, input: unknown, { isSecret }: Context): Problem[] {
  const mayShow = ([top]: readonly PropertyKey[]) => top !== "url" && !isSecret(String(top));
  return describeIssue(issue, input, knownKeys, mayShow);
}

/** The keys that may stand below a path, read from the schema itself. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const step of path) at = typeof step === "number" ? at : shapeOf(at)?.[String(step)];
  return Object.keys(shapeOf(at) ?? {});
}

function shapeOf(type: unknown): Record<string, unknown> | undefined {
  const { def } = type as {
    def?: { shape?: Record<string, unknown>; innerType?: unknown; options?: unknown[] };
  };
  if (def?.shape) return def.shape;
  const inner = def?.innerType ?? def?.options?.[0];
  return inner === undefined ? undefined : shapeOf(inner);
}

/** Keys that belong to some plans only, and the words for the others. */
const BELONGS: Readonly<Record<string, { fits: (plan: Plan) => boolean; words: string }>> = {
  port: {
    fits: isLocal,
    words: "belongs to the plans docker and native; other caches come with their own port",
  },
  maxMemoryMb: {
    fits: isLocal,
    words: "belongs to the plans docker and native; other caches have the size of their plan",
  },
  url: {
    fits: (plan) => plan === "external",
    words: "belongs to the plan external; other plans make their own cache",
  },
  external: { fits: (plan) => plan === "external", words: "belongs to the plan external" },
  azure: { fits: (plan) => !isLocal(plan), words: "does not fit a cache on this machine" },
  upstash: { fits: (plan) => !isLocal(plan), words: "does not fit a cache on this machine" },
  alerts: { fits: (plan) => !isLocal(plan), words: "does not fit a cache on this machine" },
  keySlot: {
    fits: (plan) => !isLocal(plan),
    words: "does not fit a cache on this machine, which has no keys",
  },
  app: {
    fits: (plan) => !isLocal(plan),
    words: "does not fit a cache on this machine: an App Service cannot reach it; local plans write envFile",
  },
};

function problemsOfFit(plan: Plan, input: Readonly<Record<string, unknown>>): Problem[] {
  const misfits = Object.entries(BELONGS)
    .filter(([key, { fits }]) => key in input && !fits(plan))
    .map(([key, { words }]) => ({ key, words: `${words} (plan is ${plan})` }));
  const missing =
    plan === "external" && !("url" in input)
      ? [{ key: "url", words: "is missing: plan external needs the URL of the cache, as a secret" }]
      : [];
  return [...misfits, ...missing];
}

function problemsOfUrl(url: unknown, { stack, isSecret }: Context): Problem[] {
  if (typeof url !== "string") return [];
  const problems: Problem[] = [];
  try {
    parseRedisUrl(url);
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    problems.push({ key: "url", words: error.message });
  }
  // Also where it cannot be read as a URL: whatever stands between // and @ is probably a password.
  if (/\/\/[^/]*@|:[^/@]+@/.test(url) && !isSecret("url")) {
    problems.push({
      key: "url",
      words: `holds a password in the plain; store it as a secret: npx propiq-cache pulumi config set --secret url --stack ${stack} (it asks for the value)`,
    });
  }
  return problems;
}

function problemsBetween(raw: RawSettings, { stack }: Context): Problem[] {
  return [
    ...problemsOfExpectations(raw.expect),
    ...problemsOfStandby(raw),
    ...problemsOfBudget(raw, stack),
    ...problemsOfApps(raw),
    ...problemsOfAzure(raw),
  ];
}

function problemsOfApps({ app, azure, proof }: RawSettings): Problem[] {
  const apps = appsOf(app);
  const problems: Problem[] = [];
  if (proof.mode === "app" && !apps.some(({ manage }) => manage)) {
    problems.push({
      key: "proof.mode",
      words: "must be direct or off: app proves the cache through an App Service, and app names none",
    });
  }
  const own = apps.find(({ resourceGroup }) => resourceGroup === azure?.resourceGroup);
  if (azure?.createResourceGroup && own) {
    problems.push({
      key: "azure.createResourceGroup",
      words: `must be false: ${own.name} lives in ${own.resourceGroup}, and a group that is made here is removed with the cache`,
    });
  }
  const names = apps.map(({ name, resourceGroup, slot }) =>
    [resourceGroup, name, slot].join("/").toLowerCase(),
  );
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) {
      problems.push({ key: `app.${index}`, words: "names an app that stands in the list already" });
    }
  });
  return problems;
}

function appsOf(app: RawSettings["app"]): AppConfig[] {
  if (app === undefined) return [];
  return Array.isArray(app) ? app : [app];
}

function problemsOfExpectations(expect: RawSettings["expect"]): Problem[] {
  const pairs = [
    ["hitRateMin", "hitRateGood"],
    ["memoryGoodMb", "memoryMaxMb"],
    ["responseGoodMs", "responseMaxMs"],
  ] as const;
  return pairs
    .filter(([low, high]) => expect[low] > expect[high])
    .map(([low, high]) => ({
      key: `expect.${low}`,
      words: `must be at most expect.${high}, which is ${expect[high]}`,
    }));
}

function problemsOfStandby({ plan, standby, azure }: RawSettings): Problem[] {
  const families = [plan, ...standby].map(familyOf);
  return standby.flatMap((kept, index) => {
    const key = `standby.${index}`;
    if (isLocal(plan)) return [{ key, words: `does not fit a cache on this machine (plan is ${plan})` }];
    if (isLocal(kept) || kept === "external") return [{ key, words: `must be a cloud plan, not ${kept}` }];
    if (azure?.resize === "in-place" && CATALOGUE[kept].provider === CATALOGUE[plan].provider) {
      return [
        {
          key,
          words: `must be of another service than the active plan while azure.resize is in-place: ${kept} and ${plan} are then one cache in two sizes`,
        },
      ];
    }
    if (families.indexOf(familyOf(kept)) <= index) {
      return [
        {
          key,
          words: `must be of another family than the active plan and the other standby plans (${kept})`,
        },
      ];
    }
    return [];
  });
}

function problemsOfBudget(raw: RawSettings, stack: string): Problem[] {
  const cost = totalUsd(raw);
  const budget = raw.monthlyBudgetUsd ?? defaultBudgetUsd(stack);
  if (cost === null || budget === undefined || cost <= budget) return [];
  const plans = [raw.plan, ...raw.standby].join(" with standby ");
  const extra = alertsUsd(raw) > 0 ? " and alerts" : "";
  return [
    {
      key: "monthlyBudgetUsd",
      words: `${plans}${extra} costs about $${cost.toFixed(2)} a month, more than the $${budget} that this stack allows; if that is meant: npx propiq-cache pulumi config set monthlyBudgetUsd ${Math.ceil(cost)} --stack ${stack}`,
    },
  ];
}

/** Production has a limit unless someone sets another. */
function defaultBudgetUsd(stack: string): number | undefined {
  return stack === "prod" ? 25 : undefined;
}

/** The month's cost of the active and all standby caches, and of alerts; null as soon as one is unknown. */
function totalUsd(raw: RawSettings): number | null {
  const given = {
    ...(raw.upstash?.budget === undefined ? {} : { budgetUsd: raw.upstash.budget }),
    ...(raw.external?.monthlyUsd === undefined ? {} : { statedUsd: raw.external.monthlyUsd }),
  };
  const costs = [raw.plan, ...raw.standby].map((plan) => monthlyUsd(plan, given));
  return costs.reduce<number | null>(
    // To the cent: figures such as 0.1 do not add up exactly.
    (sum, cost) => (sum === null || cost === null ? null : Math.round((sum + cost) * 100) / 100),
    alertsUsd(raw),
  );
}

function alertsUsd({ alerts, plan }: RawSettings): number {
  return alerts === undefined ? 0 : alertsMonthlyUsd(plan);
}

/** Seconds that a proof waits for what is normal after a create. */
const WAIT_SECONDS = { local: 20, cloud: 300 } as const;

function complete(raw: RawSettings, { stack }: Context): Settings {
  const { app, ...rest } = raw;
  const apps = appsOf(app);
  const budget = raw.monthlyBudgetUsd ?? defaultBudgetUsd(stack);
  const local = isLocal(raw.plan);
  return {
    ...rest,
    ...(apps.length > 0 && raw.envFile === undefined ? {} : { envFile: raw.envFile ?? ".env" }),
    ...(budget === undefined ? {} : { monthlyBudgetUsd: budget }),
    stack,
    apps,
    port: raw.port ?? 6379,
    maxMemoryMb: raw.maxMemoryMb ?? 100,
    keySlot: raw.keySlot ?? "primary",
    proof: {
      mode: raw.proof.mode,
      waitSeconds: raw.proof.waitSeconds ?? WAIT_SECONDS[local ? "local" : "cloud"],
    },
    monthlyUsd: totalUsd(raw),
  };
}

/** Data that fits into the stack's cache, in MB; null where nobody says. */
export function memoryLimitMb(settings: Settings): number | null {
  if (isLocal(settings.plan)) return settings.maxMemoryMb;
  return CATALOGUE[settings.plan].memoryMb ?? settings.external?.memoryMb ?? null;
}

/** What the stack's cache holds and takes; null where nobody says. */
export function limitsOf(settings: Settings): { memoryMb: number | null; maxConnections: number | null } {
  const { plan, external } = settings;
  return {
    memoryMb: memoryLimitMb(settings),
    maxConnections: CATALOGUE[plan].maxConnections ?? external?.maxConnections ?? null,
  };
}

function unique(problems: readonly Problem[]): Problem[] {
  const seen = new Map(problems.map((problem) => [`${problem.key}\0${problem.words}`, problem]));
  return [...seen.values()];
}
