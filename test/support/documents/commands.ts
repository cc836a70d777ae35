/** The commands of a Markdown document: those of its `sh` blocks, statement by statement, and those in a line of text. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../../base/paths.ts";

export interface Command {
  /** Relative to the project's root, as `docs/plans.md`. */
  document: string;
  /** The heading that it stands under, without its marks. */
  heading: string;
  line: number;
  kind: "block" | "inline";
  /** As a reader pastes it, comments included. */
  text: string;
}

/** What begins a command in a line of text; other code there is names, keys and values. */
const PROGRAMS = [
  "\\./propiq-cache",
  "az",
  "curl",
  "docker",
  "export",
  "gh",
  "git",
  "node",
  "npm",
  "npx",
  "pulumi",
  "redis-cli",
  "df",
];
const INLINE = new RegExp(`^(?:${PROGRAMS.join("|")}) [^ ]`);

/** Every document that people are sent to. */
export function documents(): string[] {
  const docs = readdirSync(join(PROJECT_ROOT, "docs")).filter((name) => name.endsWith(".md"));
  return [
    "README.md",
    ...docs.toSorted().map((name) => `docs/${name}`),
    "examples/README.md",
    "examples/app/README.md",
  ];
}

export function commandsOf(document: string): Command[] {
  return commandsIn(document, readFileSync(join(PROJECT_ROOT, document), "utf8"));
}

/** @throws Error for a block that says no language, or whose statements a shell would not take */
export function commandsIn(document: string, text: string): Command[] {
  const found: Command[] = [];
  let heading = "";
  let block: { language: string; indent: number; line: number; lines: string[] } | undefined;
  let prose: { line: number; lines: string[] } = { line: 1, lines: [] };
  const endProse = () => {
    found.push(
      ...inlineIn(prose.lines.join("\n")).map((each) => at(each.text, prose.line + each.line, "inline")),
    );
    prose = { line: 0, lines: [] };
  };
  const at = (command: string, line: number, kind: Command["kind"]): Command => ({
    ...{ document, heading, line, kind, text: command },
  });
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^( *)```(\w*)/.exec(line);
    if (fence === null && block !== undefined) {
      block.lines.push(line.slice(block.indent));
    } else if (fence !== null && block === undefined) {
      endProse();
      const [, indent = "", language = ""] = fence;
      if (language === "") throw new Error(`${document}:${index + 1}: the block says no language`);
      block = { language, indent: indent.length, line: index + 2, lines: [] };
    } else if (block !== undefined) {
      const { line: first, lines } = block;
      if (block.language === "sh")
        found.push(...statementsIn(lines).map((each) => at(each.text, first + each.line, "block")));
      block = undefined;
    } else if (/^#+ /.test(line)) {
      endProse();
      heading = line.replace(/^#+ /, "");
    } else if (!/^<!-- .* -->$/.test(line)) {
      if (prose.lines.length === 0) prose.line = index + 1;
      prose.lines.push(line);
      // Code never spans paragraphs.
      if (line.trim() === "") endProse();
    }
  }
  endProse();
  return found;
}

interface Found {
  text: string;
  /** From the first one on. */
  line: number;
}

/** A statement is as many lines as it takes until a shell says that it is whole. */
function statementsIn(lines: readonly string[]): Found[] {
  const found: Found[] = [];
  let open: string[] = [];
  for (const [index, line] of lines.entries()) {
    if (open.length === 0 && /^\s*(#.*)?$/.test(line)) continue;
    open.push(line);
    const text = open.join("\n");
    if (!isWhole(text)) continue;
    found.push({ text, line: index - open.length + 1 });
    open = [];
  }
  if (open.length > 0) throw new Error(`a shell would not take:\n${open.join("\n")}`);
  return found;
}

function isWhole(text: string): boolean {
  if (text.endsWith("\\")) return false;
  try {
    execFileSync("bash", ["-n", "-c", text], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function inlineIn(text: string): Found[] {
  return [...text.matchAll(/(?<!`)`([^`]+)`(?!`)/g)]
    .map(({ 1: code = "", index }) => ({
      text: code.replace(/\s*\n\s*/g, " "),
      line: text.slice(0, index).split("\n").length - 1,
    }))
    .filter(({ text: code }) => INLINE.test(code));
}
