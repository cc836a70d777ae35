/**
 * An App Service's settings against the state. Three witnesses: the state, what the app holds, and the record of
 * digests that propiq-cache leaves in the app itself, by which its own writing is distinguished from every other
 * writer's. Pure.
 */

import { advice, followedBy } from "../../base/advice.ts";
import { listApps } from "../../base/azure-cli.ts";
import { propiq } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";
import type { SettingMap } from "../../infra/azure/app-service.ts";
import {
  decodeEarlier,
  digestOf,
  EARLIER_KEY,
  type Earlier,
  ownerOf,
} from "../../infra/provider/app-settings/earlier.ts";
import { type AppSettingsState, heldBy } from "../../infra/provider/app-settings/inputs.ts";
import { ownedKeys } from "../../infra/provider/app-settings/merge.ts";
import { repairStack } from "../stacks/conflict.ts";
import type { Finding, KeyChange } from "./finding.ts";
import { keysInWords } from "./finding.ts";
import { differing, isSwitch, switchWords } from "./keys.ts";
import { backOrKeep, handsOff, swapAdvice } from "./next-steps.ts";

export interface AppSeen {
  /** Absent: there is no such app, or slot. */
  settings?: SettingMap;
  /** Names that should stay with their slot and do not. */
  loose: readonly string[];
  /** The slot of the same app (`production`, or its name) that now holds what was written here, where one does. */
  movedTo?: string;
}

export interface Judged {
  findings: Finding[];
  notes: string[];
}

/** @param id of the app or slot in Resource Manager */
export function judgeApp(stack: string, id: string, state: AppSettingsState, seen: AppSeen): Judged {
  const { settings: current } = seen;
  if (current === undefined) return { findings: [deletedApp(stack)], notes: [] };
  const { record, broken } = recordIn(current, stack);
  const judged = judgeSettings({ stack, id, state, current, record, movedTo: seen.movedTo });
  return {
    findings: [...broken, ...judged.findings, ...loose(stack, seen.loose)],
    notes: broken.length > 0 ? [] : judged.notes,
  };
}

interface Case {
  stack: string;
  id: string;
  state: AppSettingsState;
  current: SettingMap;
  record: Earlier | undefined;
  movedTo: string | undefined;
}

function judgeSettings(given: Case): Judged {
  const { stack, id, state, current, record, movedTo } = given;
  const owned = ownedKeys(state.settings);
  const keys = differing(owned, heldBy(state), current);
  const owner = record && ownerOf(record.by);
  const own = ownerOf(state.by);
  if (owner && (owner.stack !== own.stack || owner.project !== own.project))
    return { findings: [otherOwner(stack, owner, keys)], notes: [] };
  const from = record && record.at.toLowerCase() !== id.toLowerCase() ? slotIn(record.at) : undefined;
  if (from !== undefined || (record === undefined && movedTo !== undefined))
    return swapped(given, keys, from ?? movedTo ?? "production");
  if (record === undefined) return replaced(stack, state, keys, current);
  return byKey(given, record, owned, keys);
}

function byKey(
  { stack, current, state }: Case,
  record: Earlier,
  owned: readonly string[],
  keys: KeyChange[],
): Judged {
  const wrote = (name: string) => {
    const value = current[name];
    return record.wrote[name] === (value === undefined ? undefined : digestOf(value));
  };
  const unrecorded = keys.filter(({ name }) => wrote(name));
  const foreign = keys.filter(({ name }) => !wrote(name));
  const known = heldBy(state);
  // A refresh has written the edit into the state, so both agree. The record still knows what was written.
  const takenIn = owned
    .filter((name) => current[name] === known[name] && !wrote(name))
    .map((name): KeyChange => ({ name, change: current[name] === undefined ? "removed" : "changed" }));
  const isSwitched = foreign.length === 0 && isSwitch(unrecorded);
  return {
    findings: [
      ...(foreign.length === 0 ? [] : [edited(stack, foreign, "")]),
      ...(takenIn.length === 0 ? [] : [edited(stack, takenIn, "; a refresh has taken it into the state")]),
      ...(unrecorded.length === 0 || isSwitched ? [] : [cutOff(stack, unrecorded)]),
    ],
    notes: isSwitched ? [switchWords(current["REDIS_ENABLED"])] : [],
  };
}

