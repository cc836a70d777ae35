/** The mark on what we make in the cloud: whose it is, for people, bills, and for us after a killed update. */

export interface Owner {
  /** The Pulumi project. */
  project: string;
  stack: string;
}

/** Tags of a resource: the stack's own (`azure.tags`) and the marks, which win. */
export function tagsFor(owner: Owner, own: Readonly<Record<string, string>> = {}): Record<string, string> {
  const marks = marksOf(owner);
  // Azure's tag names are the same in either case, so a mark in other letters would be the mark itself.
  const given = Object.entries(own).filter(([name]) => !Object.hasOwn(marks, name.toLowerCase()));
  return { ...Object.fromEntries(given), ...marks };
}

/** Whether a resource bears the marks of this very project and stack. */
export function isOwn(tags: Readonly<Record<string, unknown>> | null | undefined, owner: Owner): boolean {
  const found = new Map(Object.entries(tags ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(marksOf(owner)).every(([name, value]) => found.get(name) === value);
}

/** The names of the marks, as Azure shows them. */
export const MARK_NAMES: readonly string[] = Object.keys(marksOf({ project: "", stack: "" }));

function marksOf({ project, stack }: Owner): Record<string, string> {
  return { "managed-by": "propiq-cache", "propiq-cache-project": project, "propiq-cache-stack": stack };
}
