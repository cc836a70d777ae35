/** What the stand-in must know of a kind of resource; `provider.ts` brings the protocol. */
import type { Values } from "../../../../infra/provider/protocol/values.ts";
import type { Engine } from "./engine-api.ts";
import type { Properties } from "./properties.ts";
import type { Fields } from "./sdk-types.ts";

export interface Found {
  id: string;
  /** Everything that is known of it; what was an input has the input's name. */
  state: Values;
}

export interface Kind {
  type: string;
  /** Every input that the SDK takes. */
  fields: Fields;
  /** Those of them that the stand-in knows. */
  properties: Properties;
  /** Outputs that only the engine can tell. */
  computed: readonly string[];
  deletesBeforeReplace: boolean;
  /** @throws `HalfMade` where something is left behind */
  create(engine: Engine, inputs: Values): Promise<Found>;
  read(engine: Engine, id: string, state: Values): Promise<Found | undefined>;
  update(engine: Engine, id: string, before: Values, inputs: Values): Promise<Values>;
  delete(engine: Engine, id: string, state: Values): Promise<void>;
}

/** A creation failed after the resource had an id: Pulumi records it, and the next update makes it good. */
export class HalfMade extends Error {
  override readonly name = "HalfMade";
  readonly id: string;

  constructor(id: string, message: string) {
    super(message);
    this.id = id;
  }
}

/** For `catch`: the same error with the provider's words before it. */
export function prefixed(words: string): (error: Error) => never {
  return (error) => {
    throw new Error(`${words}: ${error.message}`, { cause: error });
  };
}
