import { type Format, ofCleaned, type Renderer } from "./renderer.ts";
import { renderText } from "./text.ts";

/** The renderer of a format. The text's is at hand; the others would cost a check that prints no more its time. */
export async function rendererOf(format: Format): Promise<Renderer> {
  if (format === "text") return ofCleaned(renderText);
  const { RENDERERS } = await import("./formats.ts");
  return RENDERERS[format];
}
