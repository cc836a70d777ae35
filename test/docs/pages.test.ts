/** The pages for people: found from the README, whole, and leading where they say. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { CODES } from "../../check/report.ts";
import { SYMPTOMS } from "../../scripts/docs/troubleshooting.ts";
import { documents } from "../support/documents/commands.ts";

const read = (path: string) => readFileSync(join(PROJECT_ROOT, path), "utf8");

/** As GitHub makes the name of a heading's anchor. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchorOf(heading));

const links = documents().flatMap((document) =>
  [...read(document).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = ""]) => link)
    .filter((link) => !/^https?:/.test(link))
    .map((link) => ({ document, link })),
);

describe("links", () => {
  it.each(links)("$document: $link leads somewhere", ({ document, link }) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? document : normalize(join(dirname(document), path));
    expect(existsSync(join(PROJECT_ROOT, target)), target).toBe(true);
    if (anchor !== undefined) expect(anchorsOf(read(target))).toContain(anchor);
  });

  it("lead from the README to every page", () => {
    const fromReadme = links.filter(({ document }) => document === "README.md").map(({ link }) => link);
    for (const page of documents().filter((document) => document !== "README.md"))
      expect(fromReadme).toContain(page);
  });
});

describe("troubleshooting", () => {
  it("has each code behind something that people see", () => {
    expect(new Set(Object.values(SYMPTOMS).flat())).toEqual(new Set(CODES));
  });

  it("marks each command as one", () => {
    const unmarked = read("docs/troubleshooting.md")
      .replace(/```[\s\S]*?```/g, "")
      .replace(/`[^`]*`/g, "");
    expect(unmarked).not.toMatch(/\b(npx|az [a-z]+|docker (logs|exec|system)|redis-cli)\b/);
  });
});
