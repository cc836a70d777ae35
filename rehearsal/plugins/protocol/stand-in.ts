/** What a stand-in for a provider must say and do; `handlers.ts` brings Pulumi's protocol. */
import type { Values } from "../../../infra/provider/protocol/values.ts";

/** @typeParam Kind what it knows of a kind of resource */
export interface StandIn<Kind> {
  /** As it reports to the engine: some providers write a `v` before it. */
  readonly version: string;
  /** Properties that the provider marks as secret by itself. For all others the engine keeps its own marks. */
  readonly secrets: ReadonlySet<string>;
  /** @returns what is wrong, in the provider's words. Absent where the provider answers UNIMPLEMENTED. */
  checkConfig?(inputs: Values): string[];
  /** @returns nothing where the provider leaves it to the engine to compare. Absent as above. */
  diffConfig?(before: Values, after: Values): Difference[] | undefined;
  configure(given: Configuration): void | Promise<void>;
  /** Stops what is under way, where the provider does. */
  cancel?(): void;
  /** Absent where the stand-in knows no functions. */
  invoke?(token: string, args: Values): Promise<Values>;
  /** @param call the engine's, as in `Check` @throws in the provider's words for a type that is not known */
  kindOf(type: string, call: string): Kind;
  check(resource: Resource<Kind>, inputs: Values): Checked;
  diff(resource: Resource<Kind>, asked: AskedDiff): Diff;
  /** What a preview can say of a resource that does not exist yet. */
  previewCreate(resource: Resource<Kind>, inputs: Values): Values;
  create(resource: Resource<Kind>, inputs: Values): Promise<Found>;
  /** @param state empty for an import @returns nothing where the resource no longer exists */
  read(resource: Resource<Kind>, recorded: Recorded): Promise<Recorded | undefined>;
  previewUpdate(resource: Resource<Kind>, before: Found, inputs: Values): Values;
  update(resource: Resource<Kind>, before: Found, inputs: Values): Promise<Values>;
  delete(resource: Resource<Kind>, found: Found): Promise<void>;
}

export interface Configuration {
  /** The provider's own inputs. */
  args: Values;
  /** The stack's config for the provider, by its keys without a namespace. */
  variables: Readonly<Record<string, string>>;
  /** Whether the engine hands on the inputs of last time. */
  sendsOldInputs: boolean;
}

export interface Resource<Kind> {
  urn: string;
  /** In the program. */
  name: string;
  kind: Kind;
}

export interface Found {
  id: string;
  state: Values;
}

/** A resource as the engine records it. */
export interface Recorded extends Found {
  inputs: Values;
}

export interface Checked {
  inputs: Values;
  /** In the provider's words where they were seen. */
  failures: string[];
}

export interface AskedDiff {
  state: Values;
  oldInputs: Values;
  inputs: Values;
  /** Paths of `ignoreChanges`. */
  ignored: readonly string[];
}

export interface Diff {
  found: readonly Difference[];
  /** Where something replaces: whether the old resource is deleted first. */
  deletesFirst: boolean;
}

export type Change = "add" | "delete" | "update";

export interface Difference {
  /** As in `sku.capacity` or `readRegions[0]`. */
  path: string;
  change: Change;
  replaces: boolean;
}

/** The property at the beginning of a path. */
export function propertyOf(path: string): string {
  return path.split(/[.[]/)[0] ?? path;
}

/** A write failed after the resource had an id: the engine records what is there, and the next update makes it good. */
export class InitFailed extends Error {
  override readonly name = "InitFailed";
  readonly left: Found & { inputs?: Values };

  constructor(message: string, left: Found & { inputs?: Values }) {
    super(message);
    this.left = left;
  }
}

/** An error with another code than UNKNOWN, which providers answer for nearly all. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}
