/** What is in clouds and on machines against the state, by what Pulumi's refresh has found. Pure. */

import { type Advice, advice } from "../../base/advice.ts";
import { commandLine, propiq, pulumi } from "../../base/command.ts";
import { ACTION_GROUP, METRIC_ALERT, WORKBOOK } from "../../infra/alerts/tokens.ts";
import { urnParts } from "../../infra/plans/urn.ts";
import { explainRefusal } from "../../infra/upstash/refusals.ts";
import { repairStack } from "../stacks/conflict.ts";
import type { Place, Unasked } from "./finding.ts";
import { keysInWords } from "./finding.ts";
import { APP_SETTINGS, ENV_FILE, nameOf } from "./names.ts";
import { backOrKeep } from "./next-steps.ts";
import { withoutOwnChanges } from "./own-changes.ts";
import type { Refreshed, RefreshedResource } from "./refresh.ts";
import type { StackState, StateResource } from "./state.ts";

/** Compared by a look of their own. A proof is of its moment: nothing of it can drift. */
const PASSED_OVER: readonly string[] = [APP_SETTINGS, ENV_FILE, "propiq:index:VerifiedCache"];

/** Docker's provider reports a stopped one as another `mustRun` (and of ports that it has no more). */
const CONTAINER = "docker:index/container:Container";

const DATABASE = "upstash:index/redisDatabase:RedisDatabase";
const DATABASE_PLAN = "propiq:index:UpstashPlan";

/** What only watches: nothing is lost with it, and nothing is wired to it. */
const MONITORING: ReadonlySet<string> = new Set([METRIC_ALERT, ACTION_GROUP, WORKBOOK]);

const AS_IT_WAS: readonly string[] = ["same", "read", "refresh"];

export function judgeResources(
  stack: string,
  state: StackState,
  refreshed: Refreshed,
): { places: Place[]; notAsked: Unasked[] } {
  const resources = state.resources.filter(
    ({ type, condemned }) => !condemned && !PASSED_OVER.includes(type),
  );
  const known = new Set(state.resources.map(({ urn }) => urn));
  const outcomes = new Map(refreshed.resources.map((resource) => [resource.urn, resource]));
  const errors = new Map(refreshed.errors.map(({ urn = "", message }) => [urn, message]));
  // Of the engine, or of a provider that could not begin: then nothing behind it was asked.
  const general = refreshed.errors.find(({ urn }) => urn === undefined || !known.has(urn))?.message;
  const places: Place[] = [];
  const notAsked: Unasked[] = [];
  for (const resource of resources) {
    const outcome = outcomes.get(resource.urn);
    const error = errors.get(resource.urn) ?? general;
    if (outcome !== undefined) places.push(placeOf(stack, resource, outcome));
    else if (isLostDatabase(resource, error)) places.push(lostDatabase(stack, resource));
    else notAsked.push(unasked(stack, resource, error));
  }
  if (general !== undefined && notAsked.length === 0)
    notAsked.push({ name: "Pulumi", why: saidIn(general), advice: wholeMessage(stack) });
  return { places: [...unfinished(stack, state), ...withoutPlanOfLost(places)], notAsked };
}

function wholeMessage(stack: string): Advice {
  return advice("See the whole message.", pulumi(stack, "refresh", "--preview-only"));
}

function unasked(stack: string, resource: StateResource, error: string | undefined): Unasked {
  const name = nameOf(resource);
  const refusal =
    error !== undefined && (resource.type === DATABASE || resource.type === DATABASE_PLAN)
      ? explainRefusal(error, { stack, name })
      : undefined;
  if (refusal === undefined) {
    const why = error === undefined ? "not compared, because others failed before" : saidIn(error);
    return { name, why, advice: wholeMessage(stack) };
  }
  // A comparison has no update to repeat.
  const up = commandLine(pulumi(stack, "up"));
  const { say, run = [] } = refusal.next;
  const again = propiq("drift", "--stack", stack);
  const next = advice(say, ...run.map((each) => (commandLine(each) === up ? again : each)));
  return { name, why: refusal.happened, advice: next };
}

