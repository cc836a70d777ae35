/** Deleting: the app gets back what it held before us, key by key. */

import type { Health } from "../../../check/app/health.ts";
import { checkCache } from "../../../check/check.ts";
import type { Target } from "../../../check/target.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { ifThere } from "../../azure/if-there.ts";
import { readSettings, SettingsError } from "../../contract/read-settings.ts";
import { FINGERPRINT_KEY } from "../../contract/table.ts";
import type { Operation } from "../protocol/resource.ts";
import { decodeEarlier, EARLIER_KEY, type Earlier } from "./earlier.ts";
import { cancelled, stepFailed } from "./failure.ts";
import { type AppSettingsState, heldBy } from "./inputs.ts";
import { retireOrTell } from "./key-vault.ts";
import { foreignEdits, giveBack, ownedKeys, pick, withSettings } from "./merge.ts";
import { labelOf, openSession, redactorOf, type Session } from "./session.ts";
import { changeSticky } from "./sticky.ts";
import { baselineOf, MOST_ROUNDS, watchApp } from "./watch.ts";
import { broughtBack, stopOnForeignEdits } from "./words.ts";
import { stillWritten, writeMerged } from "./write.ts";

/** How long a cache that is restored may take to answer. */
const ANSWER_MS = 5000;

export async function restoreSettings(state: AppSettingsState, operation: Operation): Promise<void> {
  const label = labelOf(state);
  const { signal, stack } = operation;
  let written = false;
  try {
    const session = await openSession(state, operation);
    // An app that does not exist has no settings to restore.
    if (session === undefined) return;
    written = await giveAllBack(session, state, operation);
  } catch (error) {
    if (signal.aborted) throw cancelled(label, written, stack);
    throw stepFailed(error, {
      ...{ step: "restoring the app's own settings", label, stack },
      aftermath: "untouched",
      redact: redactorOf(state),
    });
  }
}

/** @returns whether anything was written */
async function giveAllBack(
  session: Session,
  state: AppSettingsState,
  operation: Operation,
): Promise<boolean> {
  const { app, label, site } = session;
  const { signal } = operation;
  const current = await ifThere(app.settings(signal));
  if (current === undefined) return false;
  const record = decodeEarlier(current[EARLIER_KEY]);
  // Unless it came along when slots were swapped, as what it says about the settings did.
  if (record !== undefined && record.by !== state.by && record.at === app.id) {
    operation.progress(`another stack owns the settings of ${label} now: left unchanged`);
    return false;
  }
  const held = heldBy(state);
  // Given back by an update that was killed afterwards, or replaced by a tool that knows nothing of us.
  if (record === undefined && !holdsOurs(current, held)) return false;

  const earlier = record ?? state.earlier;
  const dead = await deadCache(earlier, signal);
  const off: SettingMap = dead === undefined ? {} : { REDIS_ENABLED: "false" };
  const restored = withSettings(giveBack(current, earlier), off);
  const edits = foreignEdits(current, held, pick(restored, ownedKeys(held)));
  // A setting that was removed counts as restored.
  stopOnForeignEdits(
    { changed: edits.changed, removed: [], allGone: false },
    { label, stack: operation.stack, urn: operation.urn },
  );

  const baseline = site.state.toLowerCase() === "stopped" ? undefined : await baselineOf(session.watched);
  // While the app still knows which names they are.
  if (earlier.sticky.length > 0) await changeSticky(app, { remove: earlier.sticky }, signal);
  operation.progress(`restoring the settings of ${label}`);
  const merge = (now: SettingMap): SettingMap =>
    now[EARLIER_KEY] === undefined && !holdsOurs(now, held) ? now : withSettings(giveBack(now, earlier), off);
  let isWritten = false;
  for (let round = 0; ; round += 1) {
    const { puts } = await writeMerged(app, merge, { signal, onRetry: operation.progress });
    if (puts === 0) break;
    if (round === MOST_ROUNDS) throw broughtBack(label);
    isWritten = true;
    if (baseline === undefined) continue;
    const timeoutMs = state.restartTimeoutSeconds * 1000;
    await settle(session, operation, { baseline, restored, merge, timeoutMs });
  }
  if (dead !== undefined) operation.warn(deadWords(label, dead));
  await retireOrTell(session, state, operation);
  return isWritten;
}

/** Whether anything in the app is still as we wrote it and leads to our cache. */
function holdsOurs(current: SettingMap, held: SettingMap): boolean {
  return ["REDIS_URL", "REDIS_HOST", FINGERPRINT_KEY].some(
    (key) => held[key] !== undefined && current[key] === held[key],
  );
}

/** Why the cache that is restored is of no use, in a code; nothing where it answers or nobody can say. */
async function deadCache(earlier: Earlier, signal: AbortSignal): Promise<string | undefined> {
  const target = targetIn(pick(earlier.values, earlier.keys));
  if (target === undefined) return undefined;
  const report = await checkCache({ enabled: true, target }, { deadlineMs: ANSWER_MS, samples: 1, signal });
  if (report.verdict !== "failed") return undefined;
  return report.checks.find((check) => check.status === "fail")?.code ?? "it failed";
}

function targetIn(settings: SettingMap): Target | undefined {
  if (settings["REDIS_URL"] === undefined && settings["REDIS_HOST"] === undefined) return undefined;
  try {
    const { enabled, target } = readSettings(settings);
    return enabled ? target : undefined;
  } catch (error) {
    // A reference to a vault, or a form of its own: as the app had it.
    if (error instanceof SettingsError) return undefined;
    throw error;
  }
}

function deadWords(label: string, code: string): string {
  return `${label} has its own REDIS_* settings again, with REDIS_ENABLED=false: the cache that they name does not answer from here (${code}). Where the app reaches it all the same, set REDIS_ENABLED=true in the app.`;
}

interface Settling {
  baseline: Health;
  restored: SettingMap;
  merge: (now: SettingMap) => SettingMap;
  timeoutMs: number;
}

/**
 * Until no worker answers from our settings any more, as the cache is deleted next; or until a user has brought them
 * back.
 * That the app does not answer well fails no removal.
 */
async function settle(
  { app, label, watched }: Session,
  operation: Operation,
  { baseline, restored, merge, timeoutMs }: Settling,
): Promise<void> {
  const judgement = await watchApp(
    watched,
    { fingerprint: restored[FINGERPRINT_KEY], enabled: false, proof: false, timeoutMs, baseline },
    (words) => operation.progress(`waiting for ${label} on its own settings`, words),
    () => stillWritten(app, merge, operation.signal),
  );
  if (judgement.state === "bad") {
    operation.warn(
      `${label} has its own settings back, and does not answer as well as before: ${judgement.words}.`,
    );
  }
}
