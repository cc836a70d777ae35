/** A database at Upstash, as far as this project uses it. Its password and tokens are left aside. */

/** The names of plans that `change-plan` takes (upstash.com/docs/devops/developer-api/redis/change_plan). */
export const UPSTASH_PLANS = ["free", "payg", "fixed_250mb", "fixed_1gb"] as const;
export type UpstashPlanName = (typeof UPSTASH_PLANS)[number];

export interface UpstashDatabase {
  id: string;
  name: string;
  /** A host name, with its domain. */
  host: string;
  port: number;
  /** `active`, `suspended`, `passive`, … */
  state: string;
  /** Nothing where the API's words do not say which it is. */
  plan: UpstashPlanName | undefined;
  /** Not empty while a change is under way. */
  modifying: string;
  /** Dollars a month; nothing where there is none. */
  budget: number | undefined;
  primaryRegion: string | undefined;
  readRegions: readonly string[];
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** The API gives a whole host name or only its first label ("may be a slug", says its description). */
export function upstashHost(endpoint: string): string {
  return endpoint === "" || endpoint.includes(".") ? endpoint : `${endpoint}.upstash.io`;
}
