/** `propiq:index:AppSettings`: our settings among those of an App Service, or of one of its slots. */
import { wrongSeconds, wrongSettings } from "../protocol/inputs.ts";
import type { InputFailure, ResourceType } from "../protocol/resource.ts";
import { EARLIER_KEY, isEarlier } from "./earlier.ts";
import type { AppSettingsInputs, AppSettingsOutputs } from "./inputs.ts";

export const appSettings: ResourceType<AppSettingsInputs, AppSettingsOutputs> = {
  type: "propiq:index:AppSettings",
  inputs: {
    app: "string",
    resourceGroup: "string",
    subscriptionId: "string",
    slot: "string?",
    sticky: "boolean?",
    settings: "object",
    healthUrl: "string?",
    restartTimeoutSeconds: "number",
    drainSeconds: "number",
    keyVault: "string?",
    proof: "object?",
    provenAt: "string?",
    looksForEdits: "boolean?",
    metadataHost: "string?",
    environment: "string?",
  },
  outputs: { by: "string", earlier: "object", references: "object", outcome: "string" },
  secrets: ["settings", "earlier"],
  ofThisRun: ["looksForEdits"],
  replaceOn: ["app", "resourceGroup", "subscriptionId", "slot"],

  refuse: ({ settings, proof, restartTimeoutSeconds, drainSeconds }): InputFailure[] => [
    ...wrongSettings(settings),
    ...(EARLIER_KEY in settings ? [{ property: `settings.${EARLIER_KEY}`, reason: "is not a setting" }] : []),
    ...wrongSeconds("restartTimeoutSeconds", restartTimeoutSeconds),
    ...wrongSeconds("drainSeconds", drainSeconds),
    ...(proof === undefined || (proof.mode === "app" && typeof proof.waitSeconds === "number")
      ? []
      : [{ property: "proof", reason: "must be { mode: app, waitSeconds, … }" }]),
  ],

  refuseOutputs: ({ earlier, references }) => [
    ...(references === undefined
      ? [{ property: "references", reason: "is missing" }]
      : wrongSettings(references, "references")),
    ...(isEarlier(earlier) ? [] : [{ property: "earlier", reason: "is not what an update writes" }]),
  ],

  async edits(state, { looksForEdits }, operation) {
    if (looksForEdits !== true) return [];
    const { editsSince } = await import("./read.ts");
    return await editsSince(state, operation);
  },

  create: async (inputs, operation) => (await load()).applySettings(inputs, undefined, operation),

  async update(_id, state, inputs, operation) {
    const { outputs } = await (await load()).applySettings(inputs, state, operation);
    return outputs;
  },

  async read(_id, state, operation) {
    const { readSettingsBack } = await import("./read.ts");
    return await readSettingsBack(state, operation);
  },

  async delete(_id, state, operation) {
    const { restoreSettings } = await import("./restore.ts");
    await restoreSettings(state, operation);
  },
};

/** The steps of a write are loaded when there is one: a preview needs none. */
async function load(): Promise<typeof import("./apply.ts")> {
  return await import("./apply.ts");
}
