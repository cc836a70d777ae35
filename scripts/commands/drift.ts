/** `drift`: a stack's state against its cloud and the settings of its apps; nothing is changed. */

import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import { EXIT, PropiqError } from "../../base/errors.ts";
import { fromRoot } from "../../base/paths.ts";
import type { AppSettingsState } from "../../infra/provider/app-settings/inputs.ts";
import type { EnvFileInputs } from "../../infra/provider/env-file/env-file.ts";
import { readText } from "../../infra/provider/env-file/file.ts";
import { askApp } from "../../operations/drift/ask-app.ts";
import { askPassword } from "../../operations/drift/ask-password.ts";
import { type DriftReport, driftReport, type Place, type Unasked } from "../../operations/drift/finding.ts";
import { judgeApp } from "../../operations/drift/judge-app.ts";
import { judgeEnvFile } from "../../operations/drift/judge-env-file.ts";
import { judgePassword } from "../../operations/drift/judge-password.ts";
import { judgeResources } from "../../operations/drift/judge-resources.ts";
import { renderDriftJunit } from "../../operations/drift/junit.ts";
import { APP_SETTINGS, ENV_FILE, nameOf } from "../../operations/drift/names.ts";
import type { StateResource } from "../../operations/drift/state.ts";
import { renderDrift } from "../../operations/drift/text.ts";
import { inWords } from "../../operations/stacks/azure.ts";
import { deployedSettings } from "../../operations/stacks/stack-state.ts";
import { printReport } from "../print.ts";
import { seenOf } from "./drift-ask.ts";
import { terminal } from "./output.ts";
import type { DriftOptions } from "./verify-options.ts";

const PROOF = "propiq:index:VerifiedCache";
/** Milliseconds for the looks at apps together. */
const PATIENCE_MS = 120_000;

/** @returns 0 where nothing differs, 1 where something does, 2 where nothing does and something could not be asked */
export async function drift({ stack, format }: DriftOptions): Promise<number> {
  const report = await reportFor(stack);
  printReport(RENDERERS[format](report));
  return EXIT_CODES[report.verdict];
}

const RENDERERS: Readonly<Record<DriftOptions["format"], (report: DriftReport) => string>> = {
  text: (report) => renderDrift(report, terminal().width),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: renderDriftJunit,
};

const EXIT_CODES: Readonly<Record<DriftReport["verdict"], number>> = {
  none: 0,
  drift: EXIT.no,
  unknown: EXIT.notAsked,
};

async function reportFor(stack: string): Promise<DriftReport> {
  const { state, refreshed } = await seenOf(stack);
  const proof = state.resources.find(({ type }) => type === PROOF);
  const settings = deployedSettings(state);
  const password = settings === undefined ? "unknown" : await askPassword(stack, settings, state);
  const found = judgeResources(stack, state, refreshed);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const looks = await Promise.all(
    state.resources
      .filter(({ condemned }) => !condemned)
      .flatMap((resource) => LOOKS[resource.type]?.(stack, resource, signal) ?? []),
  );
  return driftReport(stack, new Date(), {
    places: [
      ...found.places,
      ...judgePassword(stack, proof?.urn ?? "", password),
      ...looks.flatMap((look) => ("findings" in look ? [look] : [])),
    ],
    notAsked: [...looks.flatMap((look) => ("why" in look ? [look] : [])), ...found.notAsked],
  });
}

type Look = (stack: string, resource: StateResource, signal: AbortSignal) => Promise<Place | Unasked>;

/** What is compared key by key, and not by Pulumi: to it a map of secrets is one secret. */
const LOOKS: Readonly<Record<string, Look>> = {
  async [APP_SETTINGS](stack, resource, signal) {
    // The provider alone writes the state of its types.
    const state = resource.outputs as unknown as AppSettingsState;
    const name = nameOf(resource);
    try {
      const { id, seen } = await askApp(state, process.env, signal);
      return { kind: "app", name, urn: resource.urn, ...judgeApp(stack, id, state, seen) };
    } catch (error) {
      return unasked(name, stack, error, signal);
    }
  },
  async [ENV_FILE](stack, resource, signal) {
    const state = resource.outputs as unknown as EnvFileInputs;
    const name = nameOf(resource);
    try {
      const text = await readText(fromRoot(state.path));
      return { kind: "env-file", name, urn: resource.urn, ...judgeEnvFile(stack, state, text) };
    } catch (error) {
      return unasked(name, stack, error, signal);
    }
  },
};

function unasked(name: string, stack: string, error: unknown, signal: AbortSignal): Unasked {
  const again = propiq("drift", "--stack", stack);
  if (signal.aborted)
    return {
      name,
      why: "Azure did not answer in time.",
      advice: advice("Azure may be busy. Try again.", again),
    };
  const { message, next } = error instanceof PropiqError ? error : inWords(error, "read its settings", again);
  return { name, why: message, advice: next };
}
