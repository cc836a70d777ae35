/** The mark on our containers: how one that a killed update left behind is distinguished from one made by hand. */
import { createHash } from "node:crypto";
import { PROJECT_ROOT } from "../../../base/paths.ts";

/** Two clones of the project on one machine are two owners. */
const CLONE = createHash("sha256").update(PROJECT_ROOT).digest("hex").slice(0, 12);

export function labelsOf(stack: string): { label: string; value: string }[] {
  return Object.entries(marksOf(stack)).map(([label, value]) => ({ label, value }));
}

export function isOwnContainer(labels: Readonly<Record<string, string>>, stack: string): boolean {
  return Object.entries(marksOf(stack)).every(([label, value]) => labels[label] === value);
}

function marksOf(stack: string): Record<string, string> {
  return {
    "propiq-cache.project": "propiq-cache",
    "propiq-cache.clone": CLONE,
    "propiq-cache.stack": stack,
  };
}
