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

/** Fewer characters are guessed from the fingerprint of the settings, which is no secret (docs/security.md). */
const SHORT = 16;
/** A word or two, perhaps with a number or a mark at the end. */
const WORDS = /^\p{L}+([ ._-]\p{L}+)?[ ._-]?\d{0,4}[!?.]?$/u;

/** A password that people made up. The warning never repeats it. */
export function warningsOfUrl(url: string | undefined): Problem[] {
  const password = url === undefined ? undefined : parseRedisUrl(url).password;
  if (password === undefined || ([...password].length >= SHORT && !WORDS.test(password))) return [];
  return [
    {
      key: "url",
      words: `has a password that can be guessed: it is short, or made of words. Set a random one of ${SHORT} or more characters at the cache's provider.`,
    },
  ];
}
