/** What `verify` checks: the caches that the options name, and the apps that use them. */

import { type Advice, advice, writeAdvice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import type { Subject } from "../../check/check.ts";
import type { NotAsked } from "../../check/report.ts";
import { refuseSeveralSources, subjectFrom, subjectFromStack } from "../../operations/subjects/sources.ts";
import { typedCommand } from "../typed.ts";
import type { VerifyOptions } from "./verify-options.ts";

export interface Asked {
  subjects: Subject[];
  notAsked: NotAsked[];
  /** Milliseconds that Azure took to describe the apps. They count as time of the check. */
  azureMs: number;
}

/** @throws PropiqError if no source can be read */
export async function sourcesOf(options: VerifyOptions): Promise<Asked> {
  const { stack = [], url, envFile, appName } = options;
  refuseSeveralSources(
    [
      ...(stack.length > 0 ? ["--stack"] : []),
      ...(url === undefined ? [] : ["--url"]),
      ...(envFile === undefined ? [] : ["--env-file"]),
      ...(appName === undefined ? [] : ["--app-name"]),
    ],
    "verify",
  );
  refuseHalfWords(options);
  if (stack.length > 0) return await fromStacks([...new Set(stack)], options);
  if (appName !== undefined) {
    const { result, tookMs } = await timed(() => fromApp(appName, options));
    return { subjects: [withHealth(result, options)], notAsked: [], azureMs: tookMs };
  }
  const subject = withHealth(await subjectFrom({ url, envFile }), options);
  return { subjects: [subject], notAsked: [], azureMs: 0 };
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; tookMs: number }> {
  const startedAt = performance.now();
  const result = await work();
  return { result, tookMs: performance.now() - startedAt };
}

/** Options that need another option. */
function refuseHalfWords({ stack = [], app, appName, resourceGroup, slot, healthUrl }: VerifyOptions): void {
  const refuse = (message: string, next: Advice) => {
    throw new PropiqError(message, { code: "USAGE", next });
  };
  if (app && stack.length === 0)
    refuse(
      "--app needs a stack: its config names the apps.",
      advice("For example:", propiq("verify", "--stack", "prod", "--app")),
    );
  if (appName !== undefined && resourceGroup === undefined)
    refuse(
      "--app-name needs the resource group of the App Service.",
      advice("For example:", propiq("verify", "--app-name", appName, "--resource-group", "propiq-rg")),
    );
  if (appName === undefined && (resourceGroup ?? slot) !== undefined)
    refuse(
      "--resource-group and --slot need --app-name: they say where that App Service is.",
      advice(
        "For example:",
        propiq("verify", "--app-name", "luntra-outreach-app", "--resource-group", "propiq-rg"),
      ),
    );
  if (healthUrl === undefined) return;
  if (stack.length > 1)
    refuse(
      "--health-url is the address of one app, and several stacks are named.",
      advice("Check them one by one."),
    );
  const address = URL.parse(healthUrl);
  if (!/^https?:$/.test(address?.protocol ?? ""))
    refuse(
      "--health-url must be an address that begins with https:// or http://.",
      advice("See the options.", propiq("verify", "--help")),
    );
  if (`${address?.username}${address?.password}` !== "")
    refuse(
      "--health-url must hold no user and password: process lists and shell histories would keep them.",
      advice("Name an address that answers without them. The check sends none."),
    );
}

async function fromApp(appName: string, options: VerifyOptions): Promise<Subject> {
  const { resourceGroup = "", slot, healthUrl, deadline } = options;
  const { subjectFromApp } = await import("../../operations/subjects/apps.ts");
  return await subjectFromApp(
    { appName, resourceGroup, slot, healthUrl },
    { signal: AbortSignal.timeout(deadline * 1000), typed: typedCommand() },
  );
}

/** A stack whose state cannot be read does not hide the others. @throws if there are no others */
async function fromStacks(stacks: readonly string[], options: VerifyOptions): Promise<Asked> {
  const asked: Asked = { subjects: [], notAsked: [], azureMs: 0 };
  const outcomes = await Promise.allSettled(stacks.map((stack) => fromStack(stack, options)));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === "fulfilled") {
      asked.subjects.push(outcome.value.subject);
      asked.azureMs = Math.max(asked.azureMs, outcome.value.azureMs);
      continue;
    }
    const { reason }: { reason: unknown } = outcome;
    if (!(reason instanceof PropiqError)) throw reason;
    asked.notAsked.push({
      stack: stacks[index] ?? "",
      reason: reason.message,
      hint: reason.hint,
      advice: writeAdvice(reason.next),
    });
  }
  const [first] = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  if (!(first instanceof PropiqError) || asked.subjects.length > 0) return asked;
  throw new PropiqError(asked.notAsked.map(({ reason }) => reason).join("\n"), {
    code: first.code,
    next: first.next,
  });
}

async function fromStack(
  stack: string,
  options: VerifyOptions,
): Promise<{ subject: Subject; azureMs: number }> {
  const { subject, settings } = await subjectFromStack(stack);
  if (!options.app) return { subject: withHealth(subject, options), azureMs: 0 };
  const { appsOfStack } = await import("../../operations/subjects/apps.ts");
  const { healthUrl, deadline } = options;
  const signal = AbortSignal.timeout(deadline * 1000);
  const { result, tookMs } = await timed(() =>
    appsOfStack(stack, settings, { healthUrl, signal, typed: typedCommand() }),
  );
  const { apps, configuredPlan, enabled } = result;
  return {
    subject: { ...subject, enabled, apps, configuredPlan },
    azureMs: tookMs,
  };
}

/** An app of which nothing is known but where its health document is. */
function withHealth(subject: Subject, { healthUrl }: VerifyOptions): Subject {
  if (healthUrl === undefined || subject.apps !== undefined) return subject;
  const { fingerprint } = subject;
  return {
    ...subject,
    apps: [{ name: "", healthUrl, ...(fingerprint === undefined ? {} : { fingerprint }) }],
  };
}
