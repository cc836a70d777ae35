/** Rows of commands of ours beside the least that does something comparable. */
import { appendFile, copyFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_ROOT } from "../../base/paths.ts";
import { FAULTS } from "../../rehearsal/drill/faults.ts";
import type { Prod } from "./clouds.ts";
import { type Command, timed } from "./command.ts";
import { UP } from "./environment.ts";
import type { Part, Row, Sides } from "./row.ts";
import type { Workshop } from "./workshop.ts";

/** Wrong words and wrong config end with this exit code. */
const REFUSED = 2;

/** After the previews of stack prod, which these rows change. */
export function commandRows(workshop: Workshop): Row[] {
  const { prod } = workshop;
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
          // In a file of its own: other rows use the copy, too.
          const wrong = join(copy.root, "wrong.yaml");
          await copyFile(join(copy.root, "Pulumi.prod.yaml"), wrong);
          await appendFile(wrong, "  propiq-cache:prt: 6379\n");
          return copy.propiqCache("pulumi", "up", "--stack", "prod", "--yes", "--config-file", wrong);
        }),
    },
    {
      name: "incident",
      against: "verify --app",
      goal: 3,
      rounds: 3,
      prepare: async () => {
        const copy = await prod("azure-c0");
        const ours = timed(copy.propiqCache("incident", "--stack", "prod"));
        const verify = timed(copy.propiqCache("verify", "--stack", "prod", "--app"));
        return { ours: [{ what: "incident", run: ours }], baseline: [{ what: "verify", run: verify }] };
      },
    },
    {
      name: "rotate",
      against: "up that changes a setting",
      goal: 2.5,
      ...LONG,
      prepare: async () => {
        const copy = await prod("azure-c0");
        const ours = timed(copy.propiqCache("rotate", "--stack", "prod", "--yes"));
        return { ours: [{ what: "rotate", run: ours }], baseline: [changedSetting(copy)] };
      },
    },
    {
      name: "rehearse",
      against: "five minutes",
      goal: 1,
      ...LONG,
      prepare: (isShort) => rehearsal(workshop, isShort),
    },
    {
      name: "drill, 3 s for each fault",
      against: "three minutes for faults of 10 s",
      goal: 1,
      ...LONG,
      prepare: (isShort) => drill(workshop, isShort),
    },
  ];
}

/** They take so long that single delays weigh little. */
const LONG = { rounds: 1, fresh: true } as const;

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

function changedSetting(stack: Prod): Part {
  const up = timed(stack.pulumi(...UP));
  let seconds = 60;
  return {
    what: "pulumi up",
    run: async (onStart) => {
      seconds += 1;
      await stack.set("--path", "propiq-cache:ttl.short", String(seconds));
      return await up(onStart);
    },
  };
}

async function rehearsal({ nothing }: Workshop, isShort: boolean): Promise<Sides> {
  const copy = await nothing();
  const words = isShort ? ["--plans", "upstash-free", "--fail-at", "preflight"] : [];
  return {
    ours: [{ what: "rehearse", run: timed(copy.propiqCache("rehearse", ...words)) }],
    baseline: [limit(5 * 60_000)],
  };
}

/** What is left of three minutes where each fault is shorter. */
const SHORTER_S = 7;
const LIMIT_MS = 1000 * (180 - SHORTER_S * FAULTS.length);

async function drill({ nothing }: Workshop, isShort: boolean): Promise<Sides> {
  const copy = await nothing();
  const words = isShort ? ["--faults", "down", "--fault-seconds", "1"] : ["--fault-seconds", "3"];
  const app = [process.execPath, join(PROJECT_ROOT, "examples", "app", "server.ts")];
  return {
    ours: [{ what: "drill", run: timed(copy.propiqCache("drill", ...words, "--", ...app)) }],
    baseline: [limit(LIMIT_MS)],
  };
}

const limit = (ms: number): Part => ({ what: "the limit", run: async () => ms });
