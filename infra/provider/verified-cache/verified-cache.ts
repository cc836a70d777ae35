/** `propiq:index:VerifiedCache`: the proof, with real traffic, that a cache works with the very settings of the app. */

import { createHash } from "node:crypto";
import { advice } from "../../../base/advice.ts";
import { propiq, pulumi, shell } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import type { Provider, Subject } from "../../../check/check.ts";
import type { Expectations } from "../../../check/expectations.ts";
import type { LoudCheck, Report } from "../../../check/report.ts";
import { type ReadSettings, readSettings, SettingsError } from "../../contract/read-settings.ts";
import { largerPlans } from "../../plans/catalogue.ts";
import { wrongSeconds, wrongSettings } from "../protocol/inputs.ts";
import type { Operation, ResourceType } from "../protocol/resource.ts";

export interface VerifiedCacheInputs {
  /** The settings that the app will get; secret as a whole. */
  settings: Readonly<Record<string, string>>;
  plan: string;
  provider: Provider;
  /** Changes with the cache itself, so that another cache at the same address is proven too. */
  cache: string;
  /** Seconds to wait for what is normal after a create: a name not known yet, a server still loading. */
  waitSeconds: number;
  expect: Expectations;
  memoryLimitMb?: number;
  /** Nothing is proven: the cache is disabled, or proven another way. What is recorded says which cache it was. */
  skip?: boolean;
}
export interface VerifiedCacheOutputs {
  verdict: string;
  codes: readonly string[];
  /** When it was proven, ISO 8601. */
  at: string;
  /** When the secret of these settings was first in use, ISO 8601. Absent without a secret, or where nobody knows. */
  rotatedAt?: string;
  /** The secrets that were in use before, as digests, and since when: a standby cache returns with its old secret. */
  earlierSecrets?: Readonly<Record<string, string>>;
}

export const verifiedCache: ResourceType<VerifiedCacheInputs, VerifiedCacheOutputs> = {
  type: "propiq:index:VerifiedCache",
  inputs: {
    settings: "object",
    plan: "string",
    provider: "string",
    cache: "string",
    waitSeconds: "number",
    expect: "object",
    memoryLimitMb: "number?",
    skip: "boolean?",
  },
  outputs: {
    verdict: "string",
    codes: "list",
    at: "string",
    rotatedAt: "string?",
    earlierSecrets: "object?",
  },
  secrets: ["settings", "earlierSecrets"],
  replaceOn: [],

  refuse: ({ settings, waitSeconds }) => [
    ...wrongSettings(settings),
    ...wrongSeconds("waitSeconds", waitSeconds),
  ],

  async create(inputs, operation) {
    const outputs = await prove(inputs, operation);
    return { id: "proof", outputs: { ...outputs, ...secretSince(inputs, outputs.at) } };
  },
  // A proof is of its moment: nothing of it can drift.
  read: async (_id, state) => state,
  async update(_id, state, inputs, operation) {
    const outputs = await prove(inputs, operation);
    return { ...outputs, ...secretSince(inputs, outputs.at, state) };
  },
  delete: async () => {},
};

/** Enough for every plan, and for the rotations between two changes of plan. */
const MOST_EARLIER = 20;

/** A secret keeps the time at which it was first in use, also where other caches were used meanwhile. */
function secretSince(
  { settings }: VerifiedCacheInputs,
  now: string,
  before?: VerifiedCacheInputs & VerifiedCacheOutputs,
): Pick<VerifiedCacheOutputs, "rotatedAt" | "earlierSecrets"> {
  const current = digestIn(settings);
  const previous = before === undefined ? undefined : digestIn(before.settings);
  const known = {
    ...before?.earlierSecrets,
    ...(previous === undefined || before?.rotatedAt === undefined ? {} : { [previous]: before.rotatedAt }),
  };
  const since = current === previous ? before?.rotatedAt : (known[current ?? ""] ?? now);
  const earlier = Object.entries(known)
    .filter(([digest]) => digest !== current)
    .slice(-MOST_EARLIER);
  return {
    ...(current === undefined || since === undefined ? {} : { rotatedAt: since }),
    ...(earlier.length === 0 ? {} : { earlierSecrets: Object.fromEntries(earlier) }),
  };
}

function digestIn(settings: VerifiedCacheInputs["settings"]): string | undefined {
  const password = passwordIn(settings);
  return password === undefined ? undefined : createHash("sha256").update(password).digest("base64");
}

/** Nothing in settings that name no cache: those of a state may be edited. */
function passwordIn(settings: VerifiedCacheInputs["settings"]): string | undefined {
  try {
    return readSettings(settings).target?.password;
  } catch (error) {
    if (error instanceof SettingsError) return undefined;
    throw error;
  }
}

async function prove(
  inputs: VerifiedCacheInputs,
  { progress, warn, signal, stack }: Operation,
): Promise<VerifiedCacheOutputs> {
  if (inputs.skip === true) return { verdict: "disabled", codes: [], at: new Date().toISOString() };
  // The client is loaded when it is needed: a preview needs none.
  const { checkWithPatience } = await import("../../../check/patience.ts");
  const report = await checkWithPatience(subjectOf(inputs, stack), {
    waitSeconds: inputs.waitSeconds,
    signal,
    onProgress: (title) => progress("proving the cache", title),
    onWait: (waiting) =>
      progress("waiting for the cache", `${firstFailure(waiting)?.code ?? "it does not answer yet"}`),
  });
  signal.throwIfAborted();
  if (report.verdict === "failed") throw notProven(report);
  const loud = report.checks.filter((check): check is LoudCheck => check.status === "warn");
  for (const { code, observed, hint } of loud) warn(`${code}: ${observed ?? ""} ${hint}`);
  return {
    verdict: report.verdict,
    codes: loud.map(({ code }) => code),
    at: new Date().toISOString(),
  };
}

function subjectOf(
  { settings, plan, provider, expect, memoryLimitMb }: VerifiedCacheInputs,
  stack: string,
): Subject {
  return {
    ...cacheIn(settings, stack),
    stack,
    plan,
    provider,
    largerPlans: largerPlans(plan),
    expect,
    evictionExpected: true,
    ...(memoryLimitMb === undefined ? {} : { memoryLimitMb }),
  };
}

function cacheIn(settings: VerifiedCacheInputs["settings"], stack: string): ReadSettings {
  try {
    return readSettings(settings);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new PropiqError(`The settings name no cache: ${error.message}.`, {
      code: "SETTINGS_INVALID",
      next: advice("Correct the config of the stack.", pulumi(stack, "preview")),
      cause: error,
    });
  }
}

function firstFailure({ checks }: Report): LoudCheck | undefined {
  return checks.find((check): check is LoudCheck => check.status === "fail");
}

function notProven(report: Report): PropiqError {
  const failed = firstFailure(report);
  const what = failed === undefined ? "it failed" : `${failed.code}: ${failed.observed ?? failed.title}`;
  return new PropiqError(
    `The cache at ${report.endpoint} does not work: ${what}\nThe app's settings were not changed.`,
    {
      code: "PROOF_FAILED",
      next:
        failed?.advice === undefined
          ? advice("", propiq("verify"))
          : advice(failed.advice.say, ...failed.advice.run.map(shell)),
    },
  );
}
