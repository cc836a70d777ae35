/** The report's shape as a schema, for those who read it with other programs: docs/report.schema.json. */
import * as v from "valibot";
import { amount, instant as at, count, milliseconds as ms, share } from "../base/report-fields.ts";
import { CHECK_IDS, CODES, type ReportSet } from "./report.ts";

const verdict = v.picklist(["healthy", "degraded", "failed", "disabled"]);
const impact = v.picklist(["none", "slower", "users-affected", "unknown"]);
const code = v.picklist(CODES);

/** Parts that the schema names once. */
export const REPORT_DEFINITIONS = { Verdict: verdict, Impact: impact, Code: code };

const advice = v.exactOptional(
  v.pipe(
    v.looseObject({
      say: v.string(),
      run: v.pipe(v.array(v.string()), v.description("Complete command lines.")),
    }),
    v.description("The hint in its parts."),
  ),
);

const checkFields = {
  id: v.picklist(CHECK_IDS),
  title: v.string(),
  observed: v.exactOptional(v.string()),
  expected: v.exactOptional(v.string()),
  durationMs: ms,
};
const check = v.union([
  v.looseObject({
    ...checkFields,
    status: v.picklist(["pass", "skip"]),
    code: v.exactOptional(code),
    hint: v.exactOptional(v.string()),
    advice,
  }),
  v.looseObject({
    ...checkFields,
    status: v.picklist(["warn", "fail"]),
    code,
    hint: v.pipe(v.string(), v.description("What to do about it, with the commands to run.")),
    advice,
  }),
]);

const measurements = v.looseObject({
  latencyMs: v.exactOptional(
    v.pipe(
      v.looseObject({ p50: ms, p95: ms, max: ms, samples: count }),
      v.description("Round trips of PING."),
    ),
  ),
  networkMs: v.exactOptional(
    v.pipe(ms, v.description("The time that the TCP connection took: one round trip of the network.")),
  ),
  connectMs: v.exactOptional(
    v.looseObject({
      dns: v.exactOptional(ms),
      tcp: v.exactOptional(ms),
      tls: v.exactOptional(ms),
      auth: v.exactOptional(ms),
    }),
  ),
  memoryUsedBytes: v.exactOptional(count),
  memoryLimitBytes: v.exactOptional(count),
  hitRate: v.exactOptional(
    v.pipe(share, v.description("Of the look-ups since hitRateSince, or else since the server started.")),
  ),
  hitRateSince: v.exactOptional(at),
  keyspaceHits: v.exactOptional(count),
  keyspaceMisses: v.exactOptional(count),
  commandsProcessed: v.exactOptional(count),
  keys: v.exactOptional(count),
  connectedClients: v.exactOptional(count),
  evictedKeys: v.exactOptional(count),
  uptimeSeconds: v.exactOptional(count),
  serverVersion: v.exactOptional(v.string()),
});

const previous = v.looseObject({
  at,
  verdict,
  codes: v.array(code),
  plan: v.exactOptional(v.string()),
  p50Ms: v.exactOptional(ms),
  memoryUsedBytes: v.exactOptional(count),
  evictedKeys: v.exactOptional(count),
});

const report = v.looseObject({
  stack: v.exactOptional(v.string()),
  plan: v.exactOptional(v.string()),
  provider: v.exactOptional(v.string()),
  endpoint: v.pipe(v.string(), v.description("host:port; empty when there is no cache to speak of.")),
  verdict,
  impact,
  now: v.exactOptional(
    v.pipe(
      v.looseObject({ say: v.string(), run: v.array(v.string()) }),
      v.description("What ends the impact for users at once."),
    ),
  ),
  durationMs: ms,
  commandsUsed: v.pipe(count, v.description("Redis commands that the check sent, handshake included.")),
  checks: v.array(check),
  measurements,
  thresholds: v.exactOptional(
    v.pipe(
      v.looseObject({ memoryMaxBytes: count, hitRateMin: share, responseMaxMs: ms }),
      v.description("Figures beyond which the check warns; the response is net of the network."),
    ),
  ),
  previous: v.exactOptional(v.pipe(previous, v.description("The last run in the history."))),
  functions: v.exactOptional(
    v.pipe(
      v.array(
        v.looseObject({
          namespace: v.string(),
          hits: count,
          misses: count,
          errors: count,
          loads: count,
          loadMsMean: v.exactOptional(ms),
          loadMsMax: v.exactOptional(ms),
          reloads: v.exactOptional(count),
          unchangedReloads: count,
          ttlSeconds: amount,
          savedSeconds: amount,
          memoryBytes: v.exactOptional(amount),
          reason: v.exactOptional(v.string()),
        }),
      ),
      v.description("What the app counts of its cached functions since its process started."),
    ),
  ),
  forecasts: v.exactOptional(
    v.pipe(
      v.array(v.looseObject({ what: v.picklist(["commands", "memory"]), limit: amount, endsAt: at })),
      v.description("Limits that are reached at the present rate; commands are counted by calendar month."),
    ),
  ),
});

/** Accepts fields that it does not know: the report may grow. */
export const REPORT_SET_SCHEMA = v.looseObject({
  schema: v.literal(1),
  generatedAt: at,
  verdict,
  impact,
  reports: v.array(report),
  notAsked: v.exactOptional(
    v.pipe(
      v.array(v.looseObject({ stack: v.string(), reason: v.string(), hint: v.string(), advice })),
      v.description("Caches of which nothing is known, not even that they fail."),
    ),
  ),
  skippedHistoryLines: v.exactOptional(
    v.pipe(count, v.description("Lines of the history that could not be used: torn, strange, or too long.")),
  ),
}) satisfies v.GenericSchema<unknown, ReportSet>;
