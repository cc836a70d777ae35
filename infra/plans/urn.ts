/** The parts of the name that Pulumi gives a resource: `urn:pulumi:stack::project::parent$type::name`. */

export interface UrnParts {
  stack: string;
  project: string;
  /** Without the types of its parents. */
  type: string;
  name: string;
}

/** @returns empty parts for what is not a URN */
export function urnParts(urn: string): UrnParts {
  const [start = "", project = "", types = "", ...name] = urn.split("::");
  return {
    stack: start.replace(/^urn:pulumi:/, ""),
    project,
    type: types.split("$").at(-1) ?? "",
    name: name.join("::"),
  };
}
