/** What an app's health document may look like, other than as the guide has it: done to what a real app answered. */

export interface HealthReply {
  status: number;
  contentType: string;
  body: string;
}

/**
 * - `guide`: as the app says it
 * - `no-fingerprint`: an app that knows the guide's document, not this project's fingerprint
 * - `bare`: `{"status": "healthy"}`, nothing about a cache
 * - `null-fields`: everything about the cache is null
 * - `cache-off`: healthy, and says that its cache is off
 * - `unhealthy`: 200, and says that it is unhealthy
 * - `error`, `forbidden`, `missing`: 500, 403, 404
 * - `page`: 200 with a web page, as single-page apps answer any path
 */
export type Health = keyof typeof HEALTH;

const JSON_TYPE = "application/json; charset=utf-8";

const HEALTH = {
  guide: (reply) => reply,
  "no-fingerprint": (reply) => ({
    ...reply,
    body: edited(reply.body, ({ cache, ...rest }) => {
      const { fingerprint: _, ...others } = cache;
      return { ...rest, cache: others };
    }),
  }),
  bare: (reply) => ({
    ...reply,
    body: edited(reply.body, ({ status }) => ({ status })),
  }),
  "null-fields": (reply) => ({
    ...reply,
    body: edited(reply.body, (document) => ({
      ...document,
      cache: Object.fromEntries(Object.keys(document.cache).map((key) => [key, null])),
    })),
  }),
  "cache-off": (reply) => ({
    ...reply,
    body: edited(reply.body, (document) => ({
      ...document,
      cache: { ...document.cache, enabled: false, connected: false, reason: "no cache is configured" },
    })),
  }),
  unhealthy: (reply) => ({
    ...reply,
    body: edited(reply.body, (document) => ({ ...document, status: "unhealthy" })),
  }),
  error: () => ({ status: 500, contentType: JSON_TYPE, body: '{"error":"Internal Server Error"}' }),
  forbidden: () => ({ status: 403, contentType: "text/html", body: "<h1>403 - Forbidden</h1>" }),
  missing: () => ({ status: 404, contentType: JSON_TYPE, body: '{"error":"Not Found"}' }),
  page: () => ({ status: 200, contentType: "text/html", body: "<!doctype html><title>App</title>" }),
} satisfies Record<string, (reply: HealthReply) => HealthReply>;

/** What the front door answers in place of what the app did. */
export function healthReply(health: Health, reply: HealthReply): HealthReply {
  return HEALTH[health](reply);
}

interface Document {
  status: unknown;
  cache: Record<string, unknown>;
}

/** @throws where the app's own document is not the guide's: then the double would be none of an app in that form */
function edited(body: string, edit: (document: Document) => object): string {
  const document: unknown = JSON.parse(body);
  if (!isDocument(document)) throw new Error(`not a health document of the guide: ${body}`);
  return JSON.stringify(edit(document));
}

function isDocument(value: unknown): value is Document {
  if (typeof value !== "object" || value === null || !("status" in value) || !("cache" in value))
    return false;
  return typeof value.cache === "object" && value.cache !== null;
}
