/** What a preview says of a cache that a user made by hand, in any cloud. */
import * as log from "../log.ts";
import { type Explanation, explanationText } from "../refusals/refusal.ts";

export interface AdoptedLook {
  info: string;
  /** How the cache differs from the config. It is used anyway. */
  warning?: Explanation;
}

export async function reportAdopted({ info, warning }: AdoptedLook): Promise<void> {
  await log.info(info);
  if (warning !== undefined) await log.warn(explanationText(warning));
}
