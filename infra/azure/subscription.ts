/** Which subscription is meant: the one given, the environment's, or the one that `az` has chosen. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * @param given the stack's own, which wins
 * @returns nothing where nobody says which; touches no network unless `az` itself does
 */
export async function subscriptionOf(
  given: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  return (
    given || env["ARM_SUBSCRIPTION_ID"] || (await chosenInProfile(env)) || (await shownByAz(env)) || undefined
  );
}

/** `az` keeps its choice in a file; reading it spares the start of a Python program. */
async function chosenInProfile(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const folder = env["AZURE_CONFIG_DIR"] || join(env["HOME"] || env["USERPROFILE"] || homedir(), ".azure");
  try {
    const text = await readFile(join(folder, "azureProfile.json"), "utf8");
    // az writes a byte order mark.
    const profile = JSON.parse(text.replace(/^\uFEFF/, "")) as {
      subscriptions?: { id?: unknown; isDefault?: unknown; state?: unknown }[];
    };
    const chosen = profile.subscriptions?.find(({ isDefault }) => isDefault === true)?.id;
    return typeof chosen === "string" ? chosen : undefined;
  } catch {
    return undefined;
  }
}

async function shownByAz(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const args = ["account", "show", "--query", "id", "--output", "tsv"];
    // On Windows az is a .cmd, which only a shell starts; the arguments are fixed.
    const shell = process.platform === "win32";
    const { stdout } = await run("az", args, { env, timeout: 30_000, shell });
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
