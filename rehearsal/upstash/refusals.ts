/**
 * What Upstash refuses. Statuses are those of its list (upstash/docs, devops/developer-api/http_status_codes.mdx); a body is a
 * JSON string by itself, as the only refusal whose words are public shows. All other words are the emulator's own: nobody
 * may go by them.
 */
export interface Reply {
  status: number;
  /** Sent as JSON; absent for an empty body. */
  body?: unknown;
  headers?: Record<string, string>;
}

export class Refusal extends Error {
  declare readonly reply: Reply;

  constructor(status: number, body: string, headers?: Record<string, string>) {
    super(body);
    this.name = "Refusal";
    this.reply = { status, body, ...(headers === undefined ? {} : { headers }) };
  }
}

export const refusals = {
  /** 401 is "Your API key is wrong." */
  wrongKey: () => new Refusal(401, "unauthorized"),
  readOnlyKey: () => new Refusal(403, "this api key is read-only"),
  unknownDatabase: () => new Refusal(404, "database not found"),
  /** Public: Terraform configurations and notes on GitHub quote `400 "regional db creation is deprecated"`, a bare JSON string. */
  regional: () => new Refusal(400, "regional db creation is deprecated"),
  /** "One free database per account" (upstash.com/docs/redis/howto/upgradedatabase). */
  secondFree: () => new Refusal(400, "free database limit exceeded: one free database per account"),
  /** "To upgrade your database, you need to have a payment method" (the same page). */
  noPaymentMethod: () => new Refusal(400, "payment method is required"),
  lowerPlan: () => new Refusal(400, "database can not be moved to a lower plan, contact support"),
  tooMuchData: () => new Refusal(400, "database size exceeds the limit of the plan"),
  unknownPlan: () => new Refusal(400, "invalid plan name"),
  invalid: (field: string) => new Refusal(400, `invalid ${field}`),
  /** The provider passes over errors that hold these words (upstash/terraform-provider-upstash, api_calls.go). */
  already: (state: "enabled" | "disabled") => new Refusal(400, `auto upgrade already ${state}`),
  /** Prod Pack and allow-lists belong to paid plans (upstash.com/docs/redis/overall/pricing). */
  paidOnly: (what: string) => new Refusal(400, `${what} is not available on the free plan`),
  tooManyRequests: (seconds: number) =>
    new Refusal(429, "too many requests", { "Retry-After": String(seconds) }),
};
