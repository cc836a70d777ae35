/** All formats, loaded. */
import { type HistoryFormat, historyRendererOf } from "../../check/render/history.ts";
import { rendererOf } from "../../check/render/load.ts";
import type { Format, Renderer } from "../../check/render/renderer.ts";
import { FORMATS, HISTORY_FORMATS } from "../../scripts/commands/verify-options.ts";

async function loaded<Name extends string, Loaded>(
  names: readonly Name[],
  load: (name: Name) => Promise<Loaded>,
): Promise<Readonly<Record<Name, Loaded>>> {
  const entries = await Promise.all(names.map(async (name) => [name, await load(name)] as const));
  return Object.fromEntries(entries) as Record<Name, Loaded>;
}

export const RENDERERS = await loaded<Format, Renderer>(FORMATS, rendererOf);
export const HISTORY_RENDERERS = await loaded<HistoryFormat, Awaited<ReturnType<typeof historyRendererOf>>>(
  HISTORY_FORMATS,
  historyRendererOf,
);
