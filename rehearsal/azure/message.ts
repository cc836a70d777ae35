/** What clients and Azure Resource Manager send each other. */
import type { IncomingHttpHeaders } from "node:http";

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
