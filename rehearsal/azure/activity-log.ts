/** What was done through Resource Manager, and by whom: writes, deletions and actions, no reads. */
import { randomUUID } from "node:crypto";
import type { ArmRequest } from "./message.ts";
import { actionOf, scopeOf } from "./permissions.ts";

export interface Activity {
  /** Milliseconds since 1970. */
  at: number;
  /** As `Microsoft.Cache/redis/regenerateKey/action`. */
  operation: string;
  resourceId: string;
  resourceGroup: string;
  caller: string;
  correlationId: string;
}

export class ActivityLog {
  readonly #all: Activity[] = [];

  record({ method, path, principal }: Pick<ArmRequest, "method" | "path" | "principal">): void {
    if (method === "GET" || method === "HEAD") return;
    this.add({
      operation: actionOf(method, path),
      resourceId: scopeOf(method, path),
      caller: principal,
    });
  }

  /** As another person or tool does something, at any time. */
  add(given: { operation: string; resourceId: string; caller: string; at?: number }): void {
    const [, resourceGroup = ""] = /\/resourceGroups\/([^/]+)/i.exec(given.resourceId) ?? [];
    this.#all.push({ at: Date.now(), ...given, resourceGroup, correlationId: randomUUID() });
  }

  list(): readonly Activity[] {
    return this.#all;
  }
}
