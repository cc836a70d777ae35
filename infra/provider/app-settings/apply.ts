/**
 * Creating and updating: the settings are written, the app is seen on them, and only then does the update go on to
 * whatever depends on it, such as the end of the cache before. A step that fails puts back what was there.
 */
import type { Health } from "../../../check/app/health.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { FINGERPRINT_KEY } from "../../contract/table.ts";
import type { Operation } from "../protocol/resource.ts";
import { settingsBefore } from "./before.ts";
import { connectsToNew } from "./connection.ts";
import { changesCache, drain } from "./drain.ts";
import { decodeEarlier, EARLIER_KEY, ownerOf } from "./earlier.ts";
import { cancelled, stepFailed } from "./failure.ts";
import { type AppSettingsInputs, type AppSettingsOutputs, type AppSettingsState, heldBy } from "./inputs.ts";
import { awaitReferences, putSecrets, retireOrTell } from "./key-vault.ts";
import { foreignEdits, named, ownedKeys, putBack, sameSettings, takeOver } from "./merge.ts";
import { labelOf, openSession, redactorOf, type Session } from "./session.ts";
import { changeSticky, notSticky } from "./sticky.ts";
import { baselineOf, MOST_ROUNDS, watchApp } from "./watch.ts";
import {
  cannotProve,
  noIdentity,
  noSuchApp,
  notSeen,
  otherOwner,
  stopOnForeignEdits,
  swapWords,
  takenAway,
  takenOverWords,
} from "./words.ts";
import { stillWritten, writeMerged } from "./write.ts";

/** @param state of the last update; absent where the resource is new to the state (the app may know better) */
export async function applySettings(
  inputs: AppSettingsInputs,
  state: AppSettingsState | undefined,
  operation: Operation,
): Promise<{ id: string; outputs: AppSettingsOutputs }> {
  const work: Work = { inputs, state, operation, step: "signing in", sent: undefined };
  const label = labelOf(inputs);
  try {
    const session = await openSession(inputs, operation);
    if (session === undefined) throw noSuchApp(label, inputs.resourceGroup, inputs.subscriptionId);
    return { id: session.app.id, outputs: await writeAndWatch(session, work) };
  } catch (error) {
    if (operation.signal.aborted) throw cancelled(label, work.sent !== undefined, operation.stack);
    const aftermath = work.aftermath ?? "untouched";
    throw stepFailed(error, work.step, label, aftermath, operation.stack, redactorOf(inputs, state));
  }
}

/** What is known while the steps go by. */
interface Work {
  readonly inputs: AppSettingsInputs;
  readonly state: AppSettingsState | undefined;
  readonly operation: Operation;
  /** What is being done, to follow "failed while". */
  step: string;
  /** All settings as they were sent, or found as wanted. */
  sent: SettingMap | undefined;
  aftermath?: "untouched" | "put-back" | "written" | "put-back-failed";
}

