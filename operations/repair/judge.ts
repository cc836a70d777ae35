/** From what is there to what is wrong, and to the commands that fix it. Pure. */
import { type Advice, advice } from "../../base/advice.ts";
import { type Command, program, propiq, pulumi } from "../../base/command.ts";
import { urnParts } from "../../infra/plans/urn.ts";
import { type Place as DriftPlace, keysInWords } from "../drift/finding.ts";
import type { Lock } from "../stacks/backend.ts";

export interface Facts {
  stack: string;
  lock: Lock;
  /** Resources that an update was creating or changing when it was cut off. */
  pending: readonly string[];
  /** What differs between the state, the clouds and the apps. */
  places: readonly DriftPlace[];
  /** What could not be compared, and why. */
  notAsked: readonly { name: string; why: string }[];
  /** The plan that is deployed, and the one that the config names. */
  plan: { deployed: string | undefined; configured: string };
  users: readonly UserFacts[];
  didLastUpdateFail: boolean;
}

/** An app or env file of the stack. */
export interface UserFacts {
  name: string;
  /** Of its resource in the state. */
  urn: string;
  /** REDIS_ENABLED as it stands there; absent where nothing of ours does. */
  enabled?: boolean;
  /** REDIS_ENABLED as the stack's config needs it. */
  wanted: boolean;
  /** The cache refuses the secret that stands there. */
  isRefused: boolean;
  /** The resource of the cache whose password the state copies: it must be read again. */
  passwordOf?: string;
}

export interface Problem {
  code: string;
  say: string;
  /** Resources that must be read again before the update sees the problem. */
  refresh: readonly string[];
  /** What no command of ours can fix: what the user has to do. */
  unfixable?: Advice;
  /** Made by an update that was cut off: such an update is continued, and its resources are not read again. */
  isCutOff?: boolean;
}

export interface Repair {
  found: Problem[];
  steps: RepairStep[];
}

export interface RepairStep {
  name: "unlock" | "forget-pending-creates" | "forget-deleted-database" | "refresh" | "update";
  /** As a user types it. */
  command: Command;
  /** As Pulumi takes it, without `--stack`. Empty where this process itself runs the step. */
  words: readonly string[];
}

export function planRepair(facts: Facts): Repair {
  const found = problemsIn(facts);
  if (found.length === 0 || found.some(({ unfixable }) => unfixable !== undefined))
    return { found, steps: [] };
  return { found, steps: stepsFor(facts, found) };
}

function problemsIn(facts: Facts): Problem[] {
  const found = knownProblems(facts);
  if (found.length > 0 || !facts.didLastUpdateFail) return found;
  return [{ code: "UPDATE_FAILED", say: "The last update failed or was interrupted.", refresh: [] }];
}

function knownProblems(facts: Facts): Problem[] {
  return [
    ...lockProblem(facts.lock),
    ...facts.pending.map(
      (urn): Problem => ({
        code: "UNFINISHED",
        say: `An update was cut off while it worked on ${urnParts(urn).name}.`,
        refresh: [],
        isCutOff: true,
      }),
    ),
    ...facts.places.flatMap((place) => driftProblems(place, facts)),
    ...planProblem(facts),
    ...facts.users.flatMap((user) => userProblems(user, facts)),
  ];
}

function lockProblem(lock: Lock): Problem[] {
  if (!lock.held) return [];
  const { pid, stale, holder } = lock;
  const who = holder === undefined ? "" : ` by ${holder.user} on ${holder.host}, process ${pid}`;
  const lives = stale
    ? "The process does not run any more."
    : holder?.isThisMachine
      ? "The process runs on this machine."
      : "Whether the process still runs cannot be seen from here.";
  return [{ code: "LOCKED", say: `The stack is locked${who}. ${lives}`, refresh: [], isCutOff: true }];
}

const SENTENCES: Readonly<Record<string, string>> = {
  GONE: "It does not exist any more.",
  CHANGED: "Another tool changed it.",
  SETTINGS_CHANGED: "Another tool edited cache settings.",
  SETTINGS_REMOVED: "Another tool removed the cache settings.",
  SLOT_SWAPPED: "Slots were swapped, and the settings went along.",
  NOT_STICKY: "Settings that stay with their slot would be swapped.",
  UNRECORDED: "An update wrote settings and was cut off before it recorded them.",
  UNFINISHED: "An update was cut off while it worked on it.",
};

const UNFIXABLE: Readonly<Record<string, (stack: string) => Advice>> = {
  OTHER_OWNER: (stack) =>
    advice(
      "Another stack wires this place. Remove it from that stack's config and deploy that stack first.",
      propiq("drift", "--stack", stack),
    ),
  RECORD_UNREADABLE: (stack) =>
    advice(
      "The setting PROPIQ_CACHE_EARLIER of the app was edited. Restore its old value, or remove it in the Azure portal.",
      propiq("repair", "--stack", stack),
    ),
};

