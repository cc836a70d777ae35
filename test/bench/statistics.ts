/** What a list of times comes to. */

/** The middle one, or the mean of the two in the middle. @throws RangeError for an empty list */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  if (low === undefined || high === undefined) throw new RangeError("nothing has no median");
  return (low + high) / 2;
}

/** Rounded to what a ratio of times can mean; goals are judged by what is printed. */
export function ratio(ours: number, baseline: number): number {
  return Math.round((ours / baseline) * 1000) / 1000;
}