async function writeAndWatch(session: Session, work: Work): Promise<AppSettingsOutputs> {
  const { app, arm, label, site } = session;
  const { inputs, state, operation } = work;
  const { signal } = operation;

  work.step = "reading the app's settings";
  operation.progress(`reading the settings of ${label}`);
  const first = await app.settings(signal);
  const known = state === undefined ? undefined : heldBy(state);
  const check = (current: SettingMap, wanted: SettingMap) => {
    refuseOtherOwner(current, { urn: operation.urn, before: state?.by }, label);
    stopOnForeignEdits(foreignEdits(current, known, wanted), {
      label,
      stack: operation.stack,
      urn: operation.urn,
    });
  };
  // Before a secret goes to the vault: with references the texts differ, and are judged again below.
  if (inputs.keyVault === undefined) check(first, inputs.settings);
  if (inputs.keyVault !== undefined && !site.hasIdentity) throw noIdentity(inputs, label);

  work.step = "putting secrets into the Key Vault";
  const references = await putSecrets(arm, inputs, signal);
  const wanted = { ...inputs.settings, ...references };
  check(first, wanted);
  const sticky = inputs.sticky ? await notSticky(app, [...ownedKeys(wanted), EARLIER_KEY], signal) : [];
  const merge = (current: SettingMap): SettingMap => {
    check(current, wanted);
    return takeOver(current, { wanted, by: operation.urn, at: app.id, earlier: state?.earlier, sticky });
  };
  const before = settingsBefore(app.id, first, wanted, { state, urn: operation.urn }, merge);

  work.step = "looking at the app's health";
  const isStopped = site.state.toLowerCase() === "stopped";
  const settled = known !== undefined && sameSettings(known, wanted) && sameSettings(first, merge(first));
  if (settled)
    return await finish(session, work, {
      references,
      sticky,
      outcome: state?.outcome ?? "unseen",
      after: first,
    });
  if (isStopped && inputs.proof !== undefined && isEnabled(inputs.settings))
    throw cannotProve(inputs, label, operation.stack);
  const baseline = isStopped ? undefined : await baselineOf(session.watched);
  announce(first, wanted, work, label);

  const resumed = before !== first;
  try {
    const { seen, after } = await rounds(session, work, { merge, references, baseline, resumed });
    // The cache before goes soon: an app that says nothing of itself is looked for on the new one.
    if (seen === "unseen" && changesCache(state?.settings ?? before, inputs.settings)) {
      work.step = "waiting for the app's connection on the new cache";
      await lookOnNewCache(work, label);
    }
    const outputs = await finish(session, work, { references, sticky, outcome: seen, after });
    await drain(state?.settings ?? before, inputs, operation, label);
    if (state !== undefined && state.keyVault !== inputs.keyVault)
      await retireOrTell(session, state, operation);
    return outputs;
  } catch (error) {
    if (!signal.aborted && work.sent !== undefined)
      work.aftermath = await undo(session, work, before, work.sent);
    throw error;
  }
}

interface Plan {
  merge: (current: SettingMap) => SettingMap;
  references: SettingMap;
  /** Absent: the app is stopped, and nobody can see anything of it. */
  baseline: Health | undefined;
  resumed: boolean;
}

/** Writes and watches until the settings are still there after the app was seen on them. */
async function rounds(
  session: Session,
  work: Work,
  plan: Plan,
): Promise<{ seen: AppSettingsOutputs["outcome"]; after: SettingMap }> {
  const { app, label } = session;
  const { inputs, operation } = work;
  const { signal } = operation;
  let seen: AppSettingsOutputs["outcome"] | undefined;
  for (let round = 0; ; round += 1) {
    work.step = "writing the app's settings";
    const target = {
      settings: app.settings,
      putSettings: (settings: SettingMap) => {
        operation.progress(`writing the settings of ${label}`);
        work.sent = settings;
        return app.putSettings(settings);
      },
    };
    const written = await writeMerged(target, plan.merge, { signal, onRetry: operation.progress });
    work.sent ??= written.after;
    if (seen !== undefined && written.puts === 0) return { seen, after: written.after };
    if (round === MOST_ROUNDS) throw takenAway(label);

    work.step = "waiting for Key Vault references to be resolved";
    await awaitReferences(app, plan.references, inputs, signal);
    work.step = "waiting for the app on its new settings";
    seen =
      plan.baseline === undefined
        ? stopped(work, label)
        : await see(session, work, { ...plan, baseline: plan.baseline });
  }
}

function stopped({ operation }: Work, label: string): "stopped" {
  operation.warn(
    `${label} is stopped: its settings are written, and nobody can see yet whether it works with them.`,
  );
  return "stopped";
}

/** @returns nothing where somebody has taken the settings away before the app was seen on them */
async function see(
  session: Session,
  { inputs, operation }: Work,
  { baseline, resumed, merge }: Plan & { baseline: Health },
): Promise<"seen" | "unseen" | undefined> {
  const proofSeconds = inputs.proof?.waitSeconds ?? 0;
  const judgement = await watchApp(
    session.watched,
    {
      fingerprint: inputs.settings[FINGERPRINT_KEY],
      enabled: isEnabled(inputs.settings),
      proof: inputs.proof !== undefined && isEnabled(inputs.settings),
      timeoutMs: (inputs.restartTimeoutSeconds + proofSeconds) * 1000,
      // An app that is down on settings of ours that nobody ever saw work is no measure.
      baseline: resumed ? atLeastAnswering(baseline) : baseline,
      offPatienceMs: Math.max(20, proofSeconds) * 1000,
    },
    (words, seconds) => operation.progress(`${session.label}: ${words} (${seconds} s)`),
    () => stillWritten(session.app, merge, operation.signal),
  );
  if (judgement.state === "overwritten") return undefined;
  if (judgement.state === "bad") throw notSeen(session.label, session.watched.url, inputs, judgement.words);
  if (judgement.state === "unseen") {
    operation.warn(
      `${session.label} answers as well as before, but could not be seen on its new settings: ${judgement.words}.`,
    );
  }
  return judgement.state;
}

