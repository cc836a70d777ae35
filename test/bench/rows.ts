/** The bench's rows: what is measured, against what, and how far apart the two may be. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { freePort } from "../../rehearsal/ports.ts";
import { ensureRedisServer } from "../../toolchain/redis-server.ts";
import { appRows } from "./app.ts";
import { PING } from "./baselines.ts";
import { checkRows } from "./check.ts";
import { timed } from "./command.ts";
import { PREVIEW, run, UP } from "./environment.ts";
import { both, bothEdited, FEW_EDITS } from "./pairs.ts";
import { pluginStart } from "./plugin-start.ts";
import { pythonRows } from "./python.ts";
import { redisToFirstPong } from "./redis-by-hand.ts";
import type { Part, Row, Sides } from "./row.ts";
import { commandRows } from "./rows-commands.ts";
import { prodRows } from "./rows-prod.ts";
import type { Workshop } from "./workshop.ts";

/** @param hasDocker whether the row against the usual template can have a container on both sides */
export function rowsOf(workshop: Workshop, hasDocker: boolean): Row[] {
  const { native, dev, empty, template } = workshop;
  const local = hasDocker ? "dev" : "native";
  const against = "empty program";
  const pluginStartPart = dockerPluginStart(workshop);
  return [
    { name: "preview of native", against, goal: 1.25, prepare: () => both(PREVIEW, native, empty) },
    {
      name: "preview of dev",
      against,
      goal: 1.4,
      prepare: () => both(PREVIEW, dev, empty, [pluginStartPart]),
    },
    { name: "no-change up of native", against, goal: 1.2, prepare: () => both(UP, native, empty) },
    {
      name: "no-change up of dev",
      against,
      goal: 1.4,
      prepare: () => both(UP, dev, empty, [pluginStartPart]),
    },
    {
      // As after every edit, and on every new runner: ts-node keeps what it compiled of an unchanged program.
      name: `preview of ${local}, edited`,
      against: "usual template, edited",
      goal: 0.35,
      ...FEW_EDITS,
      prepare: () => bothEdited(workshop[local], () => template(hasDocker ? "docker" : "external")),
    },
    {
      name: "dev from nothing",
      against: "empty up + Redis by hand",
      goal: 1.5,
      // Longer than the others, in which single delays weigh less.
      rounds: 5,
      prepare: () => fromNothing(workshop),
    },
    { name: "verify", against: "script that PINGs", goal: 1.6, prepare: () => onePing(workshop) },
    ...checkRows(workshop),
    ...prodRows(workshop),
    ...commandRows(workshop),
    ...appRows(),
    ...pythonRows(),
  ];
}

/** The engine starts the plugin and waits for it, whatever wrote the program. */
const dockerPluginStart = ({ plugins }: Workshop): Part => ({
  what: "start of the docker plugin",
  apart: true,
  run: pluginStart(plugins.docker),
});

/** `dev` until the cache is proven, against what it cannot do without: an update, and a Redis that answers. */
async function fromNothing({ nothing, empty, env }: Workshop): Promise<Sides> {
  const [copy, program, port] = [await nothing(), await empty(), await freePort()];
  const { bin } = await ensureRedisServer({ install: "no", say: () => {}, env });
  const down = copy.propiqCache("dev", "--down");
  await run(copy.propiqCache("pulumi", "config", "set", "port", String(port), "--stack", "native"));
  const dev: Part = {
    what: "propiq-cache dev",
    run: async (onStart) => {
      await run(down);
      return await timed(copy.propiqCache("dev"))(onStart);
    },
  };
  const init: Part = {
    what: "pulumi stack init",
    run: async (onStart) => {
      await program.forget();
      return await timed(program.pulumi("stack", "init"))(onStart);
    },
  };
  const up: Part = { what: "pulumi up", run: timed(program.pulumi(...UP)) };
  const redis: Part = { what: "redis-server to PONG", run: redisToFirstPong(bin, await freePort()) };
  return { ours: [dev], baseline: [init, up, redis] };
}

/** Whole processes, from their start to their exit. */
async function onePing({ native, env }: Workshop): Promise<Sides> {
  const copy = await native();
  const { REDIS_URL } = parseEnv(await readFile(join(copy.root, ".env"), "utf8"));
  const ping = timed({ words: [process.execPath, PING], cwd: copy.root, env: { ...env, REDIS_URL } });
  return {
    ours: [{ what: "verify", run: timed(copy.propiqCache("verify", "--env-file", ".env")) }],
    baseline: [{ what: "ping", run: ping }],
  };
}
