/** What a preview says of alerts, and what an update does around them. */

import { getProject } from "@pulumi/pulumi/metadata.js";
import { type CustomResourceOptions, ErrorHook, ResourceHook } from "@pulumi/pulumi/resource.js";
import { type Arm, openArm } from "../azure/arm.ts";
import { cloudOfStack } from "../azure/of-stack.ts";
import type { CacheInAzure } from "../caches/azure/around.ts";
import { inWords, previewHooks } from "../hooks.ts";
import * as log from "../log.ts";
import { explanationText } from "../refusals/refusal.ts";
import { clearLeftover } from "./leftover.ts";

export type Hooks = NonNullable<CustomResourceOptions["hooks"]>;

/** Of every resource here: a create clears what an earlier one left, and a refusal is explained. */
export function alertsHooks({ wish, around }: Pick<CacheInAzure, "wish" | "around">): Hooks {
  const { subscriptionId, stack } = wish;
  // Signed in once for all of them.
  let opened: Promise<Arm> | undefined;
  const arm = () => {
    opened ??= openArm({ env: process.env, subscriptionId, ...cloudOfStack() });
    return opened;
  };
  return {
    beforeCreate: [
      new ResourceHook("alerts-before-create", ({ type, newInputs = {} }) =>
        inWords(async () => clearLeftover(await arm(), type, newInputs, { project: getProject(), stack })),
      ),
    ],
    onError: [
      new ErrorHook("alerts-explain", async ({ errors }) => {
        // The newest comes first. An explanation that fails must not hide what it would explain.
        const found = await around.explain?.(errors[0] ?? "").catch(() => undefined);
        if (found !== undefined) await log.error(explanationText(found));
        return false;
      }),
    ],
  };
}

/** The same with lines that a preview shows when it is going to be made. */
export function withLines(hooks: Hooks, lines: readonly string[]): Hooks {
  const { beforeCreate = [] } = previewHooks("alerts", (before) => (before === undefined ? lines : []));
  return { ...hooks, beforeCreate: [...beforeCreate, ...(hooks.beforeCreate ?? [])] };
}
