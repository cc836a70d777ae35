/** Who we are at Upstash: an e-mail address and a management API key, from the environment alone, as in pipelines. */
import { PropiqError } from "../../base/errors.ts";

export interface UpstashCredentials {
  /** Of the account; it also names the account in names of databases. */
  email: string;
  /** Secret. */
  apiKey: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLES = { email: "UPSTASH_EMAIL", apiKey: "UPSTASH_API_KEY" } as const;

const HOW_TO_GET_THEM = [
  "Make a key in the Upstash console (Account > Management API), then, in this shell or as secrets of the pipeline:",
  "export UPSTASH_EMAIL=you@example.com",
  "read -rs UPSTASH_API_KEY && export UPSTASH_API_KEY",
].join("\n");

/**
 * @param inProviderConfig whether the stack's config holds `upstash:apiKey` or `upstash:email`: those reach Pulumi's Upstash
 *   provider alone
 * @throws PropiqError that names the variables that are missing
 */
export function upstashCredentials(env: Environment, inProviderConfig = false): UpstashCredentials {
  const email = env[VARIABLES.email]?.trim();
  const apiKey = env[VARIABLES.apiKey]?.trim();
  if (email && apiKey) return { email, apiKey };
  const missing = [...(email ? [] : [VARIABLES.email]), ...(apiKey ? [] : [VARIABLES.apiKey])].join(" and ");
  if (inProviderConfig) {
    throw new PropiqError(
      `Upstash's credentials stand in the stack's config (upstash:email, upstash:apiKey), which only Pulumi's Upstash provider reads; changing a plan and looking for leftovers needs them in the environment, and there ${missing} is missing.`,
      { hint: `${HOW_TO_GET_THEM}\nThe two config keys can then be removed.` },
    );
  }
  throw new PropiqError(`No credentials for Upstash: the environment lacks ${missing}.`, {
    hint: HOW_TO_GET_THEM,
  });
}
