/** A stack's config, parsed once: typed values with their defaults, or everything that is wrong with it at once. */
import type { z } from "zod";
import { CATALOGUE, isLocal } from "../plans/catalogue.ts";
import { appsOf, problemsOfApps } from "./apps.ts";
import { problemsOfAzure } from "./azure.ts";
import { defaultBudgetUsd, problemsOfBudget, totalUsd } from "./budget.ts";
import { problemsOfExpectations } from "./expectations.ts";
import { problemsOfFit } from "./fit.ts";
import { ConfigError, type Context, describeIssue, type Problem } from "./problems.ts";
import { type AppConfig, type RawSettings, schema } from "./schema.ts";
import { problemsOfStandby } from "./standby.ts";
import { problemsOfUrl } from "./url.ts";

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
    ...(parsed.success ? BETWEEN.flatMap((problemsOf) => problemsOf(parsed.data, context)) : []),
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

/** What keys that are right by themselves may have wrong with each other. */
const BETWEEN: readonly ((raw: RawSettings, context: Context) => Problem[])[] = [
  problemsOfExpectations,
  problemsOfStandby,
  problemsOfBudget,
  problemsOfApps,
  problemsOfAzure,
];

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
