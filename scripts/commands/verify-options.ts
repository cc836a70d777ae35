/** The options of `verify` and `report`; the formats are those that the check library renders. */
export const FORMATS = ["text", "json", "junit", "markdown", "html", "openmetrics"] as const;
export type Format = (typeof FORMATS)[number];

export interface VerifyOptions {
  stack?: string[];
  url?: string;
  envFile?: string;
  /** With a stack: look at its apps, too. */
  app?: boolean;
  appName?: string;
  resourceGroup?: string;
  slot?: string;
  healthUrl?: string;
  format: Format;
  report?: string[];
  history?: string;
  failOn: "fail" | "warn";
  /** Seconds. */
  deadline: number;
  samples: number;
}

export const HISTORY_FORMATS = ["text", "json", "markdown", "html"] as const;

export interface ReportOptions {
  history: string;
  format: (typeof HISTORY_FORMATS)[number];
  output?: string;
}

export const ADVICE_FORMATS = ["text", "json"] as const;

export interface AdviseOptions {
  stack?: string;
  url?: string;
  envFile?: string;
  format: (typeof ADVICE_FORMATS)[number];
  history?: string;
  /** Keys to look at. */
  keys: number;
  /** Seconds. */
  deadline: number;
}

export const DRIFT_FORMATS = ["text", "json", "junit"] as const;

export interface DriftOptions {
  stack: string;
  format: (typeof DRIFT_FORMATS)[number];
}
