/**
 * Text that is safe in every log. Whatever a step of a pipeline prints is searched for commands: GitHub obeys
 * `::name::` and `##[name]` (actions/runner, ActionCommand.cs), Azure Pipelines `##vso[…]` anywhere in a line. A reply
 * of a server, the name of a resource or an error of a cloud must never become such a command.
 */
declare const safe: unique symbol;
/** Only this module makes one: what prints takes no other text. */
export type SafeText = string & { readonly [safe]: true };

/** Characters of a foreign text that a message shows at most. */
const MOST = 200;
/** Characters of a whole message that are printed at most. */
const MOST_OF_A_MESSAGE = 20_000;

/** Control characters, separators of lines and paragraphs, marks that turn the direction of writing, no characters. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]+/gu;
/** The same, except for the line feeds and tabs of our own layout. */
const UNSAFE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;
/** The same, except for colours. */
const UNSAFE_IN_OUTPUT =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
  /(?![\n\t]|\u001b\[[\d;]*m)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;
/** Characters of a line that are held back until the line is complete. A longer line is broken. */
const MOST_HELD = 64 * 1024;

/**
 * A text that another party wrote (a server's reply, a certificate's name), fit for a message: without secrets, on one
 * line, without control characters and commands of pipelines, at most 200 characters.
 */
export function foreignText(text: string, redact: (text: string) => string, most = MOST): SafeText {
  // Twice: taking characters out may join the pieces of a secret.
  const clean = redact(redact(text).replace(UNSAFE, " ").replace(/\s+/g, " ").trim());
  // Before the cut: what defuses a command makes the text longer.
  const harmless = withoutCommands(clean.slice(0, most * 2 + 2));
  const characters = [...harmless];
  return characters.length <= most ? harmless : (`${characters.slice(0, most - 1).join("")}…` as SafeText);
}

/** A whole message of ours, which may quote foreign texts: its lines stay lines. Colours are lost. */
export function safeLines(text: string): SafeText {
  const cut = text.length <= MOST_OF_A_MESSAGE ? text : `${text.slice(0, MOST_OF_A_MESSAGE - 1)}…`;
  return withoutCommands(cut.replace(/\r\n/g, "\n").replace(UNSAFE_IN_LINES, " "));
}

/**
 * The output of another program, such as Pulumi, which quotes the errors of clouds. A line is judged as a whole, since a
 * command may arrive in two chunks. What cannot be a part of a command, such as the dots of progress, is passed on at
 * once.
 */
export function screenOutput(write: (text: SafeText) => void): { add(chunk: string): void; end(): void } {
  let held = "";
  const pass = (text: string) => {
    if (text !== "") write(withoutCommands(text.replace(/\r\n/g, "\n").replace(UNSAFE_IN_OUTPUT, " ")));
  };
  return {
    add(chunk) {
      held += chunk;
      const lines = held.lastIndexOf("\n") + 1;
      const isHarmless = !/[#:\r]/.test(held.slice(lines));
      const ready = isHarmless ? held.length : lines;
      pass(held.slice(0, ready));
      held = held.slice(ready);
      if (held.length <= MOST_HELD) return;
      pass(`${held}\n`);
      held = "";
    },
    end() {
      pass(held);
      held = "";
    },
  };
}

/**
 * Defuses what pipelines obey, also with characters in between that a comparison of texts ignores (`\p{M}`, `\p{DI}`). The
 * URNs of Pulumi, which hold `::`, stay as they are: they never begin a line.
 */
export function withoutCommands(text: string): SafeText {
  return text
    .replace(
      /(?<!urn:pulumi:\S{0,300}):[\p{M}\p{DI}]*:(?=[\p{M}\p{DI}]*[a-z][\w\p{M}\p{DI}-]*(?:[ \t][^\n]*?)?:[\p{M}\p{DI}]*:)/giu,
      ": :",
    )
    .replace(/#(?=[\p{M}\p{DI}]*#[\w\p{M}\p{DI}]*\[)/gu, "# ") as SafeText;
}
