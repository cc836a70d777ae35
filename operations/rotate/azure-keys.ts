/** The two keys of a cache in Azure, of either service. Their values never leave this process. */

import { setTimeout as delay } from "node:timers/promises";
import { advice } from "../../base/advice.ts";
import { PropiqError } from "../../base/errors.ts";
import { type Arm, ArmError } from "../../infra/azure/arm.ts";
import type { KeySlot } from "./plan.ts";

export type Keys = Readonly<Record<KeySlot, string>>;

export interface AzureKeyring {
  list(): Promise<Keys>;
  /** Returns once the cache has the new key. The other key stays valid. */
  regenerate(slot: KeySlot): Promise<void>;
}

const SERVICES = [
  { sign: /\/Microsoft\.Cache\/redis\//i, apiVersion: "2024-11-01", below: "" },
  { sign: /\/Microsoft\.Cache\/redisEnterprise\//i, apiVersion: "2025-07-01", below: "/databases/default" },
] as const;

/** Managed Redis answers before it is done; the documentation names no time. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 1000;

/** @param id of the cache in Azure Resource Manager */
export function keyringOf(arm: Pick<Arm, "request">, id: string): AzureKeyring {
  const { apiVersion, below } = SERVICES.find(({ sign }) => sign.test(id)) ?? SERVICES[0];
  const path = `${id}${below}`;
  const list = async (): Promise<Keys> => {
    const { body } = await arm.request({
      ...{ method: "POST", path: `${path}/listKeys`, apiVersion, repeatable: true },
    });
    return keysIn(body);
  };
  const ask = async (slot: KeySlot): Promise<void> => {
    const keyType = slot === "primary" ? "Primary" : "Secondary";
    await arm.request({ method: "POST", path: `${path}/regenerateKey`, apiVersion, body: { keyType } });
  };
  return {
    list,
    async regenerate(slot) {
      const before = (await list())[slot];
      const endsAt = performance.now() + PATIENCE_MS;
      await whileBusy(() => ask(slot), endsAt);
      while ((await list())[slot] === before) {
        if (performance.now() > endsAt)
          throw new PropiqError(`Azure has not regenerated the ${slot} key within ${PATIENCE_MS / 1000} s.`, {
            code: "AZURE_TIMEOUT",
            next: advice("Run the same command again."),
          });
        await delay(PAUSE_MS);
      }
    },
  };
}

/** 409: another operation on the cache is under way. Nothing was done then. */
async function whileBusy(ask: () => Promise<void>, endsAt: number): Promise<void> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const busy = error instanceof ArmError && (error.status === 409 || error.status === 429);
      if (!busy || performance.now() > endsAt) throw error;
      await delay(PAUSE_MS);
    }
  }
}

function keysIn(body: unknown): Keys {
  const { primaryKey, secondaryKey } = (body ?? {}) as { primaryKey?: unknown; secondaryKey?: unknown };
  if (typeof primaryKey === "string" && typeof secondaryKey === "string")
    return { primary: primaryKey, secondary: secondaryKey };
  throw new PropiqError("Azure's answer does not hold the keys of the cache.", {
    code: "AZURE_ERROR",
    next: advice(
      "The cache may have access keys disabled. Run the same command again when they are enabled.",
    ),
  });
}
