/** The report's shape as a schema, for those who read it with other programs: docs/drill.schema.json. */
import { z } from "zod";
import { FAULTS } from "./faults.ts";
import { type CLIENTS, type DrillReport, FAULT_CODES } from "./report.ts";

const count = z.int().nonnegative();
const ms = z.number().nonnegative().describe("Milliseconds.");
const requests = z.looseObject({ sent: count, failed: count });
const clientSettings = z.looseObject({
  ioredis: z.string(),
  "node-redis": z.string(),
  "redis-py": z.string(),
  "StackExchange.Redis": z.string(),
} satisfies Record<(typeof CLIENTS)[number], z.ZodString>);

const figures = {
  fault: z.enum(FAULTS),
  requests: requests.describe("Requests begun during the fault."),
  afterwards: requests.describe("Requests after the fault, until the cache was used again.").exactOptional(),
  p50Ms: ms.exactOptional(),
  p99Ms: ms.exactOptional(),
  recoveredAfterMs: ms
    .describe(
      "From the end of the fault until the cache was used again. Absent where it was not within 10 s.",
    )
    .exactOptional(),
  observed: z.string().describe("What users would have seen."),
};

const fault = z.union([
  z.looseObject({ ...figures, verdict: z.enum(["passed", "skipped"]) }),
  z.looseObject({
    ...figures,
    verdict: z.literal("failed"),
    code: z.enum(FAULT_CODES),
    hint: z.string().describe("What to change in the app."),
    clientSettings: clientSettings.describe("The likely missing setting, by Redis client."),
    repeat: z.string().describe("The command that repeats this one fault."),
  }),
]);

/** Accepts fields that it does not know: the report may grow. */
export const DRILL_REPORT_SCHEMA = z.looseObject({
  schema: z.literal(1),
  generatedAt: z.iso.datetime().describe("UTC."),
  verdict: z.enum(["passed", "failed"]),
  command: z.string().describe("The app's command, as it is typed in a shell."),
  durationMs: ms,
  faultSeconds: z.number().positive(),
  limitMs: ms.describe("What a fault may add to the p99 without a cache."),
  requests: z.array(z.string()).describe("The URLs that were requested in turn."),
  withoutCache: z.looseObject({ p50Ms: ms, p99Ms: ms }).describe("The app with REDIS_ENABLED=false."),
  baseline: z
    .looseObject({ p50Ms: ms, p99Ms: ms, commandsPerRequest: z.number().nonnegative() })
    .describe("The app with a working cache."),
  faults: z.array(fault),
  notes: z.array(z.string()).describe("What limits the meaning of the result."),
}) satisfies z.ZodType<DrillReport>;

/** The text of docs/drill.schema.json. */
export function drillSchemaJson(): string {
  const { $schema, ...schema } = z.toJSONSchema(DRILL_REPORT_SCHEMA, { target: "draft-2020-12" });
  const title = "Report of propiq-cache drill";
  return `${JSON.stringify({ $schema, title, ...schema }, null, 2)}\n`;
}
