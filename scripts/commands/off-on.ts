/**
 * `off` and `on`: whether the stack's apps use their cache, at once, without an update and whatever the cache is doing.
 * The stack's config says the same afterwards, so the next update finds all as it wants it.
 */

import { EXIT, PropiqError } from "../../base/errors.ts";
import type { Report } from "../../check/report.ts";
import { reportSet } from "../../check/report-set.ts";
import { CATALOGUE } from "../../infra/plans/catalogue.ts";
import { memoryLimitMb, type Settings } from "../../infra/settings/settings.ts";
import { changeStackConfig, readStackConfig, type StackConfig } from "../../operations/stacks/config-file.ts";
import { type Held, type Place, placesOf, type Switched } from "./off-on-places.ts";
import { terminal } from "./output.ts";

interface SwitchOptions {
  stack: string;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Reads no key of the cache, and asks nothing of it. */
export async function off({ stack }: SwitchOptions): Promise<number> {
  const config = await readStackConfig(stack);
  await record(config, false);
  const failed = await switchAll(placesOf(config), false);
  if (failed.length > 0) throw notAll(failed, config, "off");
  say("");
  say(`The cache is off; the apps go on without it. ${NEXT_UP[kindOf(config.settings)]}`);
  say(`On again, once it works: npx propiq-cache on --stack ${stack}`);
  return 0;
}

/** @returns 1 where the cache does not work; then nothing was changed */
export async function on({ stack }: SwitchOptions): Promise<number> {
  const config = await readStackConfig(stack);
  refuseProofByApp(config);
  const places = placesOf(config);
  const held = await Promise.all(places.map((place) => place.read()));
  if (config.settings.proof.mode === "direct" && !(await proven(config, held))) return EXIT.no;
  await record(config, true);
  const failed = await switchAll(places, true);
  if (failed.length > 0) throw notAll(failed, config, "on");
  say("");
  say(`The cache is on. ${NEXT_UP[kindOf(config.settings)]}`);
  const ofApps = config.settings.apps.some(({ manage }) => manage) ? " --app" : "";
  say(`Whether the apps use it: npx propiq-cache verify --stack ${stack}${ofApps}`);
  return 0;
}

const NEXT_UP = {
  plain: "The next update only takes note of it: it writes nothing, and restarts nothing.",
  vault:
    "The next update writes the references to the Key Vault once more, and the app restarts once more with them.",
} as const;

function kindOf({ apps }: Settings): keyof typeof NEXT_UP {
  return apps.some(({ keyVault, manage }) => manage && keyVault !== undefined) ? "vault" : "plain";
}

async function record({ stack, file, settings }: StackConfig, enabled: boolean): Promise<void> {
  if (settings.enabled === enabled) return;
  // On is the default: so that off and on leave the file as it was.
  await changeStackConfig(stack, [{ path: ["enabled"], ...(enabled ? {} : { value: false }) }]);
  say(`${file}: enabled is ${enabled} from now on; keep that change.`);
}

interface Failure {
  place: Place;
  error: PropiqError;
}

/** Each for itself: one app that cannot be written keeps no other from being switched. */
async function switchAll(places: readonly Place[], enabled: boolean): Promise<Failure[]> {
  const outcomes = await Promise.all(
    places.map(async (place): Promise<Failure | undefined> => {
      try {
        const done = await place.write(enabled);
        say(`${place.label}: ${WORDS[done](enabled, place)}`);
        return undefined;
      } catch (error) {
        if (!(error instanceof PropiqError)) throw error;
        return { place, error };
      }
    }),
  );
  return outcomes.filter((outcome) => outcome !== undefined);
}

const WORDS: Readonly<Record<Switched, (enabled: boolean, place: Place) => string>> = {
  written: (enabled, { restarts }) => `REDIS_ENABLED=${enabled} is written. ${restarts}`,
  already: (enabled) => `REDIS_ENABLED=${enabled} already. Nothing was written, nothing restarts.`,
  unwired: (enabled) => `not wired by this stack yet: the next update writes REDIS_ENABLED=${enabled}.`,
};

/** Through the very settings that the apps have. */
async function proven(config: StackConfig, held: readonly Held[]): Promise<boolean> {
  const { stack, settings } = config;
  const targets = await targetsOf(config, held);
  const [{ checkCache }, { rendererOf }] = await Promise.all([
    import("../../check/check.ts"),
    import("../../check/render/load.ts"),
  ]);
  const { provider } = CATALOGUE[settings.plan];
  const memoryMb = memoryLimitMb(settings);
  const reports: Report[] = await Promise.all(
    targets.map((target) =>
      checkCache({
        ...{ enabled: true, target, stack, provider, plan: settings.plan, expect: settings.expect },
        ...(memoryMb === null ? {} : { memoryLimitMb: memoryMb }),
      }),
    ),
  );
  if (reports.length === 0) return true;
  const set = reportSet(reports, new Date());
  if (set.verdict !== "failed") {
    say(`The cache answers at ${reports.map(({ endpoint }) => endpoint).join(" and ")}.`);
    return true;
  }
  process.stdout.write((await rendererOf("text"))(set, terminal()));
  say(
    `Nothing was changed: the apps go on without a cache. Mend that, then: npx propiq-cache on --stack ${stack}`,
  );
  return false;
}

async function targetsOf(config: StackConfig, held: readonly Held[]) {
  const { distinctTargets } = await import("./off-on-places.ts");
  if (!held.some(({ sealed }) => sealed)) return distinctTargets(held.map(({ ours }) => ours));
  // What the app has are references to a vault; the state has the values.
  const { stackOutputs } = await import("../../operations/stacks/outputs.ts");
  const { settings = {} } = await stackOutputs(config.stack);
  return distinctTargets([settings, ...held.filter(({ sealed }) => !sealed).map(({ ours }) => ours)]);
}

/** Such a cache is not to be reached from here; the update writes, looks whether the app is connected, and puts back. */
function refuseProofByApp({ stack, settings }: StackConfig): void {
  if (settings.proof.mode !== "app") return;
  throw new PropiqError(
    "This stack's cache is proven by the app itself (proof.mode is app), which an update does in one go: it writes, waits for the app, and puts back what was there if it does not connect.",
    {
      hint: `npx propiq-cache pulumi config set enabled true --stack ${stack}\nnpx propiq-cache pulumi up --stack ${stack}`,
    },
  );
}

function notAll(failed: readonly Failure[], { stack, file }: StackConfig, word: "off" | "on"): PropiqError {
  const lines = failed.map(({ place, error }) => `${place.label}: ${error.message}`);
  const hints = [...new Set(failed.map(({ error }) => error.hint))];
  const again = `npx propiq-cache ${word} --stack ${stack}`;
  const once = hints.every((hint) => hint.includes(again))
    ? []
    : [`Then once more, which is harmless: ${again}`];
  return new PropiqError(`${lines.join("\n")}\n${file} says ${word} all the same.`, {
    hint: [...hints, ...once].join("\n"),
  });
}
