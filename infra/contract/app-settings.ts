/** The settings of an app for its cache. */
import { fingerprintOf } from "./fingerprint.ts";
import { type AppCache, type AppSettings, FINGERPRINT_KEY, ROWS } from "./table.ts";

export function settingsFor(cache: AppCache): AppSettings {
  const settings: AppSettings = {};
  for (const [name, row] of ROWS) {
    const value = row.value(cache);
    if (value !== undefined) settings[name] = value;
  }
  settings[FINGERPRINT_KEY] = fingerprintOf(settings);
  return settings;
}
