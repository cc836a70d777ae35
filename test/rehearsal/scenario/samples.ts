/** Reports of rehearsals for tests: fresh objects, with what a test is about. */
import type { RehearsalReport, Step } from "../../../rehearsal/scenario/report.ts";

export const aStep = (given: Partial<Step> = {}): Step => ({
  name: "up",
  command: "./propiq-cache pulumi up --yes --stack prod",
  exitCode: 0,
  durationMs: 8200,
  requests: { sent: 82, failed: 0, longestGapMs: 640 },
  appRestarts: 1,
  settingsWritten: ["REDIS_HOST", "REDIS_URL"],
  foreignSettingsChanged: [],
  ...given,
});

export const aReport = (given: Partial<RehearsalReport> = {}): RehearsalReport => ({
  schema: 1,
  generatedAt: "2026-11-25T21:00:00.000Z",
  verdict: "passed",
  stack: "prod",
  plugins: { "azure-native": "stand-in", upstash: "real" },
  isolation: "namespace",
  notMapped: ["propiq-cache:azure.adopt"],
  app: "example",
  durationMs: 52_000,
  notes: ["A note for the reader."],
  steps: [aStep()],
  ...given,
});
