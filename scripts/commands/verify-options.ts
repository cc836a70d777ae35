/** What `verify` may be told; the formats are those that the check library renders. */
export const FORMATS = ["text", "json"] as const;
export type Format = (typeof FORMATS)[number];

export interface VerifyOptions {
  stack?: string[];
  url?: string;
  envFile?: string;
  format: Format;
  report?: string[];
  failOn: "fail" | "warn";
  /** Seconds. */
  deadline: number;
  samples: number;
}
