/**
 * `off` and `on`: whether the stack's apps use their cache, at once, without an update and in any state of the cache.
 * The stack's config says the same afterwards, so the next update has nothing to change.
 */
import { advice, followedBy, together } from "../../base/advice.ts";
import { webapp } from "../../base/azure-cli.ts";
import { type Command, propiq, pulumi, setConfig } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import type { Report, ReportSet } from "../../check/report.ts";
import { reportSet } from "../../check/report-set.ts";
import { CATALOGUE } from "../../infra/plans/catalogue.ts";
import { memoryLimitMb, type Settings } from "../../infra/settings/settings.ts";
import type { Note } from "../result.ts";
import { changeStackConfig } from "../stacks/config-edit.ts";
import { readStackConfig, type StackConfig } from "../stacks/config-file.ts";
import { distinctTargets, type Held, type Place, placesOf, type Written } from "./places.ts";

export interface SwitchResult {
  exitCode: number;
  notes: readonly Note[];
  /** What the check found, where it kept the switch from being made. */
  report?: ReportSet;
}

const command = (enabled: boolean, stack: string): Command =>
  propiq(enabled ? "on" : "off", "--stack", stack);

/** Sends nothing to the cache, and reads none of its keys. */
export async function switchOff(stack: string): Promise<SwitchResult> {
  const config = await readStackConfig(stack);
  const notes = await switchAll(config, await reachable(config, false), false);
  return { exitCode: 0, notes: [...notes, lastNote(config, false)] };
}

/** Nothing is changed where the cache does not work. */
export async function switchOn(stack: string): Promise<SwitchResult> {
  const config = await readStackConfig(stack);
  refuseProofByApp(config);
  const places = await reachable(config, true);
  if (places.failed.length > 0) throw notAll(places.failed, config, true, "nothing");
  const held = places.read.map((each) => each.held);
  const proof = config.settings.proof.mode === "direct" ? await prove(config, held) : { notes: [] };
  if (proof.report !== undefined) return { exitCode: EXIT.no, ...proof };
  const notes = await switchAll(config, places, true);
  return { exitCode: 0, notes: [...proof.notes, ...notes, lastNote(config, true)] };
}

interface Failure {
  place: Place;
  error: PropiqError;
}
interface Read {
  place: Place;
  held: Held;
}
interface Done extends Read {
  written: Written;
}
interface Reachable {
  read: readonly Read[];
  failed: readonly Failure[];
}

/** Each for itself. @throws PropiqError where none can be read: then nothing was changed, in the config neither */
async function reachable(config: StackConfig, enabled: boolean): Promise<Reachable> {
  const outcomes = await Promise.all(
    placesOf(config).map(async (place): Promise<Read | Failure> => {
      try {
        return { place, held: await place.read() };
      } catch (error) {
        if (!(error instanceof PropiqError)) throw error;
        return { place, error };
      }
    }),
  );
  const read = outcomes.flatMap((each) => ("held" in each ? [each] : []));
  const failed = outcomes.flatMap((each) => ("error" in each ? [each] : []));
  if (read.length === 0 && failed.length > 0) throw notAll(failed, config, enabled, "nothing");
  return { read, failed };
}

/** The config changes only where at least one place was written. @throws PropiqError where not all of them were */
async function switchAll(
  config: StackConfig,
  { read, failed }: Reachable,
  enabled: boolean,
): Promise<Note[]> {
  const outcomes = await Promise.all(
    read.map(async ({ place, held }): Promise<Done | Failure> => {
      try {
        return { place, held, written: await place.write(enabled) };
      } catch (error) {
        if (!(error instanceof PropiqError)) throw error;
        return { place, error };
      }
    }),
  );
  const failures = [...failed, ...outcomes.flatMap((each) => ("error" in each ? [each] : []))];
  const done = outcomes.flatMap((each) => ("written" in each ? [each] : []));
  if (done.length === 0 && failures.length > 0) throw notAll(failures, config, enabled, "nothing");
  const recorded = await record(config, enabled);
  const notes = [
    ...recorded,
    ...done.map(({ place, held, written }) => noteOf(place, held, written, enabled)),
  ];
  if (failures.length === 0) return notes;
  throw notAll(failures, config, enabled, notes);
}

async function record({ stack, file, settings }: StackConfig, enabled: boolean): Promise<Note[]> {
  if (settings.enabled === enabled) return [];
  // `true` is the default: `off` and then `on` leave the file as it was.
  await changeStackConfig(stack, [{ path: ["enabled"], ...(enabled ? {} : { value: false }) }]);
  return [{ status: "pass", say: `${file}: enabled is ${enabled} from now on. Commit that change.` }];
}

const WORDS: Readonly<Record<Written, (enabled: boolean, restarts: string) => string>> = {
  written: (enabled, restarts) => `REDIS_ENABLED=${enabled} is written. ${restarts}`,
  already: (enabled) => `REDIS_ENABLED is ${enabled} already. Nothing was written, nothing restarts.`,
  unwired: (enabled) => `not wired by this stack yet. The next update writes REDIS_ENABLED=${enabled}.`,
};

