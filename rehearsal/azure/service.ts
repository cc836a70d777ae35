/** What the emulator of Azure Resource Manager and the services in it know of each other. */
import type { Authority } from "../tls.ts";
import type { ActivityLog } from "./activity-log.ts";
import type { Conditions, Durations } from "./conditions.ts";
import type { ArmReply, ArmRequest } from "./message.ts";
import type { Operations } from "./operations.ts";
import type { PrivateEndpoints } from "./private-endpoints.ts";
import type { ResourceRegistry } from "./resources.ts";
import type { RunningCaches } from "./running-caches.ts";

export interface Route {
  /** GET, PUT, … */
  method: string;
  /**
   * E.g. `/subscriptions/:subscriptionId/resourceGroups/:resourceGroup/providers/Microsoft.Web/sites/:name`. Letter case
   * means nothing, as in ARM. Where it names `:resourceGroup`, that group is there when the handler is called.
   */
  pattern: string;
  /** Those that this emulation was written for; any other is refused as ARM refuses one that it does not know. */
  apiVersions: readonly string[];
  /** Stem of a file in `schemas/`; a body that does not fit it is refused. */
  schema?: string;
  /** Answered without a look at the caller's role, as reading one's own permissions is. */
  open?: boolean;
  /** @throws ArmRefusal for what the service refuses; anything else is a defect of the emulator and fails the test */
  handle(request: ArmRequest): Promise<ArmReply> | ArmReply;
}

export interface ArmService {
  routes: Route[];
  stop?(): Promise<void>;
}

/** One line of the story of a test: `cache created`, `settings written`, `cache deleted`, … with the resource's id. */
export interface AzureEvent {
  /** Milliseconds since 1970, with fractions, so that they can be ordered with those of other doubles. */
  at: number;
  what: string;
  id: string;
}

/** What a service is given. */
export interface ArmKernel {
  readonly subscriptionId: string;
  readonly tenantId: string;
  /** `https://127.0.0.1:port` of the emulator itself. */
  readonly origin: string;
  /** Signs the certificates of what services start. */
  readonly authority: Authority;
  readonly conditions: Conditions;
  readonly durations: Durations;
  readonly operations: Operations;
  readonly resources: ResourceRegistry;
  readonly caches: RunningCaches;
  readonly privateEndpoints: PrivateEndpoints;
  /** An access key that was never given before. */
  newKey(): string;
  tell(what: string, id: string): void;
  /** Who did what through Resource Manager. */
  readonly activity: ActivityLog;
}

/** Milliseconds since 1970, with fractions. */
export const now = (): number => performance.timeOrigin + performance.now();
