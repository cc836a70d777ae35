/** What the emulator of Azure Resource Manager and the services in it know of each other. */
import type { IncomingHttpHeaders } from "node:http";
import type { Authority } from "../tls.ts";
import type { ActivityLog } from "./activity-log.ts";
import type { Conditions, Durations } from "./conditions.ts";
import type { Operations } from "./operations.ts";
import type { PrivateEndpoints } from "./private-endpoints.ts";
import type { ResourceRegistry } from "./resources.ts";
import type { RunningCaches } from "./running-caches.ts";

export interface ArmRequest {
  method: string;
  /** As it was sent, without the query. */
  path: string;
  /** Of the route's pattern; as they were sent, percent-decoded. */
  params: Record<string, string>;
  query: URLSearchParams;
  apiVersion: string;
  /** Parsed JSON, already checked with the route's schema; undefined where none was sent. */
  body: unknown;
  headers: IncomingHttpHeaders;
  /** Object id of who asks. */
  principal: string;
}

export interface ArmReply {
  status: number;
  /** Sent as JSON; absent for an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
}

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

export interface ErrorDetail {
  code: string;
  message: string;
  target?: string;
}

/** An error as ARM words it: `{"error": {code, message, details?}}`. */
export class ArmRefusal extends Error {
  declare readonly status: number;
  declare readonly code: string;
  declare readonly details: readonly ErrorDetail[] | undefined;
  declare readonly headers: Record<string, string> | undefined;

  constructor(
    status: number,
    code: string,
    message: string,
    details?: readonly ErrorDetail[],
    headers?: Record<string, string>,
  ) {
    super(message);
    this.name = "ArmRefusal";
    this.status = status;
    this.code = code;
    this.details = details;
    this.headers = headers;
  }

  get reply(): ArmReply {
    const { status, code, message, details, headers } = this;
    const error = { code, message, ...(details === undefined ? {} : { details }) };
    return { status, body: { error }, ...(headers === undefined ? {} : { headers }) };
  }
}

/** Milliseconds since 1970, with fractions. */
export const now = (): number => performance.timeOrigin + performance.now();
