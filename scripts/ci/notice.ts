/** What is reported about a check by the clock, as data that one job hands to another. */
import { foreignText } from "../../base/safe-text.ts";

export interface Notice {
  schema: 1;
  /** What was looked at: names the issue together with the stack. */
  about: "verify" | "drift";
  stack: string;
  action: "alarm" | "well" | "none";
  /** Whether the run before came to something else: for those who are informed but keep no list. */
  turned: boolean;
  title: string;
  /** The impact and the command that ends it: plain text, for a webhook. */
  lines: string[];
  /** Markdown, everything foreign in it escaped. */
  body: string;
}

const MOST_LINES = 2;

/** Hidden in the issue, so that there is one for each stack and kind. */
export function issueMarker({ about, stack }: Pick<Notice, "about" | "stack">): string {
  return `<!-- propiq-cache ${about} ${stack.replace(/[^\w.-]/g, "_")} -->`;
}

/** @throws Error if it is not a notice */
export function parseNotice(json: string): Notice {
  const raw = JSON.parse(json) as Partial<Record<keyof Notice, unknown>> | null;
  const { schema, about, stack, action, turned, title, lines = [], body } = raw ?? {};
  if (schema !== 1) throw new Error("notice.schema: 1 is the only one that is known");
  if (about !== "verify" && about !== "drift") throw new Error("notice.about: verify or drift");
  if (action !== "alarm" && action !== "well" && action !== "none")
    throw new Error("notice.action: alarm, well or none");
  if (typeof stack !== "string" || typeof title !== "string" || typeof body !== "string")
    throw new Error("notice: stack, title and body are texts");
  if (!Array.isArray(lines)) throw new Error("notice.lines: a list");
  return {
    schema,
    about,
    stack,
    action,
    turned: turned === true,
    title: title.slice(0, 200),
    lines: lines.slice(0, MOST_LINES).map((line) => foreignText(String(line), (same) => same, 500)),
    body: body.slice(0, 60_000),
  };
}
