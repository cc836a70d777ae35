/** Parts of the machine that some tests need. */

/**
 * For `skipIf`: whether a part is missing. A developer's machine may lack it; a pipeline may not, or its green would
 * say less than it seems to.
 */
export function lacks(part: string, there: boolean): boolean {
  if (!there && process.env["CI"] === "true")
    throw new Error(`This pipeline's machine lacks ${part}, which a test needs.`);
  return !there;
}
