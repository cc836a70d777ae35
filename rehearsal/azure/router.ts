/** From a method and a path to the route that answers; letter case means nothing, as in ARM. */
import type { Route } from "./service.ts";

export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** @returns undefined where no service knows the path with this method */
export function match(routes: readonly Route[], method: string, path: string): Match | undefined {
  const segments = segmentsOf(path);
  for (const route of routes) {
    if (route.method !== method) continue;
    const params = paramsOf(segmentsOf(route.pattern), segments);
    if (params !== undefined) return { route, params };
  }
  return undefined;
}

const segmentsOf = (path: string): string[] => path.split("/").filter((segment) => segment !== "");

function paramsOf(pattern: string[], segments: string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, expected] of pattern.entries()) {
    const segment = decodeURIComponent(segments[index] ?? "");
    if (expected.startsWith(":")) params[expected.slice(1)] = segment;
    else if (expected.toLowerCase() !== segment.toLowerCase()) return undefined;
  }
  return params;
}