function driftProblems({ name, urn, kind, findings }: DriftPlace, { stack, pending }: Facts): Problem[] {
  return findings.flatMap(({ code, keys }): Problem[] => {
    // Known from the list of what is pending.
    if (code === "UNFINISHED" && pending.includes(urn)) return [];
    const unfixable =
      UNFIXABLE[code]?.(stack) ??
      (kind === "app" && code === "GONE"
        ? advice(
            `Create the App Service again, or correct app in Pulumi.${stack}.yaml.`,
            propiq("repair", "--stack", stack),
          )
        : undefined);
    const what = keys.length === 0 ? "" : ` (${keysInWords(keys)})`;
    const isCutOff = code === "UNRECORDED" || code === "UNFINISHED";
    return [
      {
        code,
        say: `${name}: ${SENTENCES[code] ?? "It is not as the stack wrote it."}${what}`,
        refresh: isCutOff ? [] : [urn],
        ...(unfixable === undefined ? {} : { unfixable }),
        ...(isCutOff ? { isCutOff } : {}),
      },
    ];
  });
}

function planProblem({ plan: { deployed, configured } }: Facts): Problem[] {
  if (deployed === undefined || deployed === configured) return [];
  return [
    {
      code: "NOT_DEPLOYED",
      say: `The config says plan ${configured}, and plan ${deployed} is deployed.`,
      refresh: [],
    },
  ];
}

function userProblems(user: UserFacts, { stack, plan }: Facts): Problem[] {
  const { name, urn, enabled, wanted, isRefused, passwordOf } = user;
  const problems: Problem[] = [];
  if (enabled !== undefined && enabled !== wanted)
    problems.push({
      code: "SWITCH_NOT_APPLIED",
      say: `${name}: The config says that the cache is ${wanted ? "enabled" : "disabled"}, and REDIS_ENABLED is ${enabled}.`,
      refresh: [],
    });
  if (isRefused)
    problems.push({
      code: "SECRET_REFUSED",
      say: `${name}: The cache refuses the secret in the settings.`,
      refresh: [urn, ...(passwordOf === undefined ? [] : [passwordOf])],
      ...(plan.configured === "external"
        ? {
            unfixable: advice(
              "The cache is external, so only you know its new password. Hand the new URL over on standard input.",
              propiq("rotate", "--stack", stack, "--yes"),
            ),
          }
        : {}),
    });
  return problems;
}

/** Upstash's provider fails on a deleted database in every refresh and delete, so the state has to forget it. */
const DATABASE =
  /::upstash:index\/redisDatabase:RedisDatabase::|\$upstash:index\/redisDatabase:RedisDatabase::/;

function stepsFor({ stack, lock, pending }: Facts, found: readonly Problem[]): RepairStep[] {
  const step = (name: RepairStep["name"], ...words: string[]): RepairStep => ({
    name,
    words,
    command: pulumi(stack, ...words),
  });
  const lost = found.flatMap(({ code, refresh }) =>
    code === "GONE" ? refresh.filter((urn) => DATABASE.test(urn)) : [],
  );
  const stale = [...new Set(found.flatMap(({ refresh }) => refresh))].filter((urn) => !lost.includes(urn));
  const wasCutOff = found.some(({ isCutOff }) => isCutOff);
  return [
    ...(lock.held ? [unlockStep(stack, lock)] : []),
    // Every resource is left out: reading one would pass over what the update still has to wait for.
    ...(pending.length > 0
      ? [
          step(
            "forget-pending-creates",
            ...["refresh", "--clear-pending-creates", "--exclude", "**", "--yes", "--skip-preview"],
          ),
        ]
      : []),
    ...lost.map((urn) =>
      step("forget-deleted-database", "state", "delete", urn, "--target-dependents", "--yes"),
    ),
    // After a cut, only what others changed is read again: the update must still see its own half-finished work.
    ...(wasCutOff && stale.length > 0
      ? [
          step(
            "refresh",
            ...["refresh", ...stale.flatMap((urn) => ["--target", urn]), "--yes", "--skip-preview"],
          ),
        ]
      : []),
    step(
      "update",
      ...["up", ...(wasCutOff || stale.length === 0 ? [] : ["--refresh"]), "--yes", "--skip-preview"],
    ),
  ];
}

/**
 * A stale lock is removed by its own file. Only a lock whose holder cannot be judged from this machine needs
 * `pulumi cancel`, which removes every lock of the stack.
 */
function unlockStep(stack: string, lock: Extract<Lock, { held: true }>): RepairStep {
  return lock.stale
    ? { name: "unlock", words: [], command: program("rm", "-f", ...lock.staleFiles) }
    : cancelStep(stack);
}

export function cancelStep(stack: string): RepairStep {
  const words = ["cancel", "--yes"];
  return { name: "unlock", words, command: pulumi(stack, ...words) };
}
