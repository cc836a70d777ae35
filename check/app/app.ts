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
  /** Why nothing can be answering there, such as a site that was stopped. */
  down?: string;
}

/** The settings that an app holds against those that it should; values never get here. */
export interface AppSettingsSeen {
  /** Names of the settings that should be there; none where nobody knows which. */
  expected: readonly string[];
  missing: readonly string[];
  /** Other values than expected. */
  different: readonly string[];
  /** Values that are a reference to a vault which cannot be read, with the status that the platform tells. */
  unresolved: readonly { name: string; status: string }[];
  /** REDIS_ENABLED of what it holds, where that alone is what differs. */
  switchedOff?: boolean;
  /** They are not those that their own fingerprint names: somebody has edited them since. */
  edited?: boolean;
  /** In a few words, where all is well: how many, and whose. */
  words: string;
}