function atLeastAnswering(baseline: Health): Health {
  const answers = baseline.answer !== "unhealthy" && baseline.answer !== "unreachable";
  return answers ? baseline : { answer: "refused", words: baseline.words };
}

function isEnabled(settings: SettingMap): boolean {
  return settings["REDIS_ENABLED"] !== "false";
}

async function lookOnNewCache({ inputs, operation }: Work, label: string): Promise<void> {
  const connects = await connectsToNew(inputs, operation, label);
  if (connects === true) return operation.progress(`${label} is connected to the new cache`);
  operation.warn(
    `${connects === false ? "Nobody has connected to the new cache" : "Who is on the new cache cannot be told from here"}: whether ${label} uses it is not known. The cache before goes all the same; have the app's health document echo PROPIQ_CACHE_FINGERPRINT to be sure next time.`,
  );
}

/** What comes after the app was seen: names that stay with their slot, and words about a swap. */
async function finish(
  { app, label }: Session,
  work: Work,
  found: {
    references: SettingMap;
    sticky: readonly string[];
    outcome: AppSettingsOutputs["outcome"];
    after: SettingMap;
  },
): Promise<AppSettingsOutputs> {
  const { inputs, operation } = work;
  const { signal } = operation;
  const earlier = decodeEarlier(found.after[EARLIER_KEY]);
  if (earlier === undefined) throw takenAway(label);
  work.step = "making the settings sticky";
  if (inputs.sticky) {
    await changeSticky(app, { add: [...ownedKeys(inputs.settings), EARLIER_KEY] }, signal);
  } else if (earlier.sticky.length > 0) {
    await changeSticky(app, { remove: earlier.sticky }, signal);
  }
  const swap = swapWords(label, inputs.slot, inputs.sticky ?? false);
  // A warning once: later it is known.
  if (swap !== undefined)
    (inputs.sticky || work.state !== undefined ? operation.progress : operation.warn)(swap);
  return { by: operation.urn, earlier, references: found.references, outcome: found.outcome };
}

/** Puts back what was there. Never throws: the first failure is what is told. */
async function undo(
  { app, label }: Session,
  { operation }: Work,
  before: SettingMap,
  sent: SettingMap,
): Promise<"put-back" | "put-back-failed"> {
  operation.progress(`putting the settings of ${label} back`);
  try {
    await writeMerged(app, (current) => putBack(current, before, sent), {
      signal: operation.signal,
      onRetry: operation.progress,
    });
    return "put-back";
  } catch {
    return "put-back-failed";
  }
}

function announce(first: SettingMap, wanted: SettingMap, { operation, state }: Work, label: string): void {
  // Where the app has lost its record, the state's counts: what the app holds are values of ours.
  if (first[EARLIER_KEY] !== undefined || state !== undefined) return;
  const had = Object.entries(named(first, ownedKeys(wanted)))
    .filter(([key, value]) => value !== wanted[key])
    .map(([key]) => key);
  if (had.length > 0) operation.warn(takenOverWords(label, had));
}

/** @param own as it is called now, and as the state knows it from before: a stack may have been renamed */
function refuseOtherOwner(
  current: SettingMap,
  { urn, before }: { urn: string; before: string | undefined },
  label: string,
): void {
  const record = decodeEarlier(current[EARLIER_KEY]);
  if (record === undefined || record.by === before) return;
  const [owner, own] = [ownerOf(record.by), ownerOf(urn)];
  if (owner.stack !== own.stack || owner.project !== own.project) throw otherOwner(label, owner);
}
