/** What is in clouds and on machines against the state, by what Pulumi's refresh has found. Pure. */
import type { Place, Unasked } from "./finding.ts";
import { keysInWords } from "./finding.ts";
import { APP_SETTINGS, ENV_FILE, nameOf } from "./names.ts";
import type { Refreshed, RefreshedResource } from "./refresh.ts";
import type { StackState, StateResource } from "./state.ts";
import { backOrKeep, upRefresh } from "./ways-on.ts";

/** Compared by a look of their own. A proof is of its moment: nothing of it can drift. */
const PASSED_OVER: readonly string[] = [APP_SETTINGS, ENV_FILE, "propiq:index:VerifiedCache"];

const AS_IT_WAS: readonly string[] = ["same", "read", "refresh"];

export function judgeResources(
  stack: string,
  state: StackState,
  refreshed: Refreshed,
): { places: Place[]; notAsked: Unasked[] } {
  const resources = state.resources.filter(
    ({ type, condemned }) => !condemned && !PASSED_OVER.includes(type),
  );
  const outcomes = new Map(refreshed.resources.map((resource) => [resource.urn, resource]));
  const errors = new Map(refreshed.errors.map(({ urn = "", message }) => [urn, message]));
  const places: Place[] = [];
  const notAsked: Unasked[] = [];
  const hint = `See the whole message: npx propiq-cache pulumi refresh --preview-only --stack ${stack}`;
  for (const resource of resources) {
    const outcome = outcomes.get(resource.urn);
    if (outcome !== undefined) places.push(placeOf(stack, resource, outcome));
    else
      notAsked.push({
        name: nameOf(resource),
        why:
          firstLine(errors.get(resource.urn) ?? errors.get("")) ??
          "not looked at, because others failed before",
        hint,
      });
  }
  const engine = firstLine(errors.get(""));
  if (engine !== undefined && notAsked.length === 0) notAsked.push({ name: "Pulumi", why: engine, hint });
  return { places: [...unfinished(stack, state), ...places], notAsked };
}

function placeOf(stack: string, resource: StateResource, { op, keys }: RefreshedResource): Place {
  const place = { kind: "resource" as const, name: nameOf(resource), urn: resource.urn };
  if (AS_IT_WAS.includes(op)) return { ...place, findings: [], notes: [] };
  if (op === "delete")
    return {
      ...place,
      notes: [],
      findings: [
        {
          code: "GONE",
          words: "it is not there any more: deleted by hand, by another tool, or with what it was in",
          keys: [],
          hint: resource.external
            ? `It was adopted, so this stack makes no other one. Take the adoption out of Pulumi.${stack}.yaml, or choose another cache, then: ${upRefresh(stack)}`
            : `Make it anew (a cache begins empty), and wire it in: ${upRefresh(stack)}`,
        },
      ],
    };
  const what = keys.length === 0 ? "" : `: ${keysInWords(keys)}`;
  // An adopted cache is its owner's to change.
  if (resource.external)
    return { ...place, findings: [], notes: [`adopted, and its owner has changed it${what}`] };
  return {
    ...place,
    notes: [],
    findings: [
      {
        code: "CHANGED",
        words: `somebody else has changed it${what}`,
        keys,
        hint: backOrKeep(stack, `have Pulumi.${stack}.yaml say the same, where it has a key for it`),
      },
    ],
  };
}

function unfinished(stack: string, { pending, resources }: StackState): Place[] {
  const cut = [
    ...pending.map(({ urn, doing }) => ({
      urn,
      words: `an update was cut off while ${doing || "working on"} it`,
    })),
    ...resources
      .filter(({ condemned }) => condemned)
      .map(({ urn }) => ({ urn, words: "it was replaced, and its end has not come yet" })),
  ];
  return cut.map(({ urn, words }) => ({
    kind: "state" as const,
    name: `the state of ${urn.split("::").at(-1) ?? urn}`,
    urn,
    notes: [],
    findings: [{ code: "UNFINISHED", words, keys: [], hint: `Let it come to its end: ${upRefresh(stack)}` }],
  }));
}

function firstLine(message: string | undefined): string | undefined {
  const line = message?.split("\n").find((candidate) => candidate.trim() !== "");
  return line?.replace(/^error: /, "").slice(0, 300);
}
