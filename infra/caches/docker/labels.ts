/** The mark on our containers: how one that a killed update left behind is told from one made by hand. */

const PROJECT = "propiq-cache.project";
const STACK = "propiq-cache.stack";

export function labelsOf(stack: string): { label: string; value: string }[] {
  return [
    { label: PROJECT, value: "propiq-cache" },
    { label: STACK, value: stack },
  ];
}

export function isOwnContainer(labels: Readonly<Record<string, string>>, stack: string): boolean {
  return labels[PROJECT] === "propiq-cache" && labels[STACK] === stack;
}
