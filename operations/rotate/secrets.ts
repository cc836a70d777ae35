/** What makes a new secret, by provider: the one place where the services differ. */
import { advice } from "../../base/advice.ts";
import { propiq } from "../../base/command.ts";
import type { Target } from "../../check/target.ts";
import { parseRedisUrl, UrlError } from "../../infra/contract/redis-url.ts";
import { CATALOGUE, type Provider } from "../../infra/plans/catalogue.ts";
import { openAzure, subscriptionFor } from "../stacks/azure.ts";
import { keyringOf } from "./azure-keys.ts";
import {
  type KeySlot,
  planAzure,
  planExternal,
  planLocal,
  planUpstash,
  type Step,
  slotsInUse,
} from "./plan.ts";
import { refusal, refuseWhileUpdated, type Situation, usersOf } from "./situation.ts";

export interface Secrets {
  steps: Step[];
  /** Every way in that is valid before, and must not be afterwards. */
  old: Target[];
  /** The database whose new password a refresh must read before the settings can be written; absent: none. */
  refresh?: string;
  /** The resource whose replacement makes the new password; absent: none. */
  replace?: string;
  keySlot?: KeySlot;
  /** Makes a new secret. @throws PropiqError, ArmError, UpstashError */
  renew(step: Step): Promise<void>;
  /** External: the new URL. Secret. */
  url?: string;
}

export interface Given {
  situation: Situation;
  /** External: what the user handed over on standard input; absent in a dry run. */
  newUrl?: string;
}

const SECRETS: Readonly<Record<Provider, (given: Given) => Promise<Secrets>>> = {
  azure: azureSecrets,
  "azure-managed": azureSecrets,
  upstash: upstashSecrets,
  external: externalSecrets,
  docker: localSecrets,
  native: localSecrets,
};

export function secretsOf(given: Given): Promise<Secrets> {
  return SECRETS[CATALOGUE[given.situation.config.settings.plan].provider](given);
}

async function azureSecrets({ situation }: Given): Promise<Secrets> {
  const { config, deployed, cache, held } = situation;
  const arm = await openAzure(config, await subscriptionFor(config));
  const keyring = keyringOf(arm, cache?.id ?? "");
  const keys = await keyring.list();
  const configured = config.settings.keySlot;
  const old = distinct([...held, keys.primary, keys.secondary, deployed.password ?? ""]);
  return {
    steps: planAzure({ configured, keys, held }),
    old: old.map((password) => ({ ...deployed, password })),
    keySlot: configured,
    async renew(step) {
      if (step.kind !== "regenerate") return;
      // Another writer may have moved an app in the meantime, or may be about to.
      await refuseWhileUpdated(situation.stack);
      const [now, users] = [await keyring.list(), await usersOf(config)];
      if (slotsInUse(now, users.held).includes(step.slot)) throw movedMeanwhile(situation, step.slot);
      await keyring.regenerate(step.slot);
    },
  };
}

function movedMeanwhile({ stack }: Situation, slot: KeySlot) {
  return refusal(
    `Another writer moved an app to the ${slot} key during the rotation. The ${slot} key was not regenerated.`,
    advice(
      "Wait until the other rotation or update has ended. Then run this one again: it continues.",
      propiq("rotate", "--stack", stack),
    ),
  );
}

async function upstashSecrets({ situation }: Given): Promise<Secrets> {
  const { deployed, cache, held } = situation;
  const { openUpstash } = await import("../../infra/upstash/api.ts");
  const api = openUpstash(process.env);
  const id = String(cache?.outputs["databaseId"] ?? "");
  const password = await api.password(id);
  const steps = planUpstash({ password, held });
  const isReset = steps.every(({ kind }) => kind !== "reset-password");
  const old = distinct([...held, deployed.password ?? "", password]);
  return {
    steps,
    old: old.filter((each) => !isReset || each !== password).map((each) => ({ ...deployed, password: each })),
    ...(cache === undefined ? {} : { refresh: cache.urn }),
    async renew(step) {
      if (step.kind !== "reset-password") return;
      try {
        await api.resetPassword(id);
      } catch (error) {
        // An answer that was lost: the database itself says whether it was done.
        if ((await api.password(id).catch(() => password)) === password) throw error;
      }
    },
  };
}

async function externalSecrets({ situation, newUrl }: Given): Promise<Secrets> {
  const { stack, deployed } = situation;
  const base = { steps: planExternal(), old: [deployed], renew: async () => {} };
  if (newUrl === undefined) return base;
  const how = advice("Hand the new URL over on standard input.", propiq("rotate", "--stack", stack, "--yes"));
  const target = parsed(newUrl);
  if (target === undefined) throw refusal("Standard input holds no redis:// or rediss:// URL.", how);
  if (target.password === undefined) throw refusal("The new URL has no password.", how);
  if (target.password === deployed.password && target.host === deployed.host)
    throw refusal("The new URL has the password that the stack uses already.", how);
  return { ...base, url: newUrl };
}

export function parsed(url: string): Target | undefined {
  try {
    return parseRedisUrl(url);
  } catch (error) {
    if (error instanceof UrlError) return undefined;
    throw error;
  }
}

async function localSecrets({ situation: { deployed, cache, held } }: Given): Promise<Secrets> {
  return {
    steps: planLocal(),
    old: distinct([...held, deployed.password ?? ""]).map((password) => ({ ...deployed, password })),
    ...(cache === undefined ? {} : { replace: cache.urn }),
    async renew() {},
  };
}

function distinct(passwords: readonly string[]): string[] {
  return [...new Set(passwords)].filter((password) => password !== "");
}
