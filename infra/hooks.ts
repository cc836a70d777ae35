/**
 * What happens around a cache in the cloud that Pulumi itself does not see to: a preview says what the change means, a
 * leftover of a killed update is cleared away, a change of size that the cloud refuses is refused before anything is
 * done, and a refusal of the cloud is explained. Resource hooks run in the program, by the engine's call.
 */

import { type CustomResourceOptions, ErrorHook, ResourceHook } from "@pulumi/pulumi/resource.js";
import { isDryRun } from "@pulumi/pulumi/runtime/settings.js";
import { explain, PropiqError } from "../base/errors.ts";
import * as log from "./log.ts";
import { type Explanation, explanationText } from "./refusals/refusal.ts";

export interface CacheEvents {
  /** Distinguishes hooks of several caches: hooks' names are unique in a program. */
  name: string;
  /** A line each, about a cache that is going to be made. */
  beforeCreate?: () => Promise<readonly string[]>;
  /** Before it is made, in an update alone. @throws PropiqError for what stands in the way */
  clearWay?: () => Promise<void>;
  /** Before it is changed, in previews too; a line each. @throws PropiqError for what the cloud will not do */
  beforeUpdate?: (before: Inputs, after: Inputs) => readonly string[];
  /** Before it is changed, in an update alone. @param state what was recorded of it */
  repair?: (state: Inputs) => Promise<void>;
  explain?: (text: string, urn: string) => Promise<Explanation | undefined>;
  /** Of a deletion that failed. */
  explainEnd?: (ending: Ending) => Promise<Explanation>;
}

/** A cache that was not deleted. */
export interface Ending {
  /** As its cloud calls it. */
  name: string;
  urn: string;
  /** What its cloud said. */
  text: string;
}
export type Inputs = Readonly<Record<string, unknown>>;

/** @returns what belongs in a resource's options */
export function cacheHooks(events: CacheEvents): NonNullable<CustomResourceOptions["hooks"]> {
  const { name, beforeCreate, clearWay, beforeUpdate, repair } = events;
  return {
    beforeCreate: [
      new ResourceHook(
        `${name}-before-create`,
        () =>
          inWords(async () => {
            if (!isDryRun()) return await clearWay?.();
            // Once: an up begins with a preview.
            for (const line of (await beforeCreate?.()) ?? []) await log.info(line);
          }),
        { onDryRun: true },
      ),
    ],
    beforeUpdate: [
      new ResourceHook(
        `${name}-before-update`,
        ({ oldInputs = {}, newInputs = {}, oldOutputs = {} }) =>
          inWords(async () => {
            const lines = beforeUpdate?.(oldInputs, newInputs) ?? [];
            if (!isDryRun()) return await repair?.(oldOutputs);
            for (const line of lines) await log.warn(line);
          }),
        { onDryRun: true },
      ),
    ],
    onError: [errorHook(events)],
  };
}

/**
 * What an update prints beside the words of a cloud that refused something. The engine finds it by its name, of a resource
 * that is deleted, too; then by the name that it had in the program of its last update.
 */
export function errorHook({
  name,
  explain: explainFailure,
  explainEnd,
}: Pick<CacheEvents, "name" | "explain" | "explainEnd">): ErrorHook {
  return new ErrorHook(
    `${name}-explain`,
    async ({ errors, failedOperation, urn, oldOutputs = {}, ...resource }) => {
      // The newest comes first.
      const text = errors[0] ?? "";
      const called = oldOutputs["databaseName"] ?? oldOutputs["name"];
      const ending = { name: typeof called === "string" ? called : resource.name, urn, text };
      const words = failedOperation === "delete" ? explainEnd?.(ending) : explainFailure?.(text, urn);
      // An explanation that fails must not hide what it would explain.
      const found = await words?.catch(() => undefined);
      if (found !== undefined) await log.error(explanationText(found));
      return false;
    },
  );
}

/**
 * Lines that a preview shows of a resource that is going to be made or changed.
 * @param lines throws PropiqError for what makes the update impossible: the preview then fails
 */
export function previewHooks(
  name: string,
  lines: (before: Inputs | undefined, after: Inputs) => readonly string[] | Promise<readonly string[]>,
): NonNullable<CustomResourceOptions["hooks"]> {
  const hook = (when: "create" | "update") =>
    new ResourceHook(
      `${name}-preview-${when}`,
      async ({ oldInputs, newInputs = {} }) => {
        if (!isDryRun()) return;
        await inWords(async () => {
          for (const line of await lines(oldInputs, newInputs)) await log.info(line);
        });
      },
      { onDryRun: true },
    );
  return { beforeCreate: [hook("create")], beforeUpdate: [hook("update")] };
}

/** The engine prints a hook's error as it is: words for users, without a stack. */
export async function inWords(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof PropiqError) throw new Error(explain(error), { cause: error });
    throw error;
  }
}
