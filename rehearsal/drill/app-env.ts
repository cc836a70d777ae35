/** The environment of the app under drill: what a stack would write, over what the user has. */
import type { Target } from "../../check/target.ts";
import { settingsFor } from "../../infra/contract/app-settings.ts";
import { DEFAULT_TTL, SETTING_NAMES } from "../../infra/contract/table.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param inherited the environment of this process
 * @param envFile the lines of an env file; what the environment has already wins, as it does in Node and dotenv
 */
export function appEnv(
  inherited: Environment,
  envFile: Environment,
  target: Target,
  enabled: boolean,
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    // A print that waits in a buffer would hide where the app listens.
    PYTHONUNBUFFERED: "1",
    ...envFile,
    ...inherited,
  };
  for (const name of SETTING_NAMES) delete env[name];
  return { ...env, ...settingsFor({ enabled, target, ttl: DEFAULT_TTL }) };
}

const SECRET_NAME = /PASS|SECRET|TOKEN|KEY|CREDENTIAL|CONNECTION_?STRING|DATABASE_URL|_DSN$/i;
/** Shorter ones stand in ordinary words. */
const SHORTEST_SECRET = 6;

/** Values that no report may show, by the names of their variables. */
export function secretsOf(env: Environment): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) =>
    SECRET_NAME.test(name) && value.length >= SHORTEST_SECRET ? [value] : [],
  );
}
