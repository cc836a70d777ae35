/** What `propiq:index:AppSettings` is given, and what it keeps. */
import type { SettingMap } from "../../azure/app-service.ts";
import type { Earlier } from "./earlier.ts";

export interface AppSettingsInputs {
  /** The App Service's name. */
  app: string;
  resourceGroup: string;
  subscriptionId: string;
  /** Absent: production. */
  slot?: string;
  /** Our settings stay with their slot when slots are swapped. Absent or false: they travel. */
  sticky?: boolean;
  /** What the app is to get; secret as a whole. */
  settings: SettingMap;
  /** Default: `/health` at the app's own host name. */
  healthUrl?: string;
  /** Seconds that the app may take to answer well again after its settings changed. */
  restartTimeoutSeconds: number;
  /** Seconds that the previous cache stays after the app was seen on this one. */
  drainSeconds: number;
  /** Name of a vault: the secret settings go there, and the app gets references to them. */
  keyVault?: string;
  /** The app itself proves the cache: for one that cannot be reached from here. */
  proof?: { mode: "app"; waitSeconds: number; plan: string; provider: string; memoryLimitMb?: number };
  /**
   * When the cache was proven: another time makes the app be looked at again. An update that was killed may have written
   * what no state knows; on the way back nothing else would differ, and the cache that the app uses would go.
   */
  provenAt?: string;
  /** True in an update: where nothing else changes, it looks for foreign edits. A preview need not sign in for that. */
  looksForEdits?: boolean;
  /** Another Azure than the public one: its metadata host, or its name. */
  metadataHost?: string;
  environment?: string;
}

export interface AppSettingsOutputs {
  /** The URN under which the app's settings were taken over; another one there is another owner. */
  by: string;
  /** What the app held before us; the app holds it too. Secret. */
  earlier: Earlier;
  /** References to Key Vault by setting, as they were written. */
  references: SettingMap;
  /** `seen`: the app echoed these settings. `unseen`: it is as well as before. */
  outcome: "seen" | "unseen" | "stopped";
}

export type AppSettingsState = AppSettingsInputs & AppSettingsOutputs;

/** What the app holds where all is as the state says: texts, and references for what is in a vault. */
export function heldBy({
  settings,
  references,
}: Pick<AppSettingsState, "settings" | "references">): SettingMap {
  return { ...settings, ...references };
}
