/** Two sets of settings, key by key. Pure. */
import { FINGERPRINT_KEY } from "../../infra/contract/table.ts";
import type { KeyChange } from "./finding.ts";

type Texts = Readonly<Record<string, string | undefined>>;

/** @param names those that are looked at @returns what became of those that differ */
export function differing(names: readonly string[], expected: Texts, held: Texts): KeyChange[] {
  return names.flatMap((name): KeyChange[] => {
    const [wanted, found] = [expected[name], held[name]];
    if (wanted === found) return [];
    return [{ name, change: found === undefined ? "removed" : wanted === undefined ? "added" : "changed" }];
  });
}

/** `propiq-cache off` and `on` change these and no others, and say so in config, not in the state. */
const SWITCH: readonly string[] = ["REDIS_ENABLED", FINGERPRINT_KEY];

/** @returns whether a change of these can be the work of `off` or `on` */
export function isSwitch(keys: readonly KeyChange[]): boolean {
  return (
    keys.some(({ name }) => name === "REDIS_ENABLED") &&
    keys.every(({ name, change }) => change === "changed" && SWITCH.includes(name))
  );
}

/** @param held REDIS_ENABLED as it stands there */
export function switchWords(held: string | undefined): string {
  const word = held === "false" ? "off" : "on";
  return `${word === "off" ? "disabled by off" : "enabled by on"}; the next update records it`;
}
