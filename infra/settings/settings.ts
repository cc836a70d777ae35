/** A stack's config, parsed once: typed values with their defaults, or all errors together. */
import * as v from "valibot";
import type { Lifetimes } from "../contract/table.ts";
import { CATALOGUE, isLocal } from "../plans/catalogue.ts";
import { appsOf, problemsOfApps } from "./apps.ts";
import { problemsOfAzure } from "./azure.ts";
import { defaultBudgetUsd, problemsOfBudget, totalUsd } from "./budget.ts";
import { problemsOfExpectations } from "./expectations.ts";
import { problemsOfFit } from "./fit.ts";
import { problemsOfNamespaces } from "./namespaces.ts";
import {
  ConfigError,
  type Context,
  describeIssue,
  type Issue,
  type Problem,
  pathIn,
  unknownKeys,
} from "./problems.ts";
import { type AppConfig, isNested, knownKeys, type RawSettings, schema } from "./schema.ts";
import { problemsOfStandby } from "./standby.ts";
import { lifetimesOf, problemsOfTtl, warningsOfTtl } from "./ttl.ts";
import { problemsOfUrl, warningsOfUrl } from "./url.ts";

/** The settings of a stack, complete with the defaults that depend on the plan or the stack. */
export interface Settings
  extends Omit<RawSettings, "app" | "proof" | "port" | "maxMemoryMb" | "keySlot" | "ttl"> {
  stack: string;
  ttl: Lifetimes;
  port: number;
  maxMemoryMb: number;
  keySlot: "primary" | "secondary";
  apps: AppConfig[];
  proof: { mode: "direct" | "app" | "off"; waitSeconds: number };
  /** What active and standby caches, and alerts, cost in a month together, in US dollars; null where one is unknown. */
  monthlyUsd: number | null;
  /** Valid, and probably not meant. */
  warnings: readonly Problem[];
}

/**
 * @param config the keys below the namespace with their values as Pulumi gives them: texts, objects as JSON
 * @throws ConfigError with every problem
 */
export function parseSettings(config: Readonly<Record<string, string>>, context: Context): Settings {
  const input = Object.fromEntries(
    Object.entries(config).map(([key, value]) => [key, isNested(key) ? fromJson(value) : value]),
  );
  const parsed = v.safeParse(schema, input);
  // Checked even where another key is wrong: all errors are reported together.
  const plan = v.safeParse(schema.entries.plan, input["plan"]);
  const problems = [
    ...(parsed.success ? [] : parsed.issues.flatMap((issue) => describe(issue, input, context))),
    ...(plan.success ? problemsOfFit(plan.output, input) : []),
    ...problemsOfUrl(input["url"], context),
    ...problemsOfNamespaces(context.otherKeys ?? []),
    ...(parsed.success
      ? BETWEEN.flatMap((problemsOf) => problemsOf(parsed.output, context))
      : problemsOfRest(input, parsed.issues, context)),
  ];
  if (problems.length > 0 || !parsed.success) throw new ConfigError(context.stack, unique(problems));
  return complete(parsed.output, context);
}

/** Errors between the keys that are valid by themselves, where others are not. */
function problemsOfRest(
  input: Readonly<Record<string, unknown>>,
  issues: readonly Issue[],
  context: Context,
): Problem[] {
  const wrong = new Set(
    issues.flatMap((issue) => {
      const [top, ...below] = pathIn(issue);
      return below.length === 0 ? [...unknownKeys(issue, knownKeys), String(top)] : [String(top)];
    }),
  );
  const rest = v.safeParse(
    schema,
    Object.fromEntries(Object.entries(input).filter(([key]) => !wrong.has(key))),
  );
  if (!rest.success) return [];
  // A wrong key counts as its default here, so nothing is claimed about it.
  return BETWEEN.flatMap((problemsOf) => problemsOf(rest.output, context)).filter(
    ({ key }) => !wrong.has(key.split(/[.[]/)[0] ?? key),
  );
}

function fromJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

function describe(issue: Issue, input: unknown, { isSecret }: Context): Problem[] {
  const mayShow = ([top]: readonly PropertyKey[]) => top !== "url" && !isSecret(String(top));
  return describeIssue(issue, input, knownKeys, mayShow);
}

/** What is asked about keys that are valid by themselves. */
const BETWEEN: readonly ((raw: RawSettings, context: Context) => Problem[])[] = [
  problemsOfExpectations,
  problemsOfTtl,
  problemsOfStandby,
  problemsOfBudget,
  problemsOfApps,
  problemsOfAzure,
];

/** Seconds that a proof waits while a new cache starts. */
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
    ttl: lifetimesOf(raw),
    warnings: [...warningsOfTtl(raw), ...warningsOfUrl(raw.url)],
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

/** Data that fits into the stack's cache, in MB; null where it is unknown. */
export function memoryLimitMb(settings: Settings): number | null {
  if (isLocal(settings.plan)) return settings.maxMemoryMb;
  return CATALOGUE[settings.plan].memoryMb ?? settings.external?.memoryMb ?? null;
}

/** Limits of the stack's cache; null where it is unknown. */
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
