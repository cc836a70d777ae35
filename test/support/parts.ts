/** Parts of the machine that some tests need, and how much of a test a machine has time for. */

/** A pipeline's machine takes its time and lacks nothing. */
export const IN_PIPELINE = process.env["CI"] === "true";

/**
 * Rows of a matrix that takes minutes. A pipeline takes all of them; a developer, who waits, those that differ most.
 * @param locally the indexes of those
 */
export function sampled<T>(rows: readonly T[], ...locally: readonly number[]): readonly T[] {
  return IN_PIPELINE ? rows : rows.filter((_, index) => locally.includes(index));
}

/**
 * For `skipIf`: whether a part is missing. A developer's machine may lack it; a pipeline may not, or its green would
 * say less than it seems to.
 */
export function lacks(part: string, there: boolean): boolean {
  if (!there && IN_PIPELINE) throw new Error(`This pipeline's machine lacks ${part}, which a test needs.`);
  return !there;
}
