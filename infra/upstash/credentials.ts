/** Who we are at Upstash: an e-mail address and a management API key, from the environment alone, as in pipelines. */
import { advice } from "../../base/advice.ts";
import { program } from "../../base/command.ts";
import { PropiqError } from "../../base/errors.ts";

export interface UpstashCredentials {
  /** Of the account; it also names the account in names of databases. */
  email: string;
  /** Secret. */
  apiKey: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const VARIABLES = { email: "UPSTASH_EMAIL", apiKey: "UPSTASH_API_KEY" } as const;

/** The shell's own commands. */
const PASS_THEM = [
  program("export", "UPSTASH_EMAIL=you@example.com"),
  program("read", "-rs", "UPSTASH_API_KEY"),
  program("export", "UPSTASH_API_KEY"),
];
const HOW_TO_GET_THEM =
  "Make a key in the Upstash console (Account > Management API). Set it in this shell, or as secrets of the pipeline.";

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
      `Upstash's credentials are in the stack's config (upstash:email, upstash:apiKey), which only Pulumi's Upstash provider reads. A change of plan and a search for leftovers require them in the environment, which lacks ${missing}.`,
      {
        code: "CREDENTIALS_MISSING",
        next: advice(`${HOW_TO_GET_THEM} Then remove the two config keys.`, ...PASS_THEM),
      },
    );
  }
  throw new PropiqError(`No credentials for Upstash: the environment lacks ${missing}.`, {
    code: "CREDENTIALS_MISSING",
    next: advice(HOW_TO_GET_THEM, ...PASS_THEM),
  });
}
