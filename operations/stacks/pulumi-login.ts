/** Whether a user is logged in to Pulumi Cloud, as far as that can be seen without asking it. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pulumiHome } from "../../toolchain/paths.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * @param url of the back end
 * @returns false only where it is sure: what `pulumi login` left may be encrypted (pulumi: sdk/go/common/workspace/creds.go)
 */
export async function isLoggedIn(url: string, env: Environment): Promise<boolean> {
  if (env["PULUMI_ACCESS_TOKEN"]) return true;
  const file = join(env["PULUMI_CREDENTIALS_PATH"] || pulumiHome(env), "credentials.json");
  const text = await readFile(file, "utf8").catch(() => "{}");
  const tokens = tokensIn(text);
  return tokens === undefined || Boolean(tokens[url.replace(/\/$/, "")]);
}

/** By back end; nothing where the file is not plain. */
function tokensIn(text: string): Record<string, string> | undefined {
  try {
    const { current, accessTokens, ...rest } = JSON.parse(text) as {
      current?: string;
      accessTokens?: Record<string, string>;
    };
    const isPlain = current !== undefined || accessTokens !== undefined || Object.keys(rest).length === 0;
    return isPlain ? (accessTokens ?? {}) : undefined;
  } catch {
    return undefined;
  }
}
