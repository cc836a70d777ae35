/** What may be wrong with the URL of an existing Redis. Pure. */
import { parseRedisUrl, UrlError } from "../contract/redis-url.ts";
import type { Context, Problem } from "./problems.ts";

export function problemsOfUrl(url: unknown, { stack, isSecret }: Context): Problem[] {
  if (typeof url !== "string") return [];
  const problems: Problem[] = [];
  try {
    parseRedisUrl(url);
  } catch (error) {
    if (!(error instanceof UrlError)) throw error;
    problems.push({ key: "url", words: error.message });
  }
  // Also where it cannot be read as a URL: whatever stands between // and @ is probably a password.
  if (/\/\/[^/]*@|:[^/@]+@/.test(url) && !isSecret("url")) {
    problems.push({
      key: "url",
      words: `holds a password in the plain; store it as a secret: ./propiq-cache pulumi config set --secret url --stack ${stack} (it asks for the value)`,
    });
  }
  return problems;
}
