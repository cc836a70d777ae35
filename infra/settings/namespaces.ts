/** Config keys of a namespace that no program reads. Pure. */
import { distance } from "fastest-levenshtein";
import type { Problem } from "./problems.ts";

const NAMESPACE = "propiq-cache";

/**
 * Other namespaces belong to other providers. One that differs from ours by a typing mistake would be ignored without
 * a word.
 * @param keys with their namespace, as in `azure-native:location`
 */
export function problemsOfNamespaces(keys: readonly string[]): Problem[] {
  return keys.flatMap((full) => {
    const colon = full.indexOf(":");
    const [namespace, key] = [full.slice(0, colon), full.slice(colon + 1)];
    if (namespace === NAMESPACE || distance(namespace, NAMESPACE) > 2) return [];
    return [{ namespace, key, words: `did you mean ${NAMESPACE}:${key}?`, remove: full }];
  });
}
