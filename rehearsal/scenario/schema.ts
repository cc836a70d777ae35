/** The shape of a rehearsal's report as a schema, for those who read it with other programs. */
import * as v from "valibot";
import { count, instant, milliseconds as ms } from "../../base/report-fields.ts";
import { type PluginName, type RehearsalReport, STEP_CODES } from "./report.ts";

const names = v.pipe(v.array(v.string()), v.description("Names of the app's settings."));

const step = v.looseObject({
  name: v.string(),
  command: v.pipe(v.string(), v.description("As a user types it in the project's root.")),
  exitCode: v.pipe(v.number(), v.integer()),
  durationMs: ms,
  requests: v.looseObject({
    sent: count,
    failed: v.pipe(count, v.description("No answer, or one with a status of 500 and above.")),
    longestGapMs: v.pipe(
      ms,
      v.description("The longest time in which no request was answered well, in milliseconds."),
    ),
  }),
  appRestarts: count,
  settingsWritten: names,
  foreignSettingsChanged: names,
  code: v.exactOptional(v.picklist(STEP_CODES)),
  observed: v.exactOptional(v.string()),
  hint: v.exactOptional(v.string()),
  note: v.exactOptional(v.string()),
});

const plugin = v.picklist(["real", "stand-in"]);
const plugins = v.looseObject({ "azure-native": plugin, upstash: plugin } satisfies Record<
  PluginName,
  typeof plugin
>);

/** Accepts fields that it does not know: the report may grow. */
export const REHEARSAL_SCHEMA = v.looseObject({
  schema: v.literal(1),
  generatedAt: instant,
  verdict: v.picklist(["passed", "failed"]),
  stack: v.string(),
  plugins,
  isolation: v.picklist(["namespace", "proxy"]),
  notMapped: v.pipe(
    v.array(v.string()),
    v.description("Config keys that nothing in the emulated clouds stands for."),
  ),
  app: v.picklist(["example", "own", "none"]),
  durationMs: ms,
  notes: v.array(v.string()),
  steps: v.array(step),
}) satisfies v.GenericSchema<unknown, RehearsalReport>;