/** Upstash's provider takes a database that was deleted for an error of its own, and every refresh fails by it. */
function isLostDatabase({ type, urn }: StateResource, error: string | undefined): boolean {
  return type === DATABASE && explainRefusal(error ?? "", { stack: "", name: urn })?.code === "GONE";
}

function lostDatabase(stack: string, resource: StateResource): Place {
  const { urn } = resource;
  const words = "it does not exist any more: it was deleted in the console";
  return {
    ...{ kind: "resource", name: nameOf(resource), urn, notes: [] },
    findings: [
      {
        ...{ code: "GONE", words, keys: [] },
        advice: advice("Create a new, empty one and wire it in.", repairStack(stack)),
      },
    ],
  };
}

/** A plan is a part of its database: one loss is reported once. */
function withoutPlanOfLost(places: readonly Place[]): Place[] {
  const isGone = (type: string, { urn, findings }: Place) =>
    urn.includes(`${type}::`) && findings.some(({ code }) => code === "GONE");
  const isLost = places.some((place) => isGone(DATABASE, place));
  return places.filter((place) => !(isLost && isGone(DATABASE_PLAN, place)));
}

function placeOf(stack: string, resource: StateResource, { op, keys: all }: RefreshedResource): Place {
  const keys = withoutOwnChanges(resource, all);
  const place = { kind: "resource" as const, name: nameOf(resource), urn: resource.urn };
  const isUntouched = op === "update" && keys.length === 0 && all.length > 0;
  if (AS_IT_WAS.includes(op) || isUntouched) return { ...place, findings: [], notes: [] };
  if (op === "delete")
    return {
      ...place,
      notes: [],
      findings: [
        {
          code: "GONE",
          words:
            "it does not exist any more: it was deleted by hand, by another tool, or with its resource group",
          keys: [],
          advice: advice(
            resource.external
              ? `It was adopted, so this stack makes no other one. Remove the adoption from Pulumi.${stack}.yaml, or choose another cache. Then repair.`
              : `Create it again${MONITORING.has(resource.type) ? "" : " (a cache starts empty), and wire it in"}.`,
            repairStack(stack),
          ),
        },
      ],
    };
  const what = keys.length === 0 ? "" : `: ${keysInWords(keys)}`;
  if (resource.type === CONTAINER && keys.some(({ name }) => name === "mustRun"))
    return {
      ...place,
      notes: [],
      findings: [
        { code: "CHANGED", words: "it does not run", keys, advice: advice("Start it.", repairStack(stack)) },
      ],
    };
  // The owner of an adopted cache may change it.
  if (resource.external)
    return { ...place, findings: [], notes: [`adopted, and its owner has changed it${what}`] };
  return {
    ...place,
    notes: [],
    findings: [
      {
        code: "CHANGED",
        words: `another tool changed it${what}`,
        keys,
        advice: backOrKeep(stack, `write the same into Pulumi.${stack}.yaml, where it has a key for it`),
      },
    ],
  };
}

function unfinished(stack: string, { pending, resources }: StackState): Place[] {
  const cut = [
    ...pending.map(({ urn, doing }) => ({
      urn,
      words: `an update was killed while ${doing || "working on"} it`,
    })),
    ...resources
      .filter(({ condemned }) => condemned)
      .map(({ urn }) => ({ urn, words: "it was replaced, and is not deleted yet" })),
  ];
  return cut.map(({ urn, words }) => ({
    kind: "state" as const,
    name: `the state of ${urnParts(urn).name}`,
    urn,
    notes: [],
    findings: [
      { code: "UNFINISHED", words, keys: [], advice: advice("Complete the update.", repairStack(stack)) },
    ],
  }));
}

/** The first line that says something: Go's lists of errors begin with how many there are. */
function saidIn(message: string): string {
  const lines = message.split("\n").map((line) => line.replace(/^\s*(\*|error:)?\s*/, ""));
  const line = lines.find((each) => each !== "" && !/^(refreshing urn:|\d+ errors? occurred:)/.test(each));
  return (line ?? "it said nothing").slice(0, 300);
}
