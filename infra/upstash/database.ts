/**
 * A database as Upstash's developer API tells of it, read leniently: fields come and go between its versions. Its password
 * and tokens are left aside.
 */
import { z } from "zod";

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

const text = z.string().catch("");
const schema = z.object({
  database_id: z.string().min(1),
  database_name: text,
  endpoint: text,
  port: z.number().catch(6379),
  state: text,
  type: text,
  database_type: text,
  modifying_state: text,
  budget: z.number().optional().catch(undefined),
  primary_region: z.string().optional().catch(undefined),
  read_regions: z.array(z.string()).catch([]),
  db_disk_threshold: z.number().optional().catch(undefined),
  creation_time: z.number().catch(0),
});

/** @returns nothing where it is no database at all */
export function readDatabase(body: unknown): UpstashDatabase | undefined {
  const parsed = schema.safeParse(body);
  if (!parsed.success) return undefined;
  const found = parsed.data;
  return {
    id: found.database_id,
    name: found.database_name,
    host: upstashHost(found.endpoint),
    port: found.port,
    state: found.state,
    plan: planOf(found),
    modifying: found.modifying_state,
    budget: found.budget,
    primaryRegion: found.primary_region,
    readRegions: found.read_regions,
    createdAt: found.creation_time * 1000,
  };
}

/** The API gives a whole host name or only its first label ("may be a slug", says its description). */
export function upstashHost(endpoint: string): string {
  return endpoint === "" || endpoint.includes(".") ? endpoint : `${endpoint}.upstash.io`;
}

const MB = 1024 * 1024;
/** Within these, a disk limit is that of a fixed plan, whether it is counted in MB or MiB. */
const FIXED_SIZES: readonly { plan: UpstashPlanName; from: number; to: number }[] = [
  { plan: "fixed_250mb", from: 200 * MB, to: 300 * MB },
  { plan: "fixed_1gb", from: 900 * MB, to: 1100 * MB },
];

/**
 * `type` is "free", "payg", "pro" or "paid"; "paid" was seen with pay-as-you-go and is what fixed plans have, so the older
 * `database_type` ("Pay as You Go") and the size of the disk decide then.
 */
function planOf(found: z.output<typeof schema>): UpstashPlanName | undefined {
  const words = [found.type, found.database_type].map((word) => word.toLowerCase().replace(/[^a-z0-9]/g, ""));
  const named = UPSTASH_PLANS.find((plan) => words.includes(plan.replace("_", "")));
  if (named !== undefined) return named;
  if (words.includes("payasyougo")) return "payg";
  if (!words.includes("paid")) return undefined;
  const size = found.db_disk_threshold ?? 0;
  return FIXED_SIZES.find(({ from, to }) => size >= from && size <= to)?.plan ?? biggest(size);
}

/** Pay as you go holds 100 GB; of the fixed plans that this project does not know, some are smaller and some are not. */
function biggest(bytes: number): UpstashPlanName | undefined {
  return Math.round(bytes / (1024 * MB)) === 100 ? "payg" : undefined;
}
