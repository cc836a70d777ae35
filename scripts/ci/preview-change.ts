/** From what `pulumi preview --json` prints to what people want to know of it. Pure. */
import { isObject, parseJson } from "../../base/json.ts";
import { SETTING_NAMES } from "../../infra/contract/table.ts";
import { urnParts } from "../../infra/plans/urn.ts";
import { type Change, OPERATIONS, type Operation } from "./change.ts";

/** The parts of Pulumi's answer that are read (pulumi: pkg/display/json.go, PreviewDigest). */
interface Digest {
  steps?: Step[];
  diagnostics?: { message?: string; severity?: string }[];
}
interface Step {
  op: string;
  urn: string;
  oldState?: { outputs?: Record<string, unknown>; inputs?: Record<string, unknown> };
  newState?: { inputs?: Record<string, unknown> };
  detailedDiff?: Record<string, unknown> | null;
}

/** Pulumi's words for steps, in ours. What is not here changes nothing (same, refresh) or is reported by another step. */
const MEANINGS: Readonly<Record<string, Operation>> = {
  ...Object.fromEntries(OPERATIONS.map((operation) => [operation, operation])),
  // A replacement comes as three steps; this is the one that each has exactly once.
  "create-replacement": "create",
  "delete-replaced": "delete",
  "import-replacement": "import",
};

/** Resources that write settings, and what names their target. */
const SINKS: Readonly<Record<string, { target: string; restarts: boolean }>> = {
  "propiq:index:AppSettings": { target: "app", restarts: true },
  "propiq:index:EnvFile": { target: "path", restarts: false },
};

/** Ids of tenants, subscriptions and identities: no secrets, and nobody's business in a public comment. */
const GUID = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi;

export interface Previewed {
  stack: string;
  /** What Pulumi printed; JSON where it got that far. */
  output: string;
  /** What it printed as well. */
  messages: string;
  /** Of the policy pack, which stop an update. */
  violations?: readonly string[];
  exitCode: number;
  /** By the stack's config as it would be deployed. */
  monthlyUsdAfter?: number | null;
}

export function changeOf(preview: Previewed): Change {
  const { stack, output, exitCode, monthlyUsdAfter } = preview;
  const digest = digestIn(output);
  const steps = (digest?.steps ?? []).map((step) => ({ ...step, ...urnParts(step.urn) }));
  const changed = steps.flatMap((step) => {
    const operation = MEANINGS[step.op];
    return operation === undefined || isScaffold(step.type) ? [] : [{ ...step, operation }];
  });
  const sinks = changed.flatMap((step) => {
    const sink = SINKS[step.type];
    return sink === undefined ? [] : [{ ...sink, step }];
  });
  const previewed = exitCode === 0 && digest !== undefined;
  return {
    schema: 1,
    stack,
    previewed,
    resources: changed.map(({ operation, type, name }) => ({ operation, type, name })),
    unchanged: steps.filter(({ op, type }) => op === "same" && !isScaffold(type)).length,
    settings: sinks.flatMap(({ target, step }) => {
      const keys = keysOf(step);
      return keys.length === 0 ? [] : [{ target: targetOf(step, target), operation: step.operation, keys }];
    }),
    restarts: sinks.flatMap(({ restarts, target, step }) =>
      restarts && keysOf(step).length > 0 ? [targetOf(step, target)] : [],
    ),
    monthlyUsd: {
      ...costBefore(steps),
      ...(monthlyUsdAfter === undefined ? {} : { after: monthlyUsdAfter }),
    },
    notes: messagesOf(digest, ["info", "warning"]).filter((line) => !/ restarts when /.test(line)),
    errors: previewed ? [] : errorsOf(digest, preview),
  };
}

function digestIn(output: string): Digest | undefined {
  const digest = parseJson(output);
  return isObject(digest) ? digest : undefined;
}

/** What stands for the stack itself and for groups of resources costs nothing and does nothing. */
function isScaffold(type: string): boolean {
  return /^(pulumi:|propiq:(cache|alerts):)/.test(type);
}

/** Keys whose values change. Where Pulumi cannot report them yet (another cache, a new app), all of them do. */
function keysOf({ detailedDiff, op }: Step): string[] {
  const paths = Object.keys(detailedDiff ?? {});
  if (op !== "update") return [...SETTING_NAMES];
  if (paths.includes("settings")) return [...SETTING_NAMES];
  return paths.flatMap((path) => /^settings(?:\.|\[")([^"\]]+)/.exec(path)?.[1] ?? []).toSorted();
}

function targetOf({ newState, oldState, urn }: Step, key: string): string {
  const inputs = newState?.inputs ?? oldState?.inputs ?? {};
  const slot = typeof inputs["slot"] === "string" ? `, slot ${inputs["slot"]}` : "";
  const target = inputs[key];
  return `${typeof target === "string" ? target : urnParts(urn).name}${slot}`;
}

function costBefore(steps: readonly (Step & { type: string })[]): Change["monthlyUsd"] {
  const outputs = steps.find(({ type }) => type === "pulumi:pulumi:Stack")?.oldState?.outputs;
  const value = outputs?.["monthlyUsd"];
  if (typeof value === "number" || value === null) return { before: value };
  return {};
}

function messagesOf(digest: Digest | undefined, severities: readonly string[]): string[] {
  return (digest?.diagnostics ?? [])
    .filter(({ severity = "" }) => severities.some((wanted) => severity.startsWith(wanted)))
    .map(({ message = "" }) => unnamed(message))
    .filter((message) => message !== "");
}

function errorsOf(digest: Digest | undefined, { messages, violations = [] }: Previewed): string[] {
  const reported = [...violations.map(unnamed), ...messagesOf(digest, ["error"])];
  if (reported.length > 0) return reported;
  const lines = messages.split("\n").map(unnamed);
  return lines.filter((line) => line !== "").slice(-20);
}

function unnamed(message: string): string {
  return message
    .replace(/^error: /, "")
    .replace(GUID, "…")
    .trim();
}
