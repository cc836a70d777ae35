import { type Format, ofCleaned, type Renderer } from "./renderer.ts";
import { renderText } from "./text.ts";

/** The text's is at hand; each other is loaded when it is asked for, since a check that prints none would pay for it. */
const LOADERS: Readonly<Record<Format, () => Promise<Renderer>>> = {
  text: async () => renderText,
  json: async () => (await import("./json.ts")).renderJson,
  junit: async () => (await import("./junit.ts")).renderJunit,
  markdown: async () => (await import("./markdown.ts")).renderMarkdown,
  html: async () => (await import("./html/document.ts")).renderHtml,
  openmetrics: async () => (await import("./openmetrics.ts")).renderOpenmetrics,
};

/** The renderer of a format. */
export async function rendererOf(format: Format): Promise<Renderer> {
  return ofCleaned(await LOADERS[format]());
}