function noteOf({ label, restarts }: Place, { stopped }: Held, written: Written, enabled: boolean): Note {
  if (stopped === undefined) return { status: "pass", say: `${label}: ${WORDS[written](enabled, restarts)}` };
  return {
    status: "warn",
    say: `${label}: ${WORDS[written](enabled, "The app is stopped, so nothing restarts.")}${written === "written" ? "" : " The app is stopped."}`,
    advice: advice("Users get no answer until the app is started.", webapp(["start"], stopped)),
  };
}

const NEXT_UP = {
  plain: "The next update records it; it writes nothing and restarts nothing.",
  vault: "The next update writes the references to the Key Vault again, and the app restarts once more.",
} as const;

function nextUp({ apps }: Settings): string {
  return NEXT_UP[apps.some(({ keyVault, manage }) => manage && keyVault !== undefined) ? "vault" : "plain"];
}

function lastNote({ stack, settings }: StackConfig, enabled: boolean): Note {
  const next = nextUp(settings);
  if (!enabled) {
    const back = advice("To use the cache again, once it works.", command(true, stack));
    return { status: "pass", say: `The cache is disabled. The apps run without it. ${next}`, advice: back };
  }
  const ofApps = settings.apps.some(({ manage }) => manage) ? ["--app"] : [];
  return {
    status: "pass",
    say: `The cache is enabled. ${next}`,
    advice: advice("Check that the apps use it.", propiq("verify", "--stack", stack, ...ofApps)),
  };
}

interface Proof {
  notes: Note[];
  /** Present where the cache does not work. */
  report?: ReportSet;
}

/** Checks the cache with the settings that the apps have. */
async function prove(config: StackConfig, held: readonly Held[]): Promise<Proof> {
  const { stack, settings } = config;
  const targets = await targetsOf(config, held);
  const { checkCache } = await import("../../check/check.ts");
  const { provider } = CATALOGUE[settings.plan];
  const memoryMb = memoryLimitMb(settings);
  const reports = await Promise.all(
    targets.map((target) =>
      checkCache({
        ...{ enabled: true, target, stack, provider, plan: settings.plan, expect: settings.expect },
        ...(memoryMb === null ? {} : { memoryLimitMb: memoryMb }),
        again: command(true, stack),
      }),
    ),
  );
  const isOff = held.every(({ ours }) => ours["REDIS_ENABLED"] === "false");
  const set = reportSet(isOff ? reports.map(withoutImpact) : reports, new Date());
  if (set.verdict === "failed") return { notes: [unproven(stack)], report: set };
  if (reports.length === 0) return { notes: [] };
  const where = reports.map(({ endpoint }) => endpoint).join(" and ");
  return { notes: [{ status: "pass", say: `The cache answers at ${where}.` }] };
}

/** No app uses the cache, so what it does wrong reaches no user. */
function withoutImpact({ now: _, ...report }: Report): Report {
  return { ...report, impact: "none" };
}

function unproven(stack: string): Note {
  return {
    status: "fail",
    say: "Nothing was changed: the apps run without a cache.",
    advice: advice("Fix the cache first.", command(true, stack)),
  };
}

async function targetsOf({ stack }: StackConfig, held: readonly Held[]) {
  if (!held.some(({ sealed }) => sealed)) return distinctTargets(held.map(({ ours }) => ours));
  // The app has references to a vault. The state has the values.
  const { stackOutputs } = await import("../stacks/outputs.ts");
  const { settings = {} } = await stackOutputs(stack);
  return distinctTargets([settings, ...held.filter(({ sealed }) => !sealed).map(({ ours }) => ours)]);
}

/** Such a cache is not reachable from here: the update writes, asks the app, and restores what was there. */
function refuseProofByApp({ stack, settings }: StackConfig): void {
  if (settings.proof.mode !== "app") return;
  throw new PropiqError(
    "This stack's cache is proven by the app itself (proof.mode is app). An update does that in one step: it writes the settings, waits for the app, and restores the earlier settings if the app does not connect.",
    { code: "PROOF_BY_APP", next: advice("", setConfig(stack, "enabled", "true"), pulumi(stack, "up")) },
  );
}

/** @param done what was changed */
function notAll(
  failed: readonly Failure[],
  { stack, file }: StackConfig,
  enabled: boolean,
  done: "nothing" | readonly Note[],
): PropiqError {
  const reasons = failed.map(({ place, error }) => `${place.label}: ${error.message}`);
  const rest =
    done === "nothing"
      ? `Nothing was changed; ${file} does not say ${enabled ? "on" : "off"}.`
      : `The other places are ${enabled ? "enabled" : "disabled"}, and ${file} says so:\n${done.map(({ say }) => say).join("\n")}`;
  const next = together(failed.map(({ error }) => error.next));
  return new PropiqError([...reasons, rest].join("\n"), {
    code: "SWITCH_INCOMPLETE",
    next: followedBy(next, command(enabled, stack)),
  });
}
