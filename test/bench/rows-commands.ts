/** Rows of commands of ours beside the least that does something comparable. */
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { type Command, timed } from "./command.ts";
import type { Row, Sides } from "./row.ts";
import type { Workshop } from "./workshop.ts";

/** Wrong words and wrong config end with this exit code. */
const REFUSED = 2;

export function commandRows(workshop: Workshop): Row[] {
  return [
    {
      name: "refusal of wrong words",
      against: "empty Node program",
      goal: 4,
      prepare: () => refusal(workshop, (copy) => copy.propiqCache("verify", "--stak", "prod")),
    },
    {
      name: "refusal of wrong config",
      against: "empty Node program",
      goal: 4,
      prepare: () =>
        refusal(workshop, async (copy) => {
          await appendFile(join(copy.root, "Pulumi.prod.yaml"), "  propiq-cache:prt: 6379\n");
          return copy.propiqCache("pulumi", "up", "--stack", "prod", "--yes");
        }),
    },
  ];
}

type Nothing = Awaited<ReturnType<Workshop["nothing"]>>;

async function refusal(
  workshop: Workshop,
  refused: (copy: Nothing) => Command | Promise<Command>,
): Promise<Sides> {
  const copy = await workshop.nothing();
  const empty: Command = { words: [process.execPath, "--eval", ""], cwd: copy.root, env: workshop.env };
  return {
    ours: [{ what: "refusal", run: timed(await refused(copy), REFUSED) }],
    baseline: [{ what: "node", run: timed(empty) }],
  };
}
