/** The formats of a drill's report. */
import { cleaned } from "../../../check/render/clean.ts";
import type { DrillFormat } from "../faults.ts";
import type { DrillReport } from "../report.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderText } from "./text.ts";

export interface RenderOptions {
  /** ANSI colours, in text. */
  color: boolean;
  /** Columns, of text. */
  width: number;
}

const RENDERERS: Readonly<Record<DrillFormat, (report: DrillReport, options: RenderOptions) => string>> = {
  text: renderText,
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: renderJunit,
  markdown: renderMarkdown,
};

/** The report in a format; it ends with a line feed. Texts of the app are made harmless first. */
export function render(report: DrillReport, format: DrillFormat, options: RenderOptions): string {
  return RENDERERS[format](cleaned(report), options);
}
