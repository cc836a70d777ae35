/** A change of plan as tests look at it: what the app holds, what runs, and what happened when. */
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import { EARLIER_KEY } from "../../infra/provider/app-settings/earlier.ts";
import { ownedKeys } from "../../infra/provider/app-settings/merge.ts";
import type { RunningCache } from "../../rehearsal/azure/running-caches.ts";
import type { RunningDatabase } from "../../rehearsal/upstash/databases.ts";
import type { AppClient } from "./app-client.ts";
import type { Cloud } from "./cloud.ts";

export type SettingMap = Readonly<Record<string, string>>;

/** Milliseconds since 1970, with fractions, as the emulators write them down. */
export const now = (): number => performance.timeOrigin + performance.now();

const OWN = [...ownedKeys({}), EARLIER_KEY];

/** Settings of the app that are not the stack's. */
export function foreignIn(settings: SettingMap): SettingMap {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !OWN.includes(key)));
}

/** All that run right now, whoever's they are. */
export function cachesOf({ azure, upstash }: Cloud): (RunningCache | RunningDatabase)[] {
  return [...azure.caches(), ...upstash.databases()];
}

/** Requests to Azure Resource Manager, by what they do to a cache or to the settings of an app. */
export const REQUESTS = {
  writeSettings: { method: "PUT", path: /\/config\/appsettings$/i },
  deleteCache: {
    method: "DELETE",
    path: /\/Microsoft\.Cache\/redis(Enterprise)?\/[^/]+(\/databases\/[^/]+)?$/i,
  },
} as const;

/** When the steps of a change came about; undefined for what did not happen. */
export interface Story {
  /** A cache was there. */
  created: number | undefined;
  /** A database was asked to change its plan. */
  resized: number | undefined;
  /** The settings were sent. */
  written: number | undefined;
  /** The app first said that it is connected by the settings that it has now. */
  seen: number | undefined;
  /** A cloud was first asked to delete a cache. */
  deleted: number | undefined;
}

/** @param since milliseconds since 1970 */
export function storyOf({ azure, upstash }: Cloud, client: AppClient, since: number): Story {
  const upstashCall = (method: string, path: RegExp) => firstAt(upstash.log, { method, path }, since);
  const fingerprint = azure.site().settings()[FINGERPRINT_KEY];
  return {
    created:
      azure.events.find(({ at, what }) => at >= since && what === "cache created")?.at ??
      upstashCall("POST", /\/redis\/database$/),
    resized: upstashCall("POST", /\/change-plan\//),
    written: firstAt(azure.log, REQUESTS.writeSettings, since),
    seen: client.glimpses.find(
      (each) => each.at >= since && each.connected && each.fingerprint === fingerprint,
    )?.at,
    deleted: firstAt(azure.log, REQUESTS.deleteCache, since) ?? upstashCall("DELETE", /\/redis\/database\//),
  };
}

function firstAt(
  log: Cloud["azure"]["log"],
  wanted: { method: string; path: RegExp },
  since: number,
): number | undefined {
  return log.find(({ at, method, path }) => at >= since && method === wanted.method && wanted.path.test(path))
    ?.at;
}
