import type { HistoryPage } from "../history/page.ts";
import type { ReportSet } from "../report.ts";
import { cleaned } from "./clean.ts";
import { renderHtml } from "./html/document.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderOpenmetrics } from "./openmetrics.ts";
import { renderText } from "./text.ts";

export type Format = "text" | "json" | "junit" | "markdown" | "html" | "openmetrics";

export interface RenderOptions {
  /** ANSI colours, in text. */
  color: boolean;
  /** Columns, of text. */
  width: number;
  /** For formats with charts. */
  history?: HistoryPage;
}
/** A view of the report: nothing is decided in it. The result ends with a line feed. */
export type Renderer = (set: ReportSet, options: RenderOptions) => string;

export const RENDERERS: Readonly<Record<Format, Renderer>> = {
  text: ofCleaned(renderText),
  json: ofCleaned(renderJson),
  junit: ofCleaned(renderJunit),
  markdown: ofCleaned(renderMarkdown),
  html: ofCleaned((set, { history }) => renderHtml(set, history && cleaned(history))),
  openmetrics: ofCleaned(renderOpenmetrics),
};

/** Whoever made the report, and from whatever: no format shows a text as it came. */
function ofCleaned(render: Renderer): Renderer {
  return (set, options) => render(cleaned(set), options);
}
