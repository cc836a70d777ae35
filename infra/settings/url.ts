/** What may be wrong with the URL of an existing Redis. Pure. */
import { commandLine, pulumi } from "../../base/command.ts";
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
      words: `holds a password in the plain. Store it as a secret (the command asks for the value): ${commandLine(pulumi(stack, "config", "set", "--secret", "url"))}`,
    });
  }
  return problems;
}
