/** The report's shape as a schema, for those who read it with other programs: docs/drill.schema.json. */
import * as v from "valibot";
import { amount, count, instant, milliseconds as ms } from "../../base/report-fields.ts";
import { FAULTS } from "./faults.ts";
import { type CLIENTS, type DrillReport, FAULT_CODES } from "./report.ts";

const requests = v.looseObject({ sent: count, failed: count });
const clientSettings = v.looseObject({
  ioredis: v.string(),
  "node-redis": v.string(),
  "redis-py": v.string(),
  "StackExchange.Redis": v.string(),
} satisfies Record<(typeof CLIENTS)[number], v.StringSchema<undefined>>);

const figures = {
  fault: v.picklist(FAULTS),
  requests: v.pipe(requests, v.description("Requests begun during the fault.")),
  afterwards: v.exactOptional(
    v.pipe(requests, v.description("Requests after the fault, until the cache was used again.")),
  ),
  p50Ms: v.exactOptional(ms),
  p99Ms: v.exactOptional(ms),
  recoveredAfterMs: v.exactOptional(
    v.pipe(
      ms,
      v.description(
        "From the end of the fault until the cache was used again. Absent where it was not within 10 s.",
      ),
    ),
  ),
  observed: v.pipe(v.string(), v.description("What users would have seen.")),
};

const fault = v.union([
  v.looseObject({ ...figures, verdict: v.picklist(["passed", "skipped"]) }),
  v.looseObject({
    ...figures,
    verdict: v.literal("failed"),
    code: v.picklist(FAULT_CODES),
    hint: v.pipe(v.string(), v.description("What to change in the app.")),
    clientSettings: v.pipe(clientSettings, v.description("The likely missing setting, by Redis client.")),
    repeat: v.pipe(v.string(), v.description("The command that repeats this one fault.")),
  }),
]);

/** Accepts fields that it does not know: the report may grow. */
export const DRILL_REPORT_SCHEMA = v.looseObject({
  schema: v.literal(1),
  generatedAt: instant,
  verdict: v.picklist(["passed", "failed"]),
  command: v.pipe(v.string(), v.description("The app's command, as it is typed in a shell.")),
  durationMs: ms,
  faultSeconds: v.pipe(v.number(), v.gtValue(0)),
  limitMs: v.pipe(ms, v.description("What a fault may add to the p99 without a cache.")),
  requests: v.pipe(v.array(v.string()), v.description("The URLs that were requested in turn.")),
  withoutCache: v.pipe(
    v.looseObject({ p50Ms: ms, p99Ms: ms }),
    v.description("The app with REDIS_ENABLED=false."),
  ),
  baseline: v.pipe(
    v.looseObject({ p50Ms: ms, p99Ms: ms, commandsPerRequest: amount }),
    v.description("The app with a working cache."),
  ),
  faults: v.array(fault),
  notes: v.pipe(v.array(v.string()), v.description("What limits the meaning of the result.")),
}) satisfies v.GenericSchema<unknown, DrillReport>;
