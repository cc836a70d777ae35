/** The settings that an app holds against those that it should hold, key by key. Names come out of it, never values. */
import { counted } from "../../base/counted.ts";
import type { AppSettingsSeen } from "./app.ts";

type Settings = Readonly<Record<string, string | undefined>>;

export interface Held {
  settings: Settings;
  /** Settings that are references to a vault, and what became of them. */
  references: readonly { key: string; status: string }[];
}

/** What a reference to a vault looks like; an unresolved one reaches the app as this very text. */
const REFERENCE = /^@Microsoft\.KeyVault\(/i;

export function isReference(value: string | undefined): boolean {
  return value !== undefined && REFERENCE.test(value);
}

/**
 * @param expected what the app should hold
 * @param held a reference that is resolved stands for the value: the app's echo shows whether that is the right one
 */
export function compareSettings(expected: Settings, held: Held): AppSettingsSeen {
  const names = Object.keys(expected).filter((name) => expected[name] !== undefined);
  const missing = names.filter((name) => held.settings[name] === undefined);
  const unresolved = unresolvedOf(held, names);
  const different = names.filter((name) => {
    const value = held.settings[name];
    return value !== undefined && !isReference(value) && value !== expected[name];
  });
  return {
    ...{ expected: names, missing, different, unresolved },
    ...(switchedOff(expected, held) ? { switchedOff: true } : {}),
    ...(isOff(expected["REDIS_ENABLED"]) && !isOff(held.settings["REDIS_ENABLED"])
      ? { switchedOn: true }
      : {}),
    words: `${counted(names.length, "setting")}, all correct`,
  };
}

/** Where nobody says what it should hold: whether there is anything, and whether it can be read. */
export function settingsAlone(held: Held, names: readonly string[], words: string): AppSettingsSeen {
  const there = names.filter((name) => held.settings[name] !== undefined);
  return {
    expected: there.length === 0 ? names : there,
    missing: there.length === 0 ? names : [],
    different: [],
    unresolved: unresolvedOf(held, there),
    words,
  };
}

function unresolvedOf(
  { settings, references }: Held,
  names: readonly string[],
): AppSettingsSeen["unresolved"] {
  const status = new Map(references.map((reference) => [reference.key, reference.status]));
  return names.flatMap((name) => {
    const reported = status.get(name) ?? "Unknown";
    return isReference(settings[name]) && reported !== "Resolved" ? [{ name, status: reported }] : [];
  });
}

function switchedOff(expected: Settings, { settings }: Held): boolean {
  return isOff(settings["REDIS_ENABLED"]) && !isOff(expected["REDIS_ENABLED"]);
}

/** As an app reads it. */
export function isOff(value: string | undefined): boolean {
  return value !== undefined && /^(false|0|no)$/i.test(value.trim());
}
