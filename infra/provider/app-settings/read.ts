/** Reading: what an app holds of ours, in the words of the state. */

import { PropiqError } from "../../../base/errors.ts";
import type { SettingMap } from "../../azure/app-service.ts";
import { ArmError } from "../../azure/arm-error.ts";
import { ifThere } from "../../azure/if-there.ts";
import type { Operation } from "../protocol/resource.ts";
import { decodeEarlier, EARLIER_KEY } from "./earlier.ts";
import { stepFailed } from "./failure.ts";
import { type AppSettingsState, heldBy } from "./inputs.ts";
import { foreignEdits, ownedKeys, pick } from "./merge.ts";
import { labelOf, openSession, redactorOf } from "./session.ts";
import { notSticky } from "./sticky.ts";
import { REPLACING_TOOL, removedWords } from "./words.ts";

/** @returns nothing where the app no longer exists @throws PropiqError */
export async function readSettingsBack(
  state: AppSettingsState,
  operation: Operation,
): Promise<AppSettingsState | undefined> {
  try {
    return await readBack(state, operation);
  } catch (error) {
    throw stepFailed(error, {
      step: "reading the app's settings",
      label: labelOf(state),
      stack: operation.stack,
      aftermath: "untouched",
      redact: redactorOf(state),
    });
  }
}

/**
 * What another writer changed since the last update, as paths of the resource.
 * Empty where Azure does not answer: an update that changes nothing must not fail for that.
 */
export async function editsSince(state: AppSettingsState, operation: Operation): Promise<string[]> {
  try {
    const session = await openSession(state, operation);
    const current = await session?.app.settings(operation.signal);
    if (current === undefined) return [];
    const { changed, removed } = foreignEdits(current, heldBy(state), heldBy(state));
    return [...changed, ...removed].map((key) => `settings.${key}`);
  } catch (error) {
    operation.signal.throwIfAborted();
    if (!(error instanceof ArmError || error instanceof PropiqError)) throw error;
    operation.progress(`could not look for edits of ${labelOf(state)}`);
    return [];
  }
}

async function readBack(
  state: AppSettingsState,
  operation: Operation,
): Promise<AppSettingsState | undefined> {
  const session = await openSession(state, operation);
  const current = session && (await ifThere(session.app.settings(operation.signal)));
  if (session === undefined || current === undefined) return undefined;
  const { allGone } = foreignEdits(current, heldBy(state), heldBy(state));
  if (allGone) operation.warn(`${removedWords(session.label)} ${REPLACING_TOOL}`);
  const earlier = decodeEarlier(current[EARLIER_KEY]) ?? state.earlier;
  const stuck =
    !state.sticky || (await notSticky(session.app, ownedKeys(state.settings), operation.signal)).length === 0;
  return {
    ...state,
    settings: inWords(current, state),
    // One that the app does not hold any more would count as known, and the next update stop at its absence again.
    references: pick(
      state.references,
      Object.keys(state.references).filter((key) => current[key] === state.references[key]),
    ),
    earlier,
    ...(stuck ? {} : { sticky: false }),
  };
}

/** A reference of ours stands for its value; anything else is shown as the app holds it. */
function inWords(current: SettingMap, { settings, references }: AppSettingsState): SettingMap {
  return Object.fromEntries(
    ownedKeys(settings).flatMap((key) => {
      const value = current[key];
      if (value === undefined) return [];
      return [[key, value === references[key] ? (settings[key] ?? value) : value]];
    }),
  );
}
