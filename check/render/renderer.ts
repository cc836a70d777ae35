import type { HistoryPage } from "../history/page.ts";
import type { ReportSet } from "../report.ts";
import { cleaned } from "./clean.ts";

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

/** No format shows a foreign text as it came, whatever made the report. */
export function ofCleaned(render: Renderer): Renderer {
  return (set, options) =>
    render(
      cleaned(set),
      options.history === undefined ? options : { ...options, history: cleaned(options.history) },
    );
}
