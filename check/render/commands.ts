/** The commands in a hint: to be copied, so no format may break or change them. */

/** Of characters that mean nothing in Markdown or HTML, as a stack's name may hold them; a comma ends it. */
export const COMMAND = "(?:npx |\\./)propiq-cache(?: [\\w.:/='+-]+)+";

/** Words for people and commands, in the order in which they stand there. */
export function wordsAndCommands(hint: string): { text: string; isCommand: boolean }[] {
  return hint
    .split(new RegExp(`(${COMMAND})`))
    .map((text, index) => ({ text, isCommand: index % 2 === 1 }))
    .filter(({ text }) => text !== "");
}
