/** What the bench measures: each thing is made when a row first asks for it, once, and all are removed at the end. */
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Plan } from "../../infra/plans/catalogue.ts";
import { installStandIn } from "../../rehearsal/plugins/install.ts";
import type { StandInName } from "../../rehearsal/plugins/stand-ins.ts";
import { ensurePulumi, type PulumiCli } from "../../toolchain/pulumi.ts";
import { importRedisImage, startDockerEngine, whyNoDockerEngine } from "../support/docker-engine.ts";
import { bringUpEmpty, bringUpTemplate, type Empty, type TemplatePlan } from "./baselines.ts";
import { bringUpProd, type Prod, startClouds } from "./clouds.ts";
import { bringUpOwn, type Copy, copyProject } from "./copies.ts";
import { type Environment, plainEnvironment, type Stack } from "./environment.ts";
import { CannotMeasure } from "./row.ts";

export interface Workshop {
  /** Goes away with the workshop. */
  folder: string;
  cli: PulumiCli;
  /** What runs outside of every stack. */
  env: Environment;
  /** The executable that the engine starts for a provider. */
  plugins: Readonly<Record<StandInName, string>>;
  native(): Promise<Copy & Stack>;
  /** @throws CannotMeasure where no Docker engine can be started; so does `template("docker")` */
  dev(): Promise<Copy & Stack>;
  /** A copy of the project in which nothing is up, on a machine without Docker. */
  nothing(): Promise<Copy>;
  empty(): Promise<Empty>;
  /** Stack `prod` on a plan, in emulated clouds of its own: two cannot be of one app. */
  prod(plan: Plan): Promise<Prod>;
  /** @param plan its cache */
  template(plan: TemplatePlan): Promise<Stack>;
  /** Called when the workshop closes, the last first. */
  atEnd: Tools["atEnd"];
  /** Takes everything away. */
  close(): Promise<void>;
}

/** What making one of them needs. */
export interface Tools {
  cli: PulumiCli;
  folder: string;
  say: (line: string) => void;
  /** Called at the end, the last first. */
  atEnd: (clear: () => Promise<void>) => void;
}

/** @throws PropiqError where there is no Pulumi CLI, with what to type */
export async function openWorkshop(say: (line: string) => void): Promise<Workshop> {
  const cli = await ensurePulumi({ install: "no", say, env: process.env });
  const clearing = new AsyncDisposableStack();
  const folder = await realpath(await mkdtemp(join(tmpdir(), "propiq-bench-")));
  clearing.defer(() => rm(folder, { recursive: true, force: true }));
  // What cannot be cleared away must keep neither the rest from it nor the figures from being shown.
  const leftBehind = (error: unknown) => say(`Not all could be cleared away: ${String(error)}`);
  const atEnd: Tools["atEnd"] = (clear) => clearing.defer(() => clear().catch(leftBehind));
  const tools: Tools = { cli, folder, say, atEnd };

  // A Pulumi home of the bench's own, with stand-ins for the real plugins, which would have to be downloaded.
  const home = join(folder, "pulumi-home");
  const plugins = {
    "azure-native": await installStandIn("azure-native", home),
    docker: await installStandIn("docker", home),
    upstash: await installStandIn("upstash", home),
  };
  const env: Environment = {
    ...plainEnvironment(),
    PULUMI_HOME: home,
    DOCKER_HOST: `unix://${folder}/no-engine.sock`,
  };
  const inDocker = once(async () => ({ ...env, DOCKER_HOST: await startDocker(tools) }));
  const clouds = once(() => startClouds(tools, env));
  const prods = new Map<Plan, Promise<Prod>>();
  const templates = {
    docker: once(async () => bringUpTemplate(tools, "docker", await inDocker())),
    external: once(() => bringUpTemplate(tools, "external", env)),
    upstash: once(async () => bringUpTemplate(tools, "upstash", (await clouds()).env)),
    azure: once(async () => bringUpTemplate(tools, "azure", (await clouds()).env)),
  };
  return {
    folder,
    cli,
    env,
    plugins,
    atEnd,
    native: once(() => bringUpOwn(tools, "native", env)),
    dev: once(async () => bringUpOwn(tools, "dev", await inDocker())),
    nothing: once(() => copyProject(tools, env)),
    empty: once(() => bringUpEmpty(tools, env)),
    prod: async (plan) => {
      const made =
        prods.get(plan) ?? startClouds(tools, env).then((clouds) => bringUpProd(tools, clouds, plan));
      prods.set(plan, made);
      return await made;
    },
    template: (plan) => templates[plan](),
    close: () => clearing.disposeAsync(),
  };
}

/** Why stack `dev` cannot be measured here, if so. */
export async function whyNoDocker(): Promise<string | undefined> {
  return await whyNoDockerEngine().catch((error: Error) => error.message);
}

/** @returns where it answers, as in DOCKER_HOST */
async function startDocker({ say, atEnd }: Tools): Promise<string> {
  const reason = await whyNoDocker();
  if (reason !== undefined) {
    throw new CannotMeasure(reason, {
      hint: "To have these rows too, as root on Linux: apt-get install docker.io iproute2 redis-server",
      excusable: true,
    });
  }
  say("starting a Docker engine of the bench's own");
  const { host, stop } = await startDockerEngine();
  atEnd(stop);
  await importRedisImage(host);
  return host;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
