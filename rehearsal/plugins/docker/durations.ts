/** Go's durations, as the provider takes and gives them (`time.ParseDuration`, `Duration.String`). */

const NANOSECONDS: Readonly<Record<string, number>> = {
  h: 3_600e9,
  m: 60e9,
  s: 1e9,
  ms: 1e6,
  us: 1e3,
  ns: 1,
};

/** @param text as in `1m30s`; what is not a duration counts as 0, as in the provider */
export function toNanoseconds(text: string): number {
  return Array.from(text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)/g)).reduce(
    (sum, [, count, unit = ""]) => sum + Number(count) * (NANOSECONDS[unit] ?? 0),
    0,
  );
}

/** The canonical form: `60e9` is `1m0s`, `500e6` is `500ms`. */
export function fromNanoseconds(duration: number): string {
  if (duration === 0) return "0s";
  if (duration < 1e3) return `${duration}ns`;
  if (duration < 1e6) return `${duration / 1e3}µs`;
  if (duration < 1e9) return `${duration / 1e6}ms`;
  const minutes = Math.floor(duration / 60e9);
  const seconds = `${(duration - minutes * 60e9) / 1e9}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
