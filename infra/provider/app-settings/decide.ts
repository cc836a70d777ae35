/** Reads the app and decides what to write. Writes nothing to the app. */
import type { Health } from "../../../check/app/health.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { settingsBefore } from "./before.ts";
import type { Change } from "./change.ts";
import { decodeEarlier, EARLIER_KEY, ownerOf } from "./earlier.ts";
import { type AppSettingsOutputs, heldBy } from "./inputs.ts";
import { putSecrets } from "./key-vault.ts";
import { foreignEdits, named, ownedKeys, sameSettings, takeOver } from "./merge.ts";
import { inStep } from "./step.ts";
import { notSticky } from "./sticky.ts";
import { baselineOf } from "./watch.ts";
import { cannotProve, noIdentity, otherOwner, stopOnForeignEdits, takenOverWords } from "./words.ts";

export interface Plan {
  /** From what the app holds to what it must hold. Throws PropiqError where another writer interfered. */
  readonly merge: (current: SettingMap) => SettingMap;
  /** References to Key Vault, by setting. */
  readonly references: SettingMap;
  /** Names that are not sticky yet and must be. */
  readonly sticky: readonly string[];
  /** What is restored where the app does not take the new settings. */
  readonly before: SettingMap;
  /** The app holds settings of an update that was killed. */
  readonly isResumed: boolean;
  /** How the app answers now; absent where it is stopped. */
  readonly baseline?: Health;
  /** Nothing must be written. */
  readonly settled?: Observed;
}

export interface Observed {
  outcome: AppSettingsOutputs["outcome"];
  /** What the app holds after that. */
  after: SettingMap;
}

export async function prepare(change: Change): Promise<Plan> {
  const { session, inputs, state, operation } = change;
  const { app, label, site } = session;
  const { signal } = operation;
  const held = await inStep("reading the app's settings", async () => {
    operation.progress(`reading the settings of ${label}`);
    const settings = await app.settings(signal);
    // With references the texts differ: those are compared below, when the vault knows them.
    if (inputs.keyVault === undefined) assertOurs(change, settings, inputs.settings);
    else if (!site.hasIdentity) throw noIdentity(inputs, label);
    return settings;
  });
  const references = await inStep("writing secrets to the Key Vault", () =>
    putSecrets(session.arm, inputs, signal),
  );
  const wanted = { ...inputs.settings, ...references };
  const written = await inStep("reading the app's settings", async () => {
    assertOurs(change, held, wanted);
    return await planWrite(change, held, wanted);
  });
  const { merge } = written;
  if (isSettled(change, held, wanted, merge)) {
    return { ...written, references, settled: { outcome: state?.outcome ?? "unseen", after: held } };
  }
  const baseline = await inStep("checking the app's health", async () => {
    const isStopped = site.state.toLowerCase() === "stopped";
    const needsProof = inputs.proof !== undefined && isEnabled(inputs.settings);
    if (isStopped && needsProof) throw cannotProve(inputs, label, operation.stack);
    return isStopped ? undefined : await baselineOf(session.watched);
  });
  warnOfTakenOver(change, held, wanted);
  return { ...written, references, ...(baseline === undefined ? {} : { baseline }) };
}

async function planWrite(
  change: Change,
  held: SettingMap,
  wanted: SettingMap,
): Promise<Pick<Plan, "merge" | "sticky" | "before" | "isResumed">> {
  const { session, inputs, state, operation } = change;
  const { app } = session;
  const names = [...ownedKeys(wanted), EARLIER_KEY];
  const sticky = inputs.sticky ? await notSticky(app, names, operation.signal) : [];
  const merge = (current: SettingMap): SettingMap => {
    assertOurs(change, current, wanted);
    return takeOver(current, { wanted, by: operation.urn, at: app.id, earlier: state?.earlier, sticky });
  };
  const before = settingsBefore(app.id, held, wanted, { state, urn: operation.urn }, merge);
  return { merge, sticky, before, isResumed: before !== held };
}

function isSettled({ state }: Change, held: SettingMap, wanted: SettingMap, merge: Plan["merge"]): boolean {
  return state !== undefined && sameSettings(heldBy(state), wanted) && sameSettings(held, merge(held));
}

/** @throws PropiqError where the settings belong to another stack, or another writer edited them */
function assertOurs({ session, state, operation }: Change, current: SettingMap, wanted: SettingMap): void {
  const { label } = session;
  const { urn, stack } = operation;
  const record = decodeEarlier(current[EARLIER_KEY]);
  // The state knows the URN of before: a stack may have been renamed.
  if (record !== undefined && record.by !== state?.by) {
    const [owner, own] = [ownerOf(record.by), ownerOf(urn)];
    if (owner.stack !== own.stack || owner.project !== own.project) throw otherOwner(label, owner);
  }
  const known = state === undefined ? undefined : heldBy(state);
  stopOnForeignEdits(foreignEdits(current, known, wanted), { label, stack, urn });
}

function warnOfTakenOver({ session, state, operation }: Change, held: SettingMap, wanted: SettingMap): void {
  // Where the app lost its record, the state's record counts: the values in the app are ours.
  if (held[EARLIER_KEY] !== undefined || state !== undefined) return;
  const had = Object.entries(named(held, ownedKeys(wanted)))
    .filter(([key, value]) => value !== wanted[key])
    .map(([key]) => key);
  if (had.length > 0) operation.warn(takenOverWords(session.label, had));
}

export function isEnabled(settings: SettingMap): boolean {
  return settings["REDIS_ENABLED"] !== "false";
}
