/**
 * What an app held before us, kept in the app itself as one more setting: a machine that is lost, or an update that
 * is killed, takes nothing of it along. Written in the same PUT that takes over, removed by the one that gives back.
 */

import { createHash } from "node:crypto";
import { advice } from "../../../base/advice.ts";
import { PropiqError } from "../../../base/errors.ts";
import { isObject } from "../../../base/json.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { urnParts } from "../../plans/urn.ts";

export const EARLIER_KEY = "PROPIQ_CACHE_EARLIER";

export interface Earlier {
  /** The URN of the resource that holds the settings. */
  by: string;
  /** The id of the app or slot that was taken over; another one: slots were swapped, and this came along. */
  at: string;
  /** The settings that were taken over; those without a value in `values` were not there. */
  keys: readonly string[];
  values: SettingMap;
  /** Digests of what was written last, so that it is known as ours also where the state never heard of it. */
  wrote: SettingMap;
  /** Names that were made sticky for us, and were not before. */
  sticky: readonly string[];
}

/** As the setting's value. Holds the earlier values, so it is as secret as they are. */
export function encodeEarlier(earlier: Earlier): string {
  const { by, at, keys, values, wrote, sticky } = earlier;
  const sorted = (map: SettingMap) => Object.fromEntries(Object.entries(map).toSorted(byName));
  return JSON.stringify({
    version: 1,
    by,
    at,
    keys: keys.toSorted(),
    values: sorted(values),
    wrote: sorted(wrote),
    sticky: sticky.toSorted(),
  });
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/**
 * @param text the setting's value; absent where nothing was taken over
 * @throws PropiqError where a user has edited it beyond reading
 */
export function decodeEarlier(text: string | undefined): Earlier | undefined {
  if (text === undefined) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    if (isEarlier(found) && "version" in found && found.version === 1) {
      const { by, at, keys, values, wrote, sticky } = found;
      return { by, at, keys, values, wrote, sticky };
    }
  } catch {
    // Reported below: what it held may be a secret.
  }
  throw new PropiqError(
    `The app's setting ${EARLIER_KEY} was edited and cannot be read. Nothing was changed.`,
    {
      code: "SETTINGS_EDITED",
      next: advice(
        "It holds the app's cache settings from before propiq-cache. Restore its old value, or remove the setting in the Azure portal. Without it, the stack's state names the earlier settings. Without a state, the current settings count as the app's own.",
      ),
    },
  );
}

/** Whether a value has the form that an update writes. */
export function isEarlier(value: unknown): value is Earlier {
  if (typeof value !== "object" || value === null) return false;
  const { by, at, keys, values, wrote, sticky } = value as Partial<Earlier>;
  const isOwned = typeof by === "string" && URN.test(by) && typeof at === "string";
  return isOwned && isTexts(keys) && isTexts(sticky) && isMap(values) && isMap(wrote);
}

/** The name of a stack becomes a part of commands and of the names of files. */
const URN = /^urn:pulumi:[\w.-]+::[\w.-]+::[\w.:$/-]+::[^\p{Cc}]+$/u;

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

function isMap(value: unknown): value is Record<string, string> {
  return isObject(value) && Object.values(value).every((item) => typeof item === "string");
}

/** Names a value without repeating it. It stands beside the value itself, so it need not withstand guessing. */
export function digestOf(value: string): string {
  return createHash("sha256").update(value).digest("base64url").slice(0, 16);
}

/** Project and stack of a URN: `urn:pulumi:stack::project::types::name`. */
export function ownerOf(urn: string): { stack: string; project: string } {
  const { stack, project } = urnParts(urn);
  return { stack, project };
}
