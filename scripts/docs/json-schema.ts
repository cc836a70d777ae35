/** The schemas of our reports as JSON Schema, for those who read them with other programs. */
import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { REPORT_DEFINITIONS, REPORT_SET_SCHEMA } from "../../check/report-schema.ts";
import { DRILL_REPORT_SCHEMA } from "../../rehearsal/drill/report-schema.ts";
import { REHEARSAL_SCHEMA } from "../../rehearsal/scenario/schema.ts";

/** docs/report.schema.json */
export const verifySchema = (): string => schemaOf("verify", REPORT_SET_SCHEMA, REPORT_DEFINITIONS);

/** docs/rehearse.schema.json */
export const rehearseSchema = (): string => schemaOf("rehearse", REHEARSAL_SCHEMA);

/** docs/drill.schema.json */
export const drillSchema = (): string => schemaOf("drill", DRILL_REPORT_SCHEMA);

function schemaOf(
  command: string,
  report: GenericSchema,
  definitions: Readonly<Record<string, GenericSchema>> = {},
): string {
  const { $schema, ...schema } = toJsonSchema(report, { target: "draft-2020-12", definitions });
  return `${JSON.stringify({ $schema, title: `Report of propiq-cache ${command}`, ...schema }, null, 2)}\n`;
}
