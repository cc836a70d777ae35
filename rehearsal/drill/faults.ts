/** The words of a drill's command line: its faults, what each of them is, and its formats. Loads nothing else. */

export const FAULTS = [
  "down",
  "hang",
  "slow",
  "drop",
  "flap",
  "wrong-password",
  "full",
  "readonly",
  "loading",
  "quota",
  "garbage",
  "start-without",
] as const;
export type FaultName = (typeof FAULTS)[number];

export const FAULT_WORDS: Readonly<Record<FaultName, string>> = {
  down: "Redis refuses connections",
  hang: "Redis takes connections and does not answer",
  slow: "Redis answers 300 ms late",
  drop: "Redis cuts its connections once",
  flap: "Redis is down and up again each second",
  "wrong-password": "Redis refuses the password (WRONGPASS)",
  full: "Redis is full and refuses writes (OOM)",
  readonly: "Redis is a read-only replica (READONLY)",
  loading: "Redis loads its data after a restart (LOADING)",
  quota: "Upstash refuses all commands (daily limit)",
  garbage: "A web server answers in place of Redis",
  "start-without": "The app is started while Redis is down",
};

export const DRILL_FORMATS = ["text", "json", "junit", "markdown"] as const;
export type DrillFormat = (typeof DRILL_FORMATS)[number];
