/** The settings of an app whose cache is disabled or enabled: one setting differs, and the fingerprint. */
import { fingerprintOf } from "../../infra/contract/fingerprint.ts";
import { FINGERPRINT_KEY, SETTING_NAMES } from "../../infra/contract/table.ts";

type Texts = Readonly<Record<string, string>>;

/**
 * @param ours our settings as the app holds them; twice is as once
 * @param values the secrets behind what the app holds in another form (references to a vault): the name of the settings
 *   follows from them
 */
export function switched(ours: Texts, enabled: boolean, values: Texts = {}): Texts {
  const next = { ...ours, REDIS_ENABLED: String(enabled) };
  return { ...next, [FINGERPRINT_KEY]: fingerprintOf({ ...next, ...values }) };
}

/** Settings whose value stands in a Key Vault, and in the app only where. */
export function referencesIn(ours: Texts): string[] {
  return Object.keys(ours).filter((key) => /^@Microsoft\.KeyVault\(/i.test(ours[key] ?? ""));
}

/** The settings of ours among others. */
export function ownedIn(settings: Texts): Texts {
  const names = new Set<string>(SETTING_NAMES);
  return Object.fromEntries(Object.entries(settings).filter(([name]) => names.has(name)));
}
