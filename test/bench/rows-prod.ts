/** Rows of production: stack `prod` in the clouds, which answer at once here. */
import { timed } from "./command.ts";
import { PREVIEW, UP } from "./environment.ts";
import { both, bothEdited, FEW_EDITS } from "./pairs.ts";
import type { Part, Row, Sides } from "./row.ts";
import type { Workshop } from "./workshop.ts";

export function prodRows(workshop: Workshop): Row[] {
  const { prod, empty, template } = workshop;
  const against = "empty program";
  const edited = "usual template, edited";
  return [
    {
      name: "preview of prod on Upstash",
      against,
      goal: 1.5,
      prepare: () => both(PREVIEW, () => prod("upstash-free"), empty),
    },
    {
      name: "preview of prod on Azure",
      against,
      goal: 1.6,
      prepare: () => both(PREVIEW, () => prod("azure-c0"), empty),
    },
    {
      name: "preview of prod on Upstash, edited",
      against: edited,
      goal: 0.45,
      ...FEW_EDITS,
      prepare: () =>
        bothEdited(
          () => prod("upstash-free"),
          () => template("upstash"),
        ),
    },
    {
      name: "preview of prod on Azure, edited",
      against: edited,
      goal: 0.45,
      ...FEW_EDITS,
      prepare: () =>
        bothEdited(
          () => prod("azure-c0"),
          () => template("azure"),
        ),
    },
    {
      name: "change of plan",
      against: "no-change up + the app's restart",
      goal: 1.6,
      // Mostly pauses of a set length.
      rounds: 3,
      prepare: () => planChange(workshop),
    },
  ];
}

/** Milliseconds that an app has to answer well from its new settings before they count as seen. */
const SEEN_MS = 3000;

/** After the previews of this stack, whose plan it changes. From one plan to another and back, without drainSeconds: what is left over beside the cloud's own operations. */
async function planChange({ prod }: Workshop): Promise<Sides> {
  const stack = await prod("azure-c0");
  const up = timed(stack.pulumi(...UP));
  let plan: "azure-c0" | "azure-managed-b0" = "azure-c0";
  const change: Part = {
    what: "pulumi up with another plan",
    run: async (onStart) => {
      plan = plan === "azure-c0" ? "azure-managed-b0" : "azure-c0";
      await stack.set("plan", plan);
      return await up(onStart);
    },
  };
  const seen: Part = { what: "the app is seen", run: async () => SEEN_MS };
  return { ours: [change], baseline: [{ what: "pulumi up", run: up }, seen] };
}
