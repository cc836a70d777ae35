import { describe, expect, it } from "vitest";
import { conflictIn, conflictWords } from "../../../operations/stacks/conflict.ts";

/** As Pulumi 3.259 printed it. */
const locked = (...lines: string[]) =>
  `error: the stack is currently locked by ${lines.length} lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n${lines.map((line) => `  ${line}\n`).join("")}`;
const BLOB =
  "azblob://propiq-state/.pulumi/locks/organization/propiq-cache/prod/cfde46b2.json?storage_account=a: created by ann@laptop (pid 12) at 2026-11-25T04:08:24Z";
const FILE =
  "file:///home/ann/app/.propiq/.pulumi/locks/organization/propiq-cache/prod/cfde46b2.json?metadata=skip&no_tmp_dir=true: created by CORP\\ann@laptop (pid 12) at 2026-11-25T04:08:24Z";
const CLOUD =
  "error: [409] Conflict: Another update is currently in progress.\nTo learn more about possible reasons and resolution, visit https://www.pulumi.com/docs/support/troubleshooting/common-issues/update-conflicts/\n";

const words = (said: string, here = "laptop", running: number[] = []) => {
  const conflict = conflictIn(said);
  if (conflict === undefined) throw new Error("no conflict");
  return conflictWords(conflict, "prod", here, (pid) => running.includes(pid));
};

const REPAIR = "Run: ./propiq-cache repair --stack prod";
const FORCE = "Run: ./propiq-cache repair --force-unlock --stack prod";

describe("a stack that another update holds", () => {
  it("is known by who holds it, and from where", () => {
    expect(conflictIn(locked(BLOB))).toEqual({
      stack: "prod",
      inFiles: false,
      holders: [{ user: "ann", host: "laptop", pid: 12 }],
    });
    expect(conflictIn(locked(FILE))).toMatchObject({ inFiles: true, holders: [{ user: "CORP\\ann" }] });
    expect(conflictIn(CLOUD)).toEqual({ inFiles: false, holders: [] });
  });

  it("is not what other errors mean", () => {
    expect(conflictIn("error: incorrect passphrase")).toBeUndefined();
    expect(conflictIn("")).toBeUndefined();
  });

  it("is waited for while the other one lives, or may live on another machine", () => {
    for (const said of [words(locked(BLOB), "laptop", [12]), words(locked(BLOB), "desk")]) {
      expect(said).toContain("Another update of stack prod is running: ann on laptop, process 12.");
      expect(said).toContain("Wait for it to end");
      expect(said.split("\n").at(-1)).toBe(FORCE);
    }
    expect(words(CLOUD)).toContain("Another update of stack prod is running. Nothing was changed.");
  });

  it("is waited for where one of two still lives", () => {
    const other = BLOB.replace("pid 12", "pid 13");
    expect(words(locked(BLOB, other), "laptop", [13])).toContain("is running");
  });

  it("is repaired at once where the process is dead", () => {
    expect(words(locked(FILE)).split("\n").at(-1)).toBe(REPAIR);
  });

  it("is judged with care where only the machine's name is the same", () => {
    const said = words(locked(BLOB));
    expect(said).toContain("a machine called laptop, like this one");
    expect(said.split("\n").at(-1)).toBe(FORCE);
  });

  it("is never answered with pulumi cancel, which removes the locks of other updates too", () => {
    for (const said of [words(locked(FILE)), words(locked(BLOB)), words(locked(BLOB), "desk"), words(CLOUD)])
      expect(said).not.toContain("cancel");
  });
});
