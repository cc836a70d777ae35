/** What `propiq-cache pulumi …` hands on, and what it adds for a local stack. Words only. */

/** Options before or after the command that take a value in the next word. */
const WITH_VALUE = new Set([
  "-s",
  "--stack",
  "-C",
  "--cwd",
  "--color",
  "-v",
  "--verbose",
  "--tracing",
  "--profiling",
]);

export interface Parsed {
  /** The command with its sub-command, as in `stack init`. */
  command: readonly string[];
  /** The stack that the words name. */
  stack?: string;
  /** The config file that they name in place of the stack's own. */
  configFile?: string;
}

export function parsePulumiArguments(words: readonly string[]): Parsed {
  const command: string[] = [];
  let stack: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (word === "--") break;
    const assigned = /^(?:-s|--stack)=(.*)$/.exec(word);
    if (assigned) stack = assigned[1];
    else if (word === "-s" || word === "--stack") stack = words[at + 1];
    else if (!word.startsWith("-")) command.push(word);
    if (WITH_VALUE.has(word)) at += 1;
  }
  const [first, second = ""] = command;
  if (stack === undefined && first === "stack") stack = command[STACK_BY_NAME[second] ?? -1];
  return {
    command: command.slice(0, 2),
    ...(stack === undefined ? {} : { stack: stack.split("/").at(-1) ?? stack }),
    ...configFileIn(words),
  };
}

function configFileIn(words: readonly string[]): { configFile?: string } {
  const option = "--config-file";
  const index = words.findIndex((word) => word === option || word.startsWith(`${option}=`));
  if (index < 0) return {};
  const [, assigned] = /^[^=]+=(.*)$/s.exec(words[index] ?? "") ?? [];
  return { configFile: assigned ?? words[index + 1] ?? "" };
}

const DEPLOYS: ReadonlySet<string> = new Set(["preview", "pre", "up", "update"]);
/** Words that change the config on the way, or ask for something else than a deployment. */
const ELSEWHERE = /^(-c|--config|--config-path|--remote.*|-h|--help|-C|--cwd)(=|$)/;

/** Options that decide by themselves what is printed. */
const PRINTS_OTHERWISE = /^(--json|-j|--help|-h)(=|$)/;

/**
 * The words without what no person reads: the outputs of `up` and `preview`, and the dots of progress where the output is a log.
 * Anyone who needs them says so, or runs `stack output`.
 */
export function withoutNoise(
  { command: [first = ""] }: Parsed,
  words: readonly string[],
  output: "terminal" | "log",
): string[] {
  const wanted = [
    ...(DEPLOYS.has(first) ? ["--suppress-outputs"] : []),
    ...(output === "log" && WAITS.has(first) ? ["--suppress-progress"] : []),
  ];
  const isGiven = (option: string) => words.some((word) => word === option || word.startsWith(`${option}=`));
  const added = words.some((word) => PRINTS_OTHERWISE.test(word))
    ? []
    : wanted.filter((option) => !isGiven(option));
  const end = words.indexOf("--");
  const at = end < 0 ? words.length : end;
  return [...words.slice(0, at), ...added, ...words.slice(at)];
}

/** Whether the words deploy what a config file says, and that file alone. */
export function deploysConfig({ command: [first = ""] }: Parsed, words: readonly string[]): boolean {
  return DEPLOYS.has(first) && !words.some((word) => ELSEWHERE.test(word));
}

/** Commands that print dots while they wait. */
const WAITS: ReadonlySet<string> = new Set([...DEPLOYS, "destroy", "down", "refresh", "import"]);
/** Commands that ask clouds: their output is a log of the engine, which quotes them. */
const ENGINE: ReadonlySet<string> = new Set([...WAITS, "watch"]);
/** Of `stack`: for people, with outputs of clouds and the subjects of commits. */
const LISTS: ReadonlySet<string> = new Set(["", "history", "ls"]);

export function asksClouds({ command: [first = ""] }: Parsed): boolean {
  return ENGINE.has(first);
}

/** Whether the output is for people, and so for a pipeline's log. The output of other commands is data. */
export function printsLog(parsed: Parsed, words: readonly string[]): boolean {
  const [first = "", second = ""] = parsed.command;
  if (first === "stack" && LISTS.has(second)) return !words.some((word) => /^(--json|-j)(=|$)/.test(word));
  return asksClouds(parsed);
}

/** Sub-commands of `stack` whose stack is a plain word, and which one. */
const STACK_BY_NAME: Readonly<Record<string, number>> = { init: 2, rm: 2, select: 2, migrate: 3 };

/** How a command meets the config of a local stack. */
type Handling = "config-file" | "own-project" | "nothing";

/**
 * Commands that read or write a stack's config file: most take `--config-file`; those that make or remove the file
 * itself do not, and run in the local stacks' own project.
 */
const HANDLING: Readonly<Record<string, Handling>> = {
  up: "config-file",
  update: "config-file",
  preview: "config-file",
  pre: "config-file",
  destroy: "config-file",
  down: "config-file",
  refresh: "config-file",
  import: "config-file",
  watch: "config-file",
  logs: "config-file",
  config: "config-file",
  "stack init": "own-project",
  "stack rm": "own-project",
  "stack rename": "own-project",
  "stack change-secrets-provider": "own-project",
};

export function handlingOf({ command: [first = "", second = ""], configFile }: Parsed): Handling {
  const handling = HANDLING[`${first} ${second}`] ?? HANDLING[first] ?? "nothing";
  return handling === "config-file" && configFile !== undefined ? "nothing" : handling;
}

/** Commands that make do with a stack that does not exist yet, and those that work on one in any case. */
const MAKES = ["up", "update", "preview", "pre", "refresh", "config", "import", "watch"];
const USES = [...MAKES, "destroy", "down", "cancel", "logs", "stack", "state"];

/** Whether a command works on a stack that may have to be made first: a fresh clone has none. */
export function needsStack({ command: [first = "", second] }: Parsed): boolean {
  return MAKES.includes(first) || (first === "stack" && second === "select");
}

/** Whether a command that names no stack means the one that is selected. */
export function meansSelectedStack({ command: [first = "", second], stack }: Parsed): boolean {
  return stack === undefined && USES.includes(first) && !["init", "ls", "select"].includes(second ?? "");
}

/** The words with what the local stack needs added, before a `--` if there is one. */
export function withLocalConfig(
  words: readonly string[],
  handling: Handling,
  local: { configFile: string; project: string },
): string[] {
  if (handling === "own-project") return ["-C", local.project, ...words];
  if (handling === "nothing") return [...words];
  const end = words.indexOf("--");
  const at = end < 0 ? words.length : end;
  return [...words.slice(0, at), "--config-file", local.configFile, ...words.slice(at)];
}
