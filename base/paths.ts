/** Where things are: the project's root (the folder of Pulumi.yaml) and what it keeps on this machine. */
import { isAbsolute, relative, resolve, sep } from "node:path";

export const PROJECT_ROOT = resolve(import.meta.dirname, "..");

/** A path as a person wrote it in the config: relative to the project's root. */
export function fromRoot(path: string): string {
  return resolve(PROJECT_ROOT, path);
}

/** A path as it may be stored: relative to the project's root where it lies inside, so that a clone can move. */
export function toStored(path: string): string {
  const inside = relative(PROJECT_ROOT, resolve(path));
  const outside = inside === "" || inside.startsWith(`..${sep}`) || inside === ".." || isAbsolute(inside);
  return outside ? resolve(path) : inside.split(sep).join("/");
}
