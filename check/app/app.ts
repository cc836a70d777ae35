/** An app that is to use the cache, as far as others have found out about it before the check begins. */

export interface App {
  /** As people call it: `name`, or `name/slot`; empty where only its address is known. */
  name: string;
  /** Where it is an App Service: its resource group. */
  resourceGroup?: string;
  /** Where its health document is; absent: it is not asked. */
  healthUrl?: string;
  /** PROPIQ_CACHE_FINGERPRINT of the settings that it should run with; absent where nobody knows. */
  fingerprint?: string;
  /** What it holds; absent where nobody has looked. */
  settings?: AppSettingsSeen;
  /** Why the app cannot answer, as its platform reports: it is stopped, or in another state than running. */
  down?: { code: "APP_STOPPED" | "APP_UNREACHABLE"; words: string };
  /** The stack that wrote its settings, where the app itself or a config file says so. */
  stack?: string;
}

/** The settings that an app holds against those that it should; values never get here. */
export interface AppSettingsSeen {
  /** Names of the settings that should be there; none where nobody knows which. */
  expected: readonly string[];
  missing: readonly string[];
  /** Other values than expected. */
  different: readonly string[];
  /** Values that are a reference to a vault which cannot be read, with the status that the platform reports. */
  unresolved: readonly { name: string; status: string }[];
  /** REDIS_ENABLED of what it holds is off, and it was written as on. */
  switchedOff?: boolean;
  /** REDIS_ENABLED of what it holds is on, and the stack says off. */
  switchedOn?: boolean;
  /** They are not those that their own fingerprint names: a user has edited them since. */
  edited?: boolean;
  /** In a few words, where all is well: how many, and whose. */
  words: string;
}
