/** What the stand-in must know of a kind of resource; `provider.ts` brings what is the same for all. */
import type { Values } from "../../../infra/provider/protocol/values.ts";
import type { Fields } from "../protocol/sdk.ts";
import type { Found } from "../protocol/stand-in.ts";
import type { Engine } from "./engine-api.ts";
import type { Properties } from "./properties.ts";

export interface Kind {
  type: string;
  /** Every input that the SDK takes. */
  fields: Fields;
  /** Those of them that the stand-in knows. */
  properties: Properties;
  /** Outputs that only the engine knows. */
  computed: readonly string[];
  deletesBeforeReplace: boolean;
  /** @throws `InitFailed` where something is left behind */
  create(engine: Engine, inputs: Values): Promise<Found>;
  read(engine: Engine, id: string, state: Values): Promise<Found | undefined>;
  update(engine: Engine, id: string, before: Values, inputs: Values): Promise<Values>;
  delete(engine: Engine, id: string, state: Values): Promise<void>;
}

/** For `catch`: the same error with the provider's words before it. */
export function prefixed(words: string): (error: Error) => never {
  return (error) => {
    throw new Error(`${words}: ${error.message}`, { cause: error });
  };
}
