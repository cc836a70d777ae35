/** What may be wrong between the thresholds of the check. Pure. */
import type { Problem } from "./problems.ts";
import type { RawSettings } from "./schema.ts";

export function problemsOfExpectations({ expect }: RawSettings): Problem[] {
  const pairs = [
    ["hitRateMin", "hitRateGood"],
    ["memoryGoodMb", "memoryMaxMb"],
    ["responseGoodMs", "responseMaxMs"],
  ] as const;
  return pairs
    .filter(([low, high]) => expect[low] > expect[high])
    .map(([low, high]) => ({
      key: `expect.${low}`,
      words: `must be at most expect.${high}, which is ${expect[high]}`,
    }));
}
