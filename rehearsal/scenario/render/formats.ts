/** The formats of a rehearsal's report. */
import { cleaned } from "../../../check/render/clean.ts";
import type { RehearsalFormat } from "../options.ts";
import type { RehearsalReport } from "../report.ts";
import type { TextOptions } from "./text.ts";

export type RehearsalRenderer = (report: RehearsalReport, options: TextOptions) => string;

const LOADERS: Readonly<Record<RehearsalFormat, () => Promise<RehearsalRenderer>>> = {
  text: async () => (await import("./text.ts")).renderText,
  json: async () => (report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: async () => (await import("./junit.ts")).renderJunit,
  markdown: async () => (await import("./markdown.ts")).renderMarkdown,
  html: async () => (await import("./html.ts")).renderHtml,
};

/** Whatever a command printed, no format shows it as it came. */
export async function rendererOf(format: RehearsalFormat): Promise<RehearsalRenderer> {
  const render = await LOADERS[format]();
  return (report, options) => render(cleaned(report), options);
}
