/** Columns of a text: those of the terminal within limits that can be read. */
export function columnsFor(width: number): number {
  return Math.max(40, Math.min(width, 120));
}

/**
 * Breaks a text into lines between its words. A word that is longer than a line stays whole.
 * @param columns width of a line, indentation included
 * @param indent spaces before each line
 */
export function wrap(text: string, columns: number, indent: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (word === "") continue;
    if (line !== "" && indent + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  if (line !== "") lines.push(line);
  return lines.map((each) => " ".repeat(indent) + each);
}
