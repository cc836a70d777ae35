/** What a preview says of a cache that a user made by hand, in any cloud. */
import * as log from "../log.ts";

export interface AdoptedLook {
  info: string;
  /** What is not as the config says; the cache is used all the same. */
  warning?: string;
}

export async function tellAdopted({ info, warning }: AdoptedLook): Promise<void> {
  await log.info(info);
  if (warning !== undefined) await log.warn(warning);
}
