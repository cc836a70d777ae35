/** Reads a database from an answer of Upstash's developer API, leniently: fields come and go between its versions. */
import * as v from "valibot";
import { UPSTASH_PLANS, type UpstashDatabase, type UpstashPlanName, upstashHost } from "./database.ts";

const text = v.fallback(v.string(), "");
const number = v.fallback(v.optional(v.number()), undefined);
const schema = v.object({
  database_id: v.pipe(v.string(), v.minLength(1)),
  database_name: text,
  endpoint: text,
  port: v.fallback(v.number(), 6379),
  state: text,
  type: text,
  database_type: text,
  modifying_state: text,
  budget: number,
  primary_region: v.fallback(v.optional(v.string()), undefined),
  read_regions: v.fallback(v.array(v.string()), []),
  db_disk_threshold: number,
  creation_time: v.fallback(v.number(), 0),
});

/** @returns nothing where it is not a database at all */
export function readDatabase(body: unknown): UpstashDatabase | undefined {
  const parsed = v.safeParse(schema, body);
  if (!parsed.success) return undefined;
  const found = parsed.output;
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
function planOf(found: v.InferOutput<typeof schema>): UpstashPlanName | undefined {
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
