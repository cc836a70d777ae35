/**
 * Creating and updating: the settings are written, the app is seen on them, and only then does the update go on to
 * whatever depends on it, such as the end of the cache before. A step that fails puts back what was there.
 */
import type { Health } from "../../../check/app/health.ts";
import { endpointOf } from "../../../check/target.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { wait } from "../../azure/retry.ts";
import { FINGERPRINT_KEY, readSettings, SettingsError } from "../../connection.ts";
import { PropiqError } from "../../errors.ts";
import type { Operation } from "../protocol/resource.ts";
import { decodeEarlier, digestOf, EARLIER_KEY, type Earlier, ownerOf } from "./earlier.ts";
import { cancelled, stepFailed } from "./failure.ts";
import { type AppSettingsInputs, type AppSettingsOutputs, type AppSettingsState, heldBy } from "./inputs.ts";
import { awaitReferences, putSecrets } from "./key-vault.ts";
import { foreignEdits, giveBack, ownedKeys, pick, putBack, sameSettings, takeOver } from "./merge.ts";
import { openSession, type Session } from "./session.ts";
import { changeSticky, notSticky } from "./sticky.ts";
import { baselineOf, watchApp } from "./watch.ts";
import { noSuchApp, otherOwner, stopOnForeignEdits, swapWords, takenOverWords } from "./words.ts";
import { writeMerged } from "./write.ts";

/** Rounds of writing and watching: a rival may take the settings away again while the app is watched. */
const MOST_ROUNDS = 4;

/** @param state of the last update; absent where the resource is new to the state (the app may know better) */
export async function applySettings(
  inputs: AppSettingsInputs,
  state: AppSettingsState | undefined,
  operation: Operation,
): Promise<{ id: string; outputs: AppSettingsOutputs }> {
  const work: Work = { inputs, state, operation, step: "signing in", sent: undefined };
  const label = inputs.slot === undefined ? inputs.app : `${inputs.app}/${inputs.slot}`;
  try {
    const session = await openSession(inputs, operation);
    if (session === undefined) throw noSuchApp(label, inputs.resourceGroup, inputs.subscriptionId);
    return { id: session.app.id, outputs: await writeAndWatch(session, work) };
  } catch (error) {
    if (operation.signal.aborted) throw cancelled(label, work.sent !== undefined, operation.stack);
    throw stepFailed(error, work.step, label, work.aftermath ?? "untouched", operation.stack);
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
    refuseOtherOwner(current, operation.urn, label);
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
  const before = beforeUs(app.id, first, wanted, work, merge);

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
  const baseline = isStopped ? undefined : await baselineOf(session.watched);
  announce(first, wanted, work, label);

  const resumed = before !== first;
  try {
    const { seen, after } = await rounds(session, work, { merge, references, baseline, resumed });
    const outputs = await finish(session, work, { references, sticky, outcome: seen, after });
    await drain(work, before, label);
    return outputs;
  } catch (error) {
    if (!signal.aborted && work.sent !== undefined)
      work.aftermath = await undo(session, work, before, work.sent);
    throw error;
  }
}

/**
 * What is put back where the app does not take the new settings. Usually what it holds; where it already holds ours
 * from an update that was killed, and nobody ever saw them work, what it held before that.
 */
function beforeUs(
  at: string,
  first: SettingMap,
  wanted: SettingMap,
  { state, operation }: Work,
  merge: (current: SettingMap) => SettingMap,
): SettingMap {
  const record = decodeEarlier(first[EARLIER_KEY]);
  if (record === undefined) return first;
  const owned = ownedKeys(wanted);
  if (state === undefined) return sameSettings(first, merge(first)) ? giveBack(first, record) : first;
  const held = heldBy(state);
  const unconfirmed = owned.some((key) => first[key] !== held[key] && isWritten(record, key, first[key]));
  return unconfirmed
    ? takeOver(first, { wanted: held, by: operation.urn, at, earlier: state.earlier })
    : first;
}

function isWritten({ wrote }: Earlier, key: string, value: string | undefined): boolean {
  return wrote[key] === (value === undefined ? undefined : digestOf(value));
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
  let seen: AppSettingsOutputs["outcome"] = "unseen";
  for (let round = 0; ; round += 1) {
    work.step = "writing the app's settings";
    operation.progress(`writing the settings of ${label}`);
    const target = {
      settings: app.settings,
      putSettings: (settings: SettingMap) => {
        work.sent = settings;
        return app.putSettings(settings);
      },
    };
    const written = await writeMerged(target, plan.merge, { signal, onRetry: operation.progress });
    work.sent ??= written.after;
    if (round > 0 && written.puts === 0) return { seen, after: written.after };
    if (round === MOST_ROUNDS) throw takenAway(label);

    work.step = "waiting for Key Vault references to be resolved";
    await awaitReferences(app, plan.references, inputs, signal);
    work.step = "waiting for the app on its new settings";
    seen =
      plan.baseline === undefined
        ? stopped(work, label)
        : await see(session, work, plan.baseline, plan.resumed);
  }
}

function stopped({ operation }: Work, label: string): "stopped" {
  operation.warn(
    `${label} is stopped: its settings are written, and nobody can see yet whether it works with them.`,
  );
  return "stopped";
}

async function see(
  session: Session,
  { inputs, operation }: Work,
  baseline: Health,
  resumed: boolean,
): Promise<"seen" | "unseen"> {
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
  );
  if (judgement.state === "bad") throw notSeen(session, inputs, judgement.words);
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
  if (swap !== undefined) (inputs.sticky ? operation.progress : operation.warn)(swap);
  return { by: operation.urn, earlier, references: found.references, outcome: found.outcome };
}

