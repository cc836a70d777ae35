/** The shape of a rehearsal's report as a schema, for those who read it with other programs. */
import { z } from "zod";
import { PLUGIN_NAMES, type RehearsalReport, STEP_CODES } from "./report.ts";

const count = z.int().nonnegative();
const ms = count.describe("Milliseconds.");
const names = z.array(z.string()).describe("Names of the app's settings.");

const step = z.looseObject({
  name: z.string(),
  command: z.string().describe("As a user types it in the project's root."),
  exitCode: z.int(),
  durationMs: ms,
  requests: z.looseObject({
    sent: count,
    failed: count.describe("No answer, or one with a status of 500 and above."),
    longestGapMs: ms.describe("The longest time in which no request was answered well, in milliseconds."),
  }),
  appRestarts: count,
  settingsWritten: names,
  foreignSettingsChanged: names,
  code: z.enum(STEP_CODES).exactOptional(),
  observed: z.string().exactOptional(),
  hint: z.string().exactOptional(),
  note: z.string().exactOptional(),
});

/** Accepts fields that it does not know: the report may grow. */
export const REHEARSAL_SCHEMA = z.looseObject({
  schema: z.literal(1),
  generatedAt: z.iso.datetime().describe("UTC."),
  verdict: z.enum(["passed", "failed"]),
  stack: z.string(),
  plugins: z.record(z.enum(PLUGIN_NAMES), z.enum(["real", "stand-in"])),
  isolation: z.enum(["namespace", "proxy"]),
  notMapped: z.array(z.string()).describe("Config keys that nothing in the emulated clouds stands for."),
  app: z.enum(["example", "own", "none"]),
  durationMs: ms,
  notes: z.array(z.string()),
  steps: z.array(step),
}) satisfies z.ZodType<RehearsalReport>;

/** The text of docs/rehearse.schema.json. */
export function rehearsalSchemaJson(): string {
  const { $schema, ...schema } = z.toJSONSchema(REHEARSAL_SCHEMA, { target: "draft-2020-12" });
  const title = "Report of propiq-cache rehearse";
  return `${JSON.stringify({ $schema, title, ...schema }, null, 2)}\n`;
}
