import { describe, expect, it } from "vitest";
import { commandsIn } from "./commands.ts";

const fence = "`".repeat(3);
const texts = (text: string) => commandsIn("a.md", text).map(({ text: command }) => command);

describe("the commands of a document", () => {
  it("are the statements of its sh blocks, however many lines each takes", () => {
    const text = `# A\n\n${fence}sh\nfor X in a b; do\n  echo "$X"\ndone\n# a comment\none \\\n  two\n${fence}\n`;
    expect(texts(text)).toEqual(['for X in a b; do\n  echo "$X"\ndone', "one \\\n  two"]);
  });

  it("know where they stand, in lists too", () => {
    const text = `# A\n\n1. First:\n\n   ${fence}sh\n   az login   # once\n   ${fence}\n\n## B\n\nthen \`./propiq-cache\ndev\`.\n`;
    expect(commandsIn("a.md", text)).toEqual([
      { document: "a.md", heading: "A", line: 6, kind: "block", text: "az login   # once" },
      { document: "a.md", heading: "B", line: 11, kind: "inline", text: "./propiq-cache dev" },
    ]);
  });

  it("are not names, keys, values, or code in another language", () => {
    const text = `\`dev\`, \`azure.adopt\`, \`npx\`, \`up --json\`\n\n${fence}ts\nnpx();\n${fence}\n`;
    expect(texts(text)).toEqual([]);
  });

  it("are refused where a user could not type them", () => {
    expect(() => texts(`${fence}\nnpm ci\n${fence}\n`)).toThrow("a.md:1: the block says no language");
    expect(() => texts(`${fence}sh\nif true\n${fence}\n`)).toThrow("a shell would not take");
  });
});