/** The cache before stays a while, for what still uses it; where there was none, nobody waits. */
async function drain({ inputs, state, operation }: Work, before: SettingMap, label: string): Promise<void> {
  const used = endpointIn(state?.settings ?? before);
  if (used === undefined || used === endpointIn(inputs.settings)) return;
  const endsAt = performance.now() + inputs.drainSeconds * 1000;
  for (;;) {
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) return;
    operation.progress(
      `${label} is on its new cache; the one before stays ${Math.ceil(leftMs / 1000)} s more`,
    );
    await wait(Math.min(leftMs, 1000), operation.signal);
  }
}

/** Where an app with these settings finds its cache; nothing where it uses none. */
function endpointIn(settings: SettingMap): string | undefined {
  try {
    const { enabled, target } = readSettings(pick(settings, ownedKeys({})));
    return enabled && target !== undefined ? `${endpointOf(target)}/${target.db}` : undefined;
  } catch (error) {
    // Somebody's own form, or a reference to a vault: it may well be a cache, so it is waited for.
    if (error instanceof SettingsError) return settings["REDIS_URL"];
    throw error;
  }
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

function announce(first: SettingMap, wanted: SettingMap, { operation }: Work, label: string): void {
  if (first[EARLIER_KEY] !== undefined) return;
  const had = ownedKeys(wanted).filter((key) => first[key] !== undefined && first[key] !== wanted[key]);
  if (had.length > 0) operation.warn(takenOverWords(label, had));
}

function refuseOtherOwner(current: SettingMap, urn: string, label: string): void {
  const record = decodeEarlier(current[EARLIER_KEY]);
  if (record === undefined) return;
  const [owner, own] = [ownerOf(record.by), ownerOf(urn)];
  if (owner.stack !== own.stack || owner.project !== own.project) throw otherOwner(label, owner);
}

function noIdentity({ app, resourceGroup, slot }: AppSettingsInputs, label: string): PropiqError {
  const inSlot = slot === undefined ? "" : ` --slot ${slot}`;
  return new PropiqError(
    `${label} has no identity of its own, so it could not read the Key Vault (MSINotEnabled).`,
    {
      hint: `Give it one, and the role Key Vault Secrets User on the vault: az webapp identity assign --name ${app} --resource-group ${resourceGroup}${inSlot}`,
    },
  );
}

function notSeen({ label, watched }: Session, inputs: AppSettingsInputs, words: string): PropiqError {
  const { app, resourceGroup, slot } = inputs;
  const inSlot = slot === undefined ? "" : ` --slot ${slot}`;
  // Without its query, which may hold a key.
  const { origin, pathname } = new URL(watched.url);
  return new PropiqError(`${label} does not work with its new settings: ${words}.`, {
    hint: `See its log (az webapp log tail --name ${app} --resource-group ${resourceGroup}${inSlot}) and its health at ${origin}${pathname}; where it only needs longer, raise app.restartTimeoutSeconds. Then run up again.`,
  });
}

function takenAway(label: string): PropiqError {
  return new PropiqError(
    `Somebody else keeps taking the cache settings of ${label} away while the app restarts.`,
    {
      hint: "Find out which pipeline or tool writes this app's settings all the time, stop it, and try again.",
    },
  );
}
