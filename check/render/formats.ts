import type { ReportSet } from "../report.ts";
import { renderJson } from "./json.ts";
import { renderText } from "./text.ts";

export type Format = "text" | "json";

export interface RenderOptions {
  /** ANSI colours. */
  color: boolean;
  /** Columns. */
  width: number;
}
/** A view of the report: nothing is decided in it. The result ends with a line feed. */
export type Renderer = (set: ReportSet, options: RenderOptions) => string;

export const RENDERERS: Readonly<Record<Format, Renderer>> = { text: renderText, json: renderJson };
