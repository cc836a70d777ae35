/** Detects that another update holds a stack, and says what to do about it. Pure. */
import { advice, adviceText } from "../../base/advice.ts";
import { type Command, onStack } from "../../base/command.ts";

/**
 * Recovers a stack whose update was killed. `repair` removes the lock of a process that does not run any more by its own
 * file: `pulumi cancel` would also remove the lock of an update that has started since.
 */
export function repairStack(stack: string): Command {
  return onStack(stack, "repair");
}

export interface Holder {
  user: string;
  host: string;
  pid: number;
}

export interface Conflict {
  /** As the lock's own place names it; Pulumi Cloud names none. */
  stack?: string;
  /** Whether the lock is a file: then its holder is a process of this machine. */
  inFiles: boolean;
  /** Empty where Pulumi Cloud keeps the state: it does not name them. */
  holders: readonly Holder[];
}

/**
 * @param said what Pulumi printed as its error
 * @returns nothing where it ended for any other reason
 */
export function conflictIn(said: string): Conflict | undefined {
  // pulumi: pkg/backend/diy/lock.go
  if (said.includes("the stack is currently locked by")) {
    const [, stack] = /\/locks\/organization\/propiq-cache\/([^/\s]+)\//.exec(said) ?? [];
    const holders = [...said.matchAll(/created by (.+)@(\S+) \(pid (\d+)\)/g)].map(
      ([, user = "", host = "", pid = ""]) => ({ user, host, pid: Number(pid) }),
    );
    return { ...(stack === undefined ? {} : { stack }), inFiles: /^\s*file:/m.test(said), holders };
  }
  // pulumi: pkg/backend/backenderr; no other error names that page.
  return /\/update-conflicts\//.test(said) ? { inFiles: false, holders: [] } : undefined;
}

/**
 * @param here this machine's name @param lives whether such a process of this machine runs
 * @returns without a line feed at its end
 */
export function conflictWords(
  { holders, inFiles }: Conflict,
  stack: string,
  here: string,
  lives: (pid: number) => boolean,
): string {
  const isDead = holders.every(({ host, pid }) => host === here && !lives(pid));
  if (holders.length > 0 && isDead) {
    const sure = `The update that holds stack ${stack} was killed: its process does not run any more.`;
    // Two laptops may have the same name.
    const likely = `The update that holds stack ${stack} ran on a machine called ${here}, like this one, and no such process runs here. If it ran here, it was killed.`;
    return adviceText(
      inFiles
        ? advice(`${sure} This recovers the stack.`, repairStack(stack))
        : advice(`${likely} This recovers the stack.`, forceUnlock(stack)),
    );
  }
  const who = holders.map(({ user, host, pid }) => `${user} on ${host}, process ${pid}`).join("; ");
  return adviceText(
    advice(
      `Another update of stack ${stack} is running${who === "" ? "" : `: ${who}`}. Nothing was changed. Wait for it to end, then try again. Only if it was killed and none of its processes runs any more, this recovers the stack.`,
      forceUnlock(stack),
    ),
  );
}

/** For a lock that cannot be judged from this machine. */
function forceUnlock(stack: string): Command {
  return onStack(stack, "repair", "--force-unlock");
}
