/**
 * The steps of a rotation, by what is there now: the cache's keys, and which of them the apps hold. Nothing is kept on
 * this machine, so a rotation that was killed is continued by the same rules on any other. Pure.
 */

export const KEY_SLOTS = ["primary", "secondary"] as const;
export type KeySlot = (typeof KEY_SLOTS)[number];

export type Step =
  /** Makes a new key in a slot that nobody uses. */
  | { name: string; kind: "regenerate"; slot: KeySlot }
  /** Writes the settings with the key of a slot. */
  | { name: string; kind: "move"; slot: KeySlot }
  /** Upstash has one password: from here on the apps' settings are refused until the next step. */
  | { name: string; kind: "reset-password" }
  /** This machine's cache has one password too. One update makes a new one and writes it to the settings. */
  | { name: string; kind: "replace-password" }
  | { name: string; kind: "check-url" }
  | { name: string; kind: "store-url" }
  | { name: string; kind: "write-settings" }
  | { name: string; kind: "prove" };

const regenerate = (slot: KeySlot): Step => ({ name: `regenerate-${slot}-key`, kind: "regenerate", slot });
const move = (slot: KeySlot): Step => ({ name: `move-to-${slot}-key`, kind: "move", slot });
const writeSettings: Step = { name: "write-settings", kind: "write-settings" };
const prove: Step = { name: "prove-old-secret-refused", kind: "prove" };

export interface AzureKeys {
  /** The slot that the stack's config names: a rotation ends there, so that the next preview shows no change. */
  configured: KeySlot;
  keys: Readonly<Record<KeySlot, string>>;
  /** The password in the settings of each app. */
  held: readonly string[];
}

/**
 * Two moves, so that the apps always hold a key that works: to the other key, and back to the configured one. A rotation
 * that was killed between the moves is found by an app on the other key: it continues from there, and regenerates the
 * other key at its end as well, since that key was not made by this run.
 */
export function planAzure({ configured, keys, held }: AzureKeys): Step[] {
  const other = otherSlot(configured);
  const onOther = held.filter((password) => password === keys[other]).length;
  if (onOther === 0) return [regenerate(other), move(other), regenerate(configured), move(configured), prove];
  const gather = onOther === held.length ? [] : [move(other)];
  return [...gather, regenerate(configured), move(configured), regenerate(other), prove];
}

export function otherSlot(slot: KeySlot): KeySlot {
  return slot === "primary" ? "secondary" : "primary";
}

/** Settings that hold another password than the database has: an earlier run was killed after its reset. */
export function planUpstash({ password, held }: { password: string; held: readonly string[] }): Step[] {
  const isReset = held.some((each) => each !== password);
  return [
    ...(isReset ? [] : [{ name: "reset-password", kind: "reset-password" } as const]),
    writeSettings,
    prove,
  ];
}

export function planLocal(): Step[] {
  return [{ name: "replace-password", kind: "replace-password" }, prove];
}

export function planExternal(): Step[] {
  return [
    { name: "check-new-url", kind: "check-url" },
    { name: "store-new-url", kind: "store-url" },
    writeSettings,
    prove,
  ];
}

/** How often each app restarts. */
export function restartsOf(steps: readonly Step[]): number {
  return steps.filter(({ kind }) => kind === "move" || kind === "write-settings").length;
}

/** @returns the slots whose key one of the apps holds: regenerating such a key would cut that app off */
export function slotsInUse(keys: Readonly<Record<KeySlot, string>>, held: readonly string[]): KeySlot[] {
  return KEY_SLOTS.filter((slot) => held.includes(keys[slot]));
}
