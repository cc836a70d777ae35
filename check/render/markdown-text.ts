/** What every Markdown page of ours keeps to. */

/** GitHub refuses a job summary above 1 MiB; this leaves room for what a step wrote before. */
const LIMIT_BYTES = 900 * 1024;

/**
 * Whatever has a meaning inside a line of GitHub's Markdown: markup, HTML, tables, links, references, formulas. Not an
 * underscore inside a word: it has none there (CommonMark 6.2), and codes are to be found as they are.
 */
const SPECIAL = /[\\`*~[\]<>|#$&!]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])|:(?=\/\/)|(?<=\bwww)\./giu;

/** A foreign text, shown as the characters that it has. It may hold a user's `@name`, which must not become a mention. */
export function escapeMarkdown(text: string): string {
  return text.replace(SPECIAL, (character) => `\\${character}`).replaceAll("@", "@<!-- -->");
}

/** A command to copy. The fence is longer than any run of backticks inside. */
export function codeSpan(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = longest === 0 ? "" : " ";
  return `${fence}${pad}${text.replace(/\s+/g, " ")}${pad}${fence}`;
}

/** A text as a block of code that nothing in it can end, a line each. */
export function codeBlock(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}text`, text, fence];
}

/** @param cells escaped already */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Puts sections under each other, as many as the page may hold, and says how many it could not. */
export function withinLimit(sections: readonly string[]): string {
  const kept: string[] = [];
  let bytes = 0;
  for (const section of sections) {
    bytes += Buffer.byteLength(section) + 1;
    if (bytes > LIMIT_BYTES) break;
    kept.push(section);
  }
  const left = sections.length - kept.length;
  return [...kept, ...(left === 0 ? [] : [`_${left} more left out: the page would be too long._\n`])].join(
    "\n",
  );
}
