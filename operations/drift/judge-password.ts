/** The password that the state has wired into the apps against what the cache accepts. Pure. */
import { advice } from "../../base/advice.ts";
import { repairStack } from "../stacks/conflict.ts";
import type { PasswordSeen } from "./ask-password.ts";
import type { Finding, Place } from "./finding.ts";

const WORDS: Readonly<Record<Exclude<PasswordSeen, "unknown">, string | undefined>> = {
  accepted: undefined,
  regenerated:
    "the apps have a key that the cache does not accept any more: both keys were regenerated outside of this stack",
  refused: "the cache refuses the password that the apps have: it was changed outside of this stack",
};

/** @param urn of the proof, which holds the settings @returns nothing where the cache could not be asked */
export function judgePassword(stack: string, urn: string, seen: PasswordSeen): Place[] {
  if (seen === "unknown") return [];
  const words = WORDS[seen];
  const finding: Finding = {
    code: "PASSWORD_REFUSED",
    words: words ?? "",
    keys: [],
    advice: advice("Write the new one into the apps.", repairStack(stack)),
  };
  const place = { kind: "password", name: "password of the cache", urn, notes: [] } as const;
  return [{ ...place, findings: words === undefined ? [] : [finding] }];
}
