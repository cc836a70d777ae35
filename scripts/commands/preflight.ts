/** `preflight`: asks whether an update may run and would work, and what it would do. Nothing is changed. */
import { EXIT, PropiqError } from "../../base/errors.ts";
import { isIn } from "../../infra/plans/catalogue.ts";
import { ConfigError } from "../../infra/settings/problems.ts";
import {
  type Finding,
  isAnswer,
  type PreflightReport,
  reportOf,
} from "../../operations/preflight/finding.ts";
import type { AppFacts } from "../../operations/preflight/judge-azure.ts";
import { type AppPlace, judgeRegion } from "../../operations/preflight/judge-region.ts";
import { type Backend, judgeStack } from "../../operations/preflight/judge-stack.ts";
import { renderPreflight } from "../../operations/preflight/text.ts";
import { openAzure, subscriptionFor } from "../../operations/stacks/azure.ts";
import { projectBackend } from "../../operations/stacks/backend.ts";
import { readStackConfig, type StackConfig } from "../../operations/stacks/config-file.ts";
import { trackedAdvice } from "../../operations/stacks/exposure.ts";
import { isLocalStack } from "../../operations/stacks/local-config.ts";
import { isLoggedIn } from "../../operations/stacks/pulumi-login.ts";
import { printReport } from "../print.ts";
import { terminal } from "./output.ts";

interface PreflightOptions {
  stack: string;
  format: "text" | "json";
}

/** As in Pulumi.yaml. */
const PROJECT = "propiq-cache";
/** Milliseconds for all questions together: a preflight that hangs says nothing. */
const PATIENCE_MS = 60_000;

/** @returns 0 where nothing stands in the way, 1 where something does, 2 where something could not be asked */
export async function preflight({ stack, format }: PreflightOptions): Promise<number> {
  const report = await reportFor(stack);
  printReport(
    format === "json" ? `${JSON.stringify(report, null, 2)}\n` : renderPreflight(report, terminal().width),
  );
  // Wrong config ends with 2 in every command: no question was asked.
  const isConfig = report.findings.every(({ id }) => id === "config") && report.verdict !== "ready";
  return isConfig ? EXIT.notAsked : EXIT_CODES[report.verdict];
}

const EXIT_CODES: Readonly<Record<PreflightReport["verdict"], number>> = {
  ready: 0,
  "not-ready": EXIT.no,
  unknown: EXIT.notAsked,
};

async function reportFor(stack: string): Promise<PreflightReport> {
  let config: StackConfig;
  try {
    config = await readStackConfig(stack);
  } catch (error) {
    // What the config does not allow is an answer, and there is nothing to ask the clouds for.
    if (!(error instanceof PropiqError && error.cause instanceof ConfigError)) throw error;
    return reportOf(stack, undefined, [
      { id: "config", status: "fail", words: error.message, advice: error.next },
    ]);
  }
  const { settings } = config;
  const findings = [
    { id: "config", status: "pass", words: `${config.file} is valid` } as const,
    ...judgeStack(settings, await backendOf(config), new Date()),
    ...(await judgeEnvFile(settings.envFile)),
    ...(await judgeClouds(config)),
  ];
  return reportOf(stack, settings.plan, findings);
}

async function judgeEnvFile(envFile: string | undefined): Promise<Finding[]> {
  const found = envFile === undefined ? undefined : await trackedAdvice(envFile);
  if (found === undefined) return [];
  return [
    {
      id: "env-file",
      status: "warn",
      words: `git tracks the env file ${envFile}.`,
      advice: found,
    },
  ];
}

async function judgeClouds(config: StackConfig): Promise<Finding[]> {
  const { settings } = config;
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const [azure, upstash] = await Promise.all([
    usesAzure(config) ? azureFindings(config, signal) : [],
    upstashFindings(config, signal),
  ]);
  // What was left on the way from one plan to another is reported last.
  return settings.apps.length === 0 && azure.length === 0 ? upstash : [...azure, ...upstash];
}

function usesAzure({ settings }: StackConfig): boolean {
  const plans = [settings.plan, ...settings.standby];
  return settings.apps.length > 0 || plans.some((plan) => isIn("azure", plan));
}

async function azureFindings(config: StackConfig, signal: AbortSignal): Promise<Finding[]> {
  const { settings } = config;
  const [{ askAzure }, { judgeApp, judgeAzure }] = await Promise.all([
    import("../../operations/preflight/ask-azure.ts"),
    import("../../operations/preflight/judge-azure.ts"),
  ]);
  try {
    const cache = await subscriptionFor(config);
    const apps = await Promise.all(settings.apps.map((app) => subscriptionFor(config, app)));
    const question = {
      ...{ settings, project: PROJECT, env: process.env, signal },
      subscriptions: { cache, apps },
      open: (subscriptionId: string) => openAzure(config, subscriptionId),
    };
    const facts = await askAzure(question);
    return [
      ...judgeAzure(facts.azure, settings),
      ...facts.apps.flatMap((app) => judgeApp(app, settings, PROJECT)),
      ...judgeRegion(settings, facts.apps.map(placeOf)),
    ];
  } catch (error) {
    if (!(error instanceof PropiqError)) throw error;
    return [{ id: "identity", status: "unknown", words: error.message, advice: error.next }];
  }
}

function placeOf({ label, site }: AppFacts): AppPlace {
  const location = isAnswer(site) ? site.value?.location : undefined;
  return { label, ...(location === undefined ? {} : { location }) };
}

async function upstashFindings({ settings }: StackConfig, signal: AbortSignal): Promise<Finding[]> {
  const { askUpstashFacts } = await import("../../operations/preflight/ask-upstash.ts");
  const facts = await askUpstashFacts(settings, PROJECT, process.env, signal);
  if (facts === undefined) return [];
  const { judgeUpstash } = await import("../../operations/preflight/judge-upstash.ts");
  return judgeUpstash(facts, settings);
}

async function backendOf({ stack, encrypted }: StackConfig): Promise<Backend> {
  const { env } = process;
  const url = env["PULUMI_BACKEND_URL"] || (await projectBackend());
  // Pulumi's own service encrypts by itself, and so does a key vault that the stack names.
  const elsewhere = isLocalStack(stack) || encrypted === "by-provider" || /^https?:/.test(url ?? "https:");
  const isSet =
    env["PULUMI_CONFIG_PASSPHRASE"] !== undefined || Boolean(env["PULUMI_CONFIG_PASSPHRASE_FILE"]);
  return {
    url,
    pipeline: ["CI", "TF_BUILD", "GITHUB_ACTIONS"].some((name) => /^(true|1)$/i.test(env[name] ?? "")),
    secrets: elsewhere ? "elsewhere" : isSet ? "passphrase-set" : "passphrase-missing",
    hasLogin: url !== undefined && (await isLoggedIn(url, env)),
  };
}
