/**
 * What a person approves before a deploy: the commit, the state that it starts from, and the changes that follow. The
 * deploy computes all of it again and refuses if anything differs. A plan saved by Pulumi would not do: a stale one is
 * applied all the same (pulumi/pulumi issue 16670). Pure.
 */
import { createHash } from "node:crypto";
import { type Change, parseChange } from "./change.ts";

export interface Approval {
  schema: 1;
  stack: string;
  commit: string;
  /** SHA-256 of the stack's checkpoint. */
  state: string;
  change: Change;
  /** SHA-256 of all of the above. */
  digest: string;
}

/** @param deployment of `pulumi stack export`, its secrets encrypted */
export function approvalOf(given: {
  stack: string;
  commit: string;
  deployment: unknown;
  change: Change;
}): Approval {
  const { stack, commit, deployment, change } = given;
  const content = { schema: 1 as const, stack, commit, state: hashOf(deployment), change };
  return { ...content, digest: hashOf(content) };
}

/** @throws Error for a file that is not an approval, or whose digest does not fit its content */
export function parseApproval(json: string): Approval {
  const { schema, stack, commit, state, change, digest } = JSON.parse(json) as Record<string, unknown>;
  if (schema !== 1 || typeof stack !== "string" || typeof commit !== "string" || typeof state !== "string")
    throw new Error("the file is not an approval of propiq-cache");
  const content = { schema: 1 as const, stack, commit, state, change: parseChange(JSON.stringify(change)) };
  if (hashOf(content) !== digest) throw new Error("the approval's digest does not fit its content");
  return { ...content, digest };
}

/** What is different now, in lines for a person; none if it is what was approved. */
export function differences(approved: Approval, now: Approval): string[] {
  return [
    ...different("Stack", approved.stack, now.stack),
    ...different("Commit", approved.commit, now.commit),
    ...different("State", approved.state, now.state, "another update ran since the approval"),
    ...(hashOf(approved.change) === hashOf(now.change)
      ? []
      : [
          "Changes that were approved:",
          ...changeLines(approved.change),
          "Changes that a deploy would make now:",
          ...changeLines(now.change),
        ]),
  ];
}

function different(what: string, approved: string, now: string, why?: string): string[] {
  if (approved === now) return [];
  const because = why === undefined ? "" : `: ${why}`;
  return [`${what}: approved ${approved.slice(0, 12)}, now ${now.slice(0, 12)}${because}`];
}

function changeLines({ resources, settings, restarts, errors }: Change): string[] {
  const lines = [
    ...resources.map(({ operation, type, name }) => `  ${operation} ${type} ${name}`),
    ...settings.flatMap(({ target, operation, keys }) =>
      keys.map((key) => `  ${operation} setting ${key} of ${target}`),
    ),
    ...restarts.map((app) => `  restart ${app}`),
    ...errors.map((error) => `  error ${error}`),
  ];
  return lines.length === 0 ? ["  none"] : lines;
}

/** The same for the same content, in whatever order its keys are. */
function hashOf(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(sorted(value)))
    .digest("hex");
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]),
  );
}
