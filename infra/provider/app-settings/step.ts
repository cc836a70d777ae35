/** Steps of a change, named for the error of one that fails. */
import type { Aftermath } from "./failure.ts";

/** Why a change did not finish. */
export class Unfinished extends Error {
  override readonly name = "Unfinished";
  readonly step: string;
  readonly aftermath: Aftermath;

  constructor(step: string, cause: unknown, aftermath: Aftermath = "untouched") {
    super(step, { cause });
    this.step = step;
    this.aftermath = aftermath;
  }
}

/** @param step to follow "failed while" */
export async function inStep<T>(step: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof Unfinished ? error : new Unfinished(step, error);
  }
}
