/** What a resource of the provider must say and do; the server brings the protocol. */
import type { Value, Values } from "./values.ts";

/** One running operation on one resource. */
export interface Operation {
  /** The resource's unique name in its stack. */
  readonly urn: string;
  /** The stack's name. */
  readonly stack: string;
  /** Aborted when the update is cancelled: no remote or lasting write may start after that. */
  readonly signal: AbortSignal;
  /**
   * Shows on the resource's row what is being done: call it as often as you like with the same step.
   * @param detail what the step waits for now; neither holds a secret, nor seconds (they are added)
   */
  progress(step: string, detail?: string): void;
  /** Leaves a warning below the update. Never holds a secret. */
  warn(message: string): void;
}

type KindOf<T> = T extends string
  ? "string"
  : T extends number
    ? "number"
    : T extends boolean
      ? "boolean"
      : T extends readonly unknown[]
        ? "list"
        : "object";

/** The kind of each property, `?` behind it where it may be absent: the run-time twin of its type. */
export type Shape<Inputs> = {
  readonly [K in keyof Inputs]-?: undefined extends Inputs[K]
    ? `${KindOf<NonNullable<Inputs[K]>>}?`
    : KindOf<Inputs[K]>;
};

/** Something wrong with one input; `property` is its path, empty for the resource as a whole. */
export interface InputFailure {
  property: string;
  reason: string;
}

/**
 * A kind of resource. `Outputs` are what it adds to its inputs; the state holds both.
 * Inputs and outputs are plain JSON values.
 */
export interface ResourceType<Inputs extends object, Outputs extends object> {
  readonly type: string;
  readonly inputs: Shape<Inputs>;
  readonly outputs: Shape<Outputs>;
  /** Properties that are secret even where the program forgot to say so. */
  readonly secrets: readonly (keyof Inputs | keyof Outputs)[];
  /** Inputs whose change makes another resource instead of changing this one. */
  readonly replaceOn: readonly (keyof Inputs)[];
  /** Inputs that describe this run to the provider. A change of one is not a change of the resource. */
  readonly ofThisRun?: readonly (keyof Inputs)[];
  /**
   * Asked where inputs and state are the same.
   * @returns the paths that another writer changed since the last update; each makes this an update. Touches nothing.
   */
  edits?(state: Inputs & Outputs, inputs: Inputs, operation: Operation): Promise<string[]>;
  /** What is wrong with inputs that are all known, beyond their types. Must touch nothing. */
  refuse?(inputs: Inputs): InputFailure[];
  /** The same of the outputs in a state: of the right kinds, but some may be missing. */
  refuseOutputs?(outputs: Partial<Outputs>): InputFailure[];
  create(inputs: Inputs, operation: Operation): Promise<{ id: string; outputs: Outputs }>;
  /** What is there now, or nothing where it no longer exists. Touches nothing. */
  read(id: string, state: Inputs & Outputs, operation: Operation): Promise<(Inputs & Outputs) | undefined>;
  update(id: string, state: Inputs & Outputs, inputs: Inputs, operation: Operation): Promise<Outputs>;
  delete(id: string, state: Inputs & Outputs, operation: Operation): Promise<void>;
}

/** A resource type without its own types: what the server keeps in its table. */
export interface AnyResourceType {
  readonly type: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly replaceOn: readonly string[];
  readonly ofThisRun: readonly string[];
  edits(state: Values, inputs: Values, operation: Operation): Promise<string[]>;
  refuse(inputs: Values): InputFailure[];
  refuseOutputs(outputs: Values): InputFailure[];
  create(inputs: Values, operation: Operation): Promise<{ id: string; outputs: Values }>;
  read(id: string, state: Values, operation: Operation): Promise<Values | undefined>;
  update(id: string, state: Values, inputs: Values, operation: Operation): Promise<Values>;
  delete(id: string, state: Values, operation: Operation): Promise<void>;
}

/**
 * Forgets the types of a resource type. Sound because the server hands on only inputs and states that passed their
 * shapes.
 */
export function anyType<I extends object, O extends object>(type: ResourceType<I, O>): AnyResourceType {
  const typed = <T>(values: Values): T => values as T;
  const plain = (values: object): Values => values as Record<string, Value>;
  return {
    type: type.type,
    inputs: type.inputs,
    outputs: type.outputs,
    secrets: type.secrets.map(String),
    replaceOn: type.replaceOn.map(String),
    ofThisRun: (type.ofThisRun ?? []).map(String),
    edits: async (state, inputs, operation) =>
      (await type.edits?.(typed<I & O>(state), typed<I>(inputs), operation)) ?? [],
    refuse: (inputs) => type.refuse?.(typed<I>(inputs)) ?? [],
    refuseOutputs: (outputs) => type.refuseOutputs?.(typed<O>(outputs)) ?? [],
    create: async (inputs, operation) => {
      const { id, outputs } = await type.create(typed<I>(inputs), operation);
      return { id, outputs: plain(outputs) };
    },
    read: async (id, state, operation) => {
      const found = await type.read(id, typed<I & O>(state), operation);
      return found === undefined ? undefined : plain(found);
    },
    update: async (id, state, inputs, operation) =>
      plain(await type.update(id, typed<I & O>(state), typed<I>(inputs), operation)),
    delete: (id, state, operation) => type.delete(id, typed<I & O>(state), operation),
  };
}
