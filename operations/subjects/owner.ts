/** Which stack wires an App Service, without its state: the app itself says so, else the tracked config files. */
import { readdir } from "node:fs/promises";
import { PropiqError } from "../../base/errors.ts";
import { PROJECT_ROOT } from "../../base/paths.ts";
import type { SettingMap } from "../../infra/azure/app-service.ts";
import {
  decodeEarlier,
  digestOf,
  EARLIER_KEY,
  type Earlier,
  ownerOf,
} from "../../infra/provider/app-settings/earlier.ts";
import { readStackConfig } from "../stacks/config-file.ts";

export interface AppPlace {
  app: string;
  resourceGroup: string;
  slot?: string | undefined;
}

/** What propiq-cache left in the app about its own writing; nothing where it is missing or edited beyond reading. */
export function recordIn(held: SettingMap): Earlier | undefined {
  try {
    return decodeEarlier(held[EARLIER_KEY]);
  } catch (error) {
    if (error instanceof PropiqError) return undefined;
    throw error;
  }
}

/** @returns the stack, where exactly one is known */
export async function stackOf(place: AppPlace, record: Earlier | undefined): Promise<string | undefined> {
  if (record !== undefined) return ownerOf(record.by).stack;
  const names = (await readdir(PROJECT_ROOT)).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
  const wiring = await Promise.all(names.map(async (stack) => ((await wires(stack, place)) ? [stack] : [])));
  const [only, ...more] = wiring.flat();
  return more.length === 0 ? only : undefined;
}

async function wires(stack: string, { app, resourceGroup, slot }: AppPlace): Promise<boolean> {
  try {
    const { settings } = await readStackConfig(stack);
    const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
    return settings.apps.some(
      (each) =>
        same(each.name, app) && same(each.resourceGroup, resourceGroup) && (each.slot ?? "") === (slot ?? ""),
    );
  } catch (error) {
    // A config with errors names no app for certain.
    if (error instanceof PropiqError) return false;
    throw error;
  }
}

export interface Edits {
  /** Names of settings with another value than propiq-cache wrote. */
  different: readonly string[];
  missing: readonly string[];
}

/** What was changed since propiq-cache wrote the settings, by the digests that it left in the app. */
export function editsSince({ wrote }: Earlier, held: SettingMap): Edits {
  const names = Object.keys(wrote);
  return {
    missing: names.filter((name) => held[name] === undefined),
    different: names.filter((name) => {
      const value = held[name];
      return value !== undefined && digestOf(value) !== wrote[name];
    }),
  };
}
