/** Parts of the machine that some tests need, and which tests of a file run in which pass. */

/** A pipeline's machine lacks nothing. */
export const IN_PIPELINE = process.env["CI"] === "true";

/**
 * Options of a test that only repeats what others show: a whole matrix, a kill at each step, the second half of a long
 * story. `npm test` leaves it out, `npm run test:long` runs it.
 */
export const LONG = { tags: ["long"] };

/** Options of the first steps of a story whose later ones are LONG: in both passes. */
export const FIRST_STEPS = { tags: ["first-steps"] };

/** Options of a group whose tests are the steps of one story: shuffled, none of them means anything. */
export const STORY = { shuffle: false } as const;

/**
 * The rows of a matrix by their passes: `for (const [rows, pass] of passes(ROWS, 2)) it.each(rows)("…", pass, …)`.
 * @param usually the indexes of those that differ most, for `npm test`; all others are LONG
 */
export function passes<T>(
  rows: readonly T[],
  ...usually: readonly number[]
): [readonly T[], { tags: string[] }][] {
  return [
    [rows.filter((_, index) => usually.includes(index)), { tags: [] }],
    [rows.filter((_, index) => !usually.includes(index)), LONG],
  ];
}

/**
 * For `skipIf`: whether a part is missing. A developer's machine may lack it; a pipeline may not, or its green would
 * say less than it seems to.
 */
export function lacks(part: string, there: boolean): boolean {
  if (!there && IN_PIPELINE) throw new Error(`This pipeline's machine lacks ${part}, which a test needs.`);
  return !there;
}
