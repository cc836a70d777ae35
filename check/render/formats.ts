import { cleaned } from "./clean.ts";
import { renderHtml } from "./html/document.ts";
import { renderJson } from "./json.ts";
import { renderJunit } from "./junit.ts";
import { renderMarkdown } from "./markdown.ts";
import { renderOpenmetrics } from "./openmetrics.ts";
import { type Format, ofCleaned, type Renderer } from "./renderer.ts";
import { renderText } from "./text.ts";

export const RENDERERS: Readonly<Record<Format, Renderer>> = {
  text: ofCleaned(renderText),
  json: ofCleaned(renderJson),
  junit: ofCleaned(renderJunit),
  markdown: ofCleaned(renderMarkdown),
  html: ofCleaned((set, { history }) => renderHtml(set, history && cleaned(history))),
  openmetrics: ofCleaned(renderOpenmetrics),
};
