/** The comment on a pull request: what a deploy of it would do. Everything in it is foreign text. Pure. */
import { counted } from "../../base/counted.ts";
import { escapeMarkdown, tableRow } from "../../check/render/markdown-text.ts";
import type { Change, Operation } from "./change.ts";

/** GitHub refuses a comment above 65,536 characters; this leaves room for escapes that are counted differently. */
const LIMIT_CHARACTERS = 60_000;

const SIGNS: Readonly<Record<Operation, string>> = {
  create: "🟢 made",
  update: "🟡 changed",
  replace: "🟠 replaced",
  delete: "🔴 removed",
  import: "🔵 taken over",
  read: "⚪ read",
};

/** A target that is replaced has its settings removed in one place and written in another. */
const SETTING_SIGNS: Readonly<Record<Operation, string>> = {
  create: "🟢 written",
  update: "🟡 changed",
  replace: "🟡 changed",
  delete: "🔴 given back",
  import: "🔵 taken over",
  read: "⚪ read",
};

/** Hidden in the comment, so that the next run finds it; one a stack. */
export function markerOf(stack: string): string {
  return `<!-- propiq-cache preview ${stack.replace(/[^\w.-]/g, "_")} -->`;
}

/** @param commit the head of the pull request that was previewed */
export function previewComment(change: Change, commit: string): string {
  const { stack, previewed, errors, resources, settings, restarts, notes } = change;
  const lines = [
    markerOf(stack),
    `## ${previewed ? summary(change) : "❌ A deploy would be refused"}: stack ${inline(stack)}`,
    "",
    ...errors.map((error) => `> ${inline(error)}\n`),
    `**Monthly cost:** ${costs(change)}`,
    "",
    `**Restarts:** ${restarts.length === 0 ? "none" : restarts.map(inline).join(", ")}`,
    "",
    ...section(
      "Resources",
      resources.map(({ operation, type, name }) => [SIGNS[operation], type, name]),
      ["", "Type", "Name"],
    ),
    ...section(
      "Settings",
      settings.flatMap(({ target, operation, keys }) =>
        keys.map((key) => [SETTING_SIGNS[operation], key, target]),
      ),
      ["", "Key", "App"],
    ),
    ...notes.map((note) => `- ${inline(note)}`),
    "",
    `_Of commit ${inline(commit.slice(0, 12))}. Values are not shown; prices are the catalogue's (docs/plans.md)._`,
  ];
  return cut(
    lines
      .join("\n")
      .replace(/\n{3,}/g, "\n\n")
      .trimEnd(),
  );
}

function summary({ resources, unchanged }: Change): string {
  if (resources.length === 0) return "✅ Nothing changes";
  return `${resources.length} of ${counted(resources.length + unchanged, "resource")} change`;
}

function costs({ monthlyUsd: { before, after } }: Change): string {
  const was = before === undefined ? "nothing deployed" : inDollars(before);
  if (after === undefined) return `${was} → not known, because the config is refused`;
  if (before === after) return `${inDollars(after)}, as before`;
  const both = typeof before === "number" && typeof after === "number";
  const difference = both ? ` (${after > before ? "+" : "−"}$${Math.abs(after - before).toFixed(2)})` : "";
  return `${was} → **${inDollars(after)}**${difference}`;
}

function inDollars(usd: number | null): string {
  return usd === null ? "unknown" : `$${usd.toFixed(2)}`;
}

function section(title: string, rows: readonly string[][], head: readonly string[]): string[] {
  if (rows.length === 0) return [];
  return [
    `<details open><summary><b>${title}: ${rows.length}</b></summary>`,
    "",
    tableRow(head),
    tableRow(head.map(() => "---")),
    ...rows.map(([sign = "", ...cells]) => tableRow([sign, ...cells.map(inline)])),
    "",
    "</details>",
    "",
  ];
}

function cut(comment: string): string {
  if (comment.length <= LIMIT_CHARACTERS) return comment;
  const whole = comment.slice(0, LIMIT_CHARACTERS).split("\n").slice(0, -1).join("\n");
  return `${whole}\n\n_The rest is too long for a comment: see the job's log._`;
}

/** A line break would end a row or a quotation. */
function inline(text: string): string {
  return escapeMarkdown(text.replace(/\s+/g, " "));
}