/** An edit by hand does not remove the record. A tool that replaces all settings does. */
function replaced(stack: string, state: AppSettingsState, keys: KeyChange[], current: SettingMap): Judged {
  if (keys.length === 0)
    return {
      findings: [],
      notes: [
        `its setting ${EARLIER_KEY} was removed: the state still knows the app's earlier values, but off and on cannot change this app until its settings change`,
      ],
    };
  const ours = Object.keys(heldBy(state));
  const none = ours.every((key) => current[key] === undefined);
  const what = none ? "all cache settings were removed at once" : keysInWords(keys);
  const finding: Finding = {
    code: "SETTINGS_REMOVED",
    words: `${what}: a tool that replaces all settings wrote them, and its next run will do so again`,
    keys,
    advice: advice(
      "Write them again, and make that tool ignore them before its next run.",
      repairStack(stack),
    ),
    snippet: handsOff(ours, state),
  };
  return { findings: [finding], notes: [] };
}

function swapped({ stack, state }: Case, keys: KeyChange[], other: string): Judged {
  const words = `slots were swapped: the settings of ${state.slot ?? "production"} are now in ${other}`;
  if (keys.length === 0) return { findings: [], notes: [`${words}; both hold the same cache settings`] };
  const finding: Finding = {
    code: "SLOT_SWAPPED",
    words: `${words} (${keysInWords(keys)})`,
    keys,
    advice: swapAdvice(stack, state, other),
  };
  return { findings: [finding], notes: [] };
}

function recordIn(current: SettingMap, stack: string): { record?: Earlier; broken: Finding[] } {
  try {
    const record = decodeEarlier(current[EARLIER_KEY]);
    return record === undefined ? { broken: [] } : { record, broken: [] };
  } catch (error) {
    if (!(error instanceof PropiqError)) throw error;
    const keys = [{ name: EARLIER_KEY, change: "changed" }] as const;
    const next = followedBy(error.next, propiq("drift", "--stack", stack));
    return { broken: [{ code: "RECORD_UNREADABLE", words: error.message, keys, advice: next }] };
  }
}

function deletedApp(stack: string): Finding {
  return {
    code: "GONE",
    words: "it does not exist any more",
    keys: [],
    advice: advice(
      `List the App Services. Correct app in Pulumi.${stack}.yaml, or create the app again. Then repair.`,
      listApps(),
      repairStack(stack),
    ),
  };
}

function otherOwner(
  stack: string,
  owner: { stack: string; project: string },
  keys: readonly KeyChange[],
): Finding {
  return {
    code: "OTHER_OWNER",
    words: `its cache settings belong to stack ${owner.stack} of project ${owner.project} now`,
    keys,
    advice: advice(
      `Only one stack can wire an app. Remove it from the other one (app in its Pulumi.${owner.stack}.yaml, then its up). Then repair.`,
      repairStack(stack),
    ),
  };
}

function edited(stack: string, keys: readonly KeyChange[], more: string): Finding {
  return {
    code: "SETTINGS_CHANGED",
    words: `another tool edited our settings: ${keysInWords(keys)}${more}`,
    keys,
    advice: backOrKeep(
      stack,
      `write the same into Pulumi.${stack}.yaml (ttl, enabled, …), or set manage: false for this app`,
    ),
  };
}

function cutOff(stack: string, keys: readonly KeyChange[]): Finding {
  return {
    code: "UNRECORDED",
    words: `an update of propiq-cache wrote settings and was killed before it wrote the state: ${keysInWords(keys)}`,
    keys,
    advice: advice("Complete the update.", repairStack(stack)),
  };
}

function loose(stack: string, names: readonly string[]): Finding[] {
  if (names.length === 0) return [];
  return [
    {
      code: "NOT_STICKY",
      words: `settings that belong to their slot would move with a swap: ${names.join(", ")}`,
      keys: names.map((name) => ({ name, change: "removed" })),
      advice: advice("Make them sticky again.", repairStack(stack)),
    },
  ];
}

/** `…/sites/NAME/slots/SLOT` */
function slotIn(id: string): string {
  return /\/slots\/([^/]+)$/i.exec(id)?.[1] ?? "production";
}
