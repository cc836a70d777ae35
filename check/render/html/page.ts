/** An HTML page of one file: no script, no network, light or dark as the reader's system. */
import { timeInWords } from "../../words.ts";
import { escapeMarkup } from "../escape.ts";
import { STYLE } from "./style.ts";

interface Head {
  title: string;
  generatedAt: string;
  /** CSS in addition to that of all pages. */
  style?: string;
}

/** @param parts HTML; empty ones are left out */
export function pageOf({ title, generatedAt, style = "" }: Head, parts: readonly string[]): string {
  const written = (all: readonly string[]) => all.filter((part) => part !== "").join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>
${written([STYLE, style])}
</style>
</head>
<body>
<header><h1>${escapeMarkup(title)}</h1></header>
<main>
${written(parts)}
</main>
<footer><p>Made by propiq-cache, ${escapeMarkup(timeInWords(generatedAt))}.</p></footer>
</body>
</html>
`;
}
