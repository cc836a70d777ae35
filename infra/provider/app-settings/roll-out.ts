/** Writes the settings and observes the app on them. A failure restores what the app had. */
import type { Health } from "../../../check/app/health.ts";
import type { AppService, SettingMap } from "../../azure/app-service.ts";
import { FINGERPRINT_KEY } from "../../contract/table.ts";
import type { Change } from "./change.ts";
import { commit } from "./commit.ts";
import { connectsToNew } from "./connection.ts";
import { isEnabled, type Observed, type Plan } from "./decide.ts";
import { changesCache, drain } from "./drain.ts";
import type { AppSettingsOutputs } from "./inputs.ts";
import { awaitReferences, retireOrTell } from "./key-vault.ts";
import { putBack } from "./merge.ts";
import { inStep, Unfinished } from "./step.ts";
import { MOST_ROUNDS, watchApp } from "./watch.ts";
import { notSeen, takenAway } from "./words.ts";
import { stillWritten, writeMerged } from "./write.ts";

type Target = Pick<AppService, "settings" | "putSettings">;

export async function rollOut(change: Change, plan: Plan): Promise<AppSettingsOutputs> {
  const { session, inputs, state, operation } = change;
  const recorder = recordPuts(change);
  const used = state?.settings ?? plan.before;
  try {
    const observed = await writeUntilObserved(change, plan, recorder);
    // The previous cache is deleted soon: an app that reports nothing must at least be connected to the new one.
    if (observed.outcome === "unseen" && changesCache(used, inputs.settings)) {
      await inStep("waiting for the app's connection to the new cache", () => lookOnNewCache(change));
    }
    const outputs = await commit(change, plan, observed);
    await drain(used, inputs, operation, session.label);
    if (state !== undefined && state.keyVault !== inputs.keyVault) {
      await retireOrTell(session, state, operation);
    }
    return outputs;
  } catch (error) {
    const sent = recorder.sent();
    if (sent === undefined) throw error;
    const aftermath = operation.signal.aborted ? "written" : await restore(change, plan.before, sent);
    const { step, cause } = error instanceof Unfinished ? error : { step: "finishing", cause: error };
    throw new Unfinished(step, cause, aftermath);
  }
}

interface Recorder {
  target: Target;
  /** Settings that the app was found to hold already. */
  found(settings: SettingMap): void;
  /** What the app holds by this change; undefined while nothing was sent or found. */
  sent(): SettingMap | undefined;
}

/** Remembers what was sent: a write without an answer may have taken effect all the same. */
function recordPuts({ session, operation }: Change): Recorder {
  const { app, label } = session;
  let sent: SettingMap | undefined;
  return {
    target: {
      settings: app.settings,
      putSettings(settings) {
        operation.progress(`writing the settings of ${label}`);
        sent = settings;
        return app.putSettings(settings);
      },
    },
    found: (settings) => {
      sent ??= settings;
    },
    sent: () => sent,
  };
}

/** Until the settings are still there after the app was seen on them. */
async function writeUntilObserved(change: Change, plan: Plan, recorder: Recorder): Promise<Observed> {
  const { session, inputs, operation } = change;
  const { signal } = operation;
  let outcome: AppSettingsOutputs["outcome"] | undefined;
  for (let round = 0; ; round += 1) {
    const written = await inStep("writing the app's settings", () =>
      writeMerged(recorder.target, plan.merge, { signal, onRetry: operation.progress }),
    );
    recorder.found(written.after);
    if (outcome !== undefined && written.puts === 0) return { outcome, after: written.after };
    if (round === MOST_ROUNDS) throw takenAway(session.label);
    await inStep("waiting for Key Vault references to be resolved", () =>
      awaitReferences(session.app, plan.references, inputs, signal),
    );
    const { baseline } = plan;
    outcome =
      baseline === undefined
        ? stopped(change)
        : await inStep("waiting for the app on its new settings", () => observe(change, plan, baseline));
  }
}

function stopped({ session, operation }: Change): "stopped" {
  operation.warn(
    `${session.label} is stopped: its settings are written, and whether it works with them is not known yet.`,
  );
  return "stopped";
}

/** @returns undefined where another writer removed the settings before the app was seen on them */
async function observe(
  { session, inputs, operation }: Change,
  { merge, isResumed }: Plan,
  baseline: Health,
): Promise<"seen" | "unseen" | undefined> {
  const { app, label, watched } = session;
  const proofSeconds = inputs.proof?.waitSeconds ?? 0;
  const judgement = await watchApp(
    watched,
    {
      fingerprint: inputs.settings[FINGERPRINT_KEY],
      enabled: isEnabled(inputs.settings),
      proof: inputs.proof !== undefined && isEnabled(inputs.settings),
      timeoutMs: (inputs.restartTimeoutSeconds + proofSeconds) * 1000,
      // An app that is down on settings of ours that nobody saw work sets no standard.
      baseline: isResumed ? atLeastAnswering(baseline) : baseline,
      offPatienceMs: Math.max(20, proofSeconds) * 1000,
    },
    (words) => operation.progress(`waiting for ${label} on its new settings`, words),
    () => stillWritten(app, merge, operation.signal),
  );
  if (judgement.state === "overwritten") return undefined;
  if (judgement.state === "bad") throw notSeen(label, watched.url, inputs, judgement.words);
  if (judgement.state === "seen") operation.progress(`${label} answers from its new settings`);
  if (judgement.state === "unseen") {
    operation.warn(
      `${label} answers as well as before, but was not seen on its new settings: ${judgement.words}.`,
    );
  }
  return judgement.state;
}

function atLeastAnswering(baseline: Health): Health {
  const answers = baseline.answer !== "unhealthy" && baseline.answer !== "unreachable";
  return answers ? baseline : { answer: "refused", words: baseline.words };
}

async function lookOnNewCache({ session, inputs, operation }: Change): Promise<void> {
  const { label } = session;
  const connects = await connectsToNew(inputs, operation, label);
  if (connects === true) return operation.progress(`${label} is connected to the new cache`);
  const found =
    connects === false
      ? "No client has connected to the new cache"
      : "The new cache does not show its clients";
  operation.warn(
    `${found}, so it is not known whether ${label} uses it. The previous cache is deleted anyway. To be sure next time, let the app's health document echo PROPIQ_CACHE_FINGERPRINT.`,
  );
}

/** Never throws: the first failure is the one to report. */
async function restore(
  { session, operation }: Change,
  before: SettingMap,
  sent: SettingMap,
): Promise<"restored" | "not-restored"> {
  const { app, label } = session;
  operation.progress(`restoring the previous settings of ${label}`);
  try {
    await writeMerged(app, (current) => putBack(current, before, sent), {
      signal: operation.signal,
      onRetry: operation.progress,
    });
    return "restored";
  } catch {
    return "not-restored";
  }
}
