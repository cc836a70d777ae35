/** The report's shape as a schema, for those who read it with other programs: docs/report.schema.json. */
import { z } from "zod";
import { CHECK_IDS, CODES, type ReportSet } from "./report.ts";

const verdict = z.enum(["healthy", "degraded", "failed", "disabled"]).meta({ id: "Verdict" });
const impact = z.enum(["none", "slower", "users-affected", "unknown"]).meta({ id: "Impact" });
const code = z.enum(CODES).meta({ id: "Code" });
const count = z.int().nonnegative();
const amount = z.number().nonnegative();
const ms = amount.describe("Milliseconds.");
const share = z.number().min(0).max(1);
const at = z.iso.datetime().describe("UTC.");

const advice = z
  .looseObject({ say: z.string(), run: z.array(z.string()).describe("Complete command lines.") })
  .describe("The hint in its parts.")
  .exactOptional();

const checkFields = {
  id: z.enum(CHECK_IDS),
  title: z.string(),
  observed: z.string().exactOptional(),
  expected: z.string().exactOptional(),
  durationMs: ms,
};
const check = z.union([
  z.looseObject({
    ...checkFields,
    status: z.enum(["pass", "skip"]),
    code: code.exactOptional(),
    hint: z.string().exactOptional(),
    advice,
  }),
  z.looseObject({
    ...checkFields,
    status: z.enum(["warn", "fail"]),
    code,
    hint: z.string().describe("What to do about it, with the commands to run."),
    advice,
  }),
]);

const measurements = z.looseObject({
  latencyMs: z
    .looseObject({ p50: ms, p95: ms, max: ms, samples: count })
    .describe("Round trips of PING.")
    .exactOptional(),
  networkMs: ms
    .describe("The time that the TCP connection took: one round trip of the network.")
    .exactOptional(),
  connectMs: z
    .looseObject({
      dns: ms.exactOptional(),
      tcp: ms.exactOptional(),
      tls: ms.exactOptional(),
      auth: ms.exactOptional(),
    })
    .exactOptional(),
  memoryUsedBytes: count.exactOptional(),
  memoryLimitBytes: count.exactOptional(),
  hitRate: share
    .describe("Of the look-ups since hitRateSince, or else since the server started.")
    .exactOptional(),
  hitRateSince: at.exactOptional(),
  keyspaceHits: count.exactOptional(),
  keyspaceMisses: count.exactOptional(),
  commandsProcessed: count.exactOptional(),
  keys: count.exactOptional(),
  connectedClients: count.exactOptional(),
  evictedKeys: count.exactOptional(),
  uptimeSeconds: count.exactOptional(),
  serverVersion: z.string().exactOptional(),
});

const previous = z.looseObject({
  at,
  verdict,
  codes: z.array(code),
  plan: z.string().exactOptional(),
  p50Ms: ms.exactOptional(),
  memoryUsedBytes: count.exactOptional(),
  evictedKeys: count.exactOptional(),
});

const report = z.looseObject({
  stack: z.string().exactOptional(),
  plan: z.string().exactOptional(),
  provider: z.string().exactOptional(),
  endpoint: z.string().describe("host:port; empty when there is no cache to speak of."),
  verdict,
  impact,
  now: z
    .looseObject({ say: z.string(), run: z.array(z.string()) })
    .describe("What ends the impact for users at once.")
    .exactOptional(),
  durationMs: ms,
  commandsUsed: count.describe("Redis commands that the check sent, handshake included."),
  checks: z.array(check),
  measurements,
  thresholds: z
    .looseObject({ memoryMaxBytes: count, hitRateMin: share, responseMaxMs: ms })
    .describe("Figures beyond which the check warns; the response is net of the network.")
    .exactOptional(),
  previous: previous.describe("The last run in the history.").exactOptional(),
  functions: z
    .array(
      z.looseObject({
        namespace: z.string(),
        hits: count,
        misses: count,
        errors: count,
        loads: count,
        loadMsMean: ms.exactOptional(),
        loadMsMax: ms.exactOptional(),
        reloads: count.exactOptional(),
        unchangedReloads: count,
        ttlSeconds: amount,
        savedSeconds: amount,
        memoryBytes: amount.exactOptional(),
        reason: z.string().exactOptional(),
      }),
    )
    .describe("What the app counts of its cached functions since its process started.")
    .exactOptional(),
  forecasts: z
    .array(z.looseObject({ what: z.enum(["commands", "memory"]), limit: amount, endsAt: at }))
    .describe("Limits that are reached at the present rate; commands are counted by calendar month.")
    .exactOptional(),
});

/** Accepts fields that it does not know: the report may grow. */
export const REPORT_SET_SCHEMA = z.looseObject({
  schema: z.literal(1),
  generatedAt: at,
  verdict,
  impact,
  reports: z.array(report),
  notAsked: z
    .array(z.looseObject({ stack: z.string(), reason: z.string(), hint: z.string(), advice }))
    .describe("Caches of which nothing is known, not even that they fail.")
    .exactOptional(),
  skippedHistoryLines: count
    .describe("Lines of the history that could not be used: torn, strange, or too long.")
    .exactOptional(),
}) satisfies z.ZodType<ReportSet>;

/** The text of docs/report.schema.json. */
export function reportSchemaJson(): string {
  const { $schema, ...schema } = z.toJSONSchema(REPORT_SET_SCHEMA, { target: "draft-2020-12" });
  const title = "Report of propiq-cache verify";
  return `${JSON.stringify({ $schema, title, ...schema }, null, 2)}\n`;
}
