/** Where another update holds a stack: what Pulumi says of it, and the words that its user needs besides. Pure. */

/**
 * Puts an update right that was killed: takes its lock away, has Pulumi forget what it was about to make, and ends its
 * work. What is half made is found in the cloud; remembered, it makes each later update warn of "pending operations". The
 * refresh leaves out every resource: to read one would pass over what the update still has to wait for.
 */
export const putRight = (stack: string): string =>
  [
    `./propiq-cache pulumi cancel --yes --stack ${stack}`,
    `./propiq-cache pulumi refresh --clear-pending-creates --exclude '**' --yes --non-interactive --stack ${stack}`,
    `./propiq-cache pulumi up --stack ${stack}`,
  ].join(" && ");

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
  /** Nobody where Pulumi Cloud keeps the state: it does not tell. */
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
  const gone = holders.every(({ host, pid }) => host === here && !lives(pid));
  if (holders.length > 0 && gone) {
    const sure = `The update that holds stack ${stack} was killed: its process is gone. This puts it right:`;
    // Two laptops may have the same name.
    const likely = `The update that holds stack ${stack} ran on a machine called ${here}, as this one is, and no such process runs here. If it was this one, the update was killed, and this puts it right:`;
    return `${inFiles ? sure : likely}\n${putRight(stack)}`;
  }
  const who = holders.map(({ user, host, pid }) => `${user} on ${host}, process ${pid}`).join("; ");
  return [
    `Another update of stack ${stack} is running${who === "" ? "" : `: ${who}`}. Nothing was changed here. Wait for its end, then try again.`,
    "Only if it was killed, and nothing of it runs any more, this puts it right:",
    putRight(stack),
  ].join("\n");
}
