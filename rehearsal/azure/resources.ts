/** The resources of the emulated subscription, whichever service made them: for lists, and for deleting whole groups. */

export interface TrackedResource {
  /** With the letter case of its creation. */
  id: string;
  /** E.g. `Microsoft.Cache/redis`. */
  type: string;
  name: string;
  resourceGroup: string;
  /** The resource as its own GET answers it. */
  show(): Record<string, unknown>;
  /** Takes it away at once, as the deletion of its group does. */
  remove(): Promise<void>;
}

export class ResourceRegistry {
  readonly #byId = new Map<string, TrackedResource>();

  add(resource: TrackedResource): void {
    this.#byId.set(resource.id.toLowerCase(), resource);
  }

  /** Takes it off the lists; does not call its `remove`. */
  forget(id: string): void {
    this.#byId.delete(id.toLowerCase());
  }

  get(id: string): TrackedResource | undefined {
    return this.#byId.get(id.toLowerCase());
  }

  list(filter: { type?: string; resourceGroup?: string } = {}): TrackedResource[] {
    return [...this.#byId.values()].filter(
      ({ type, resourceGroup }) => fits(type, filter.type) && fits(resourceGroup, filter.resourceGroup),
    );
  }
}

const fits = (value: string, wanted: string | undefined): boolean =>
  wanted === undefined || value.toLowerCase() === wanted.toLowerCase();
