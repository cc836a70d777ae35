/** The plans of Upstash Redis, as far as the API shows them (upstash.com/pricing/redis and the API's description, read 2026-11). */
export interface PlanFacts {
  /** In the API's answers: `free`, `payg`, `pro` or `paid`; pay as you go was seen as `paid`. */
  type: "free" | "paid";
  /** The older field; only these two values were seen, so it is absent with the others. */
  databaseType?: string;
  diskBytes: number;
  memoryBytes: number;
  /** Changing to one of a lower rank is a step down. */
  rank: number;
}

const MB = 1024 * 1024;
const GB = 1024 * MB;

const fixed = (diskBytes: number, rank: number): PlanFacts => ({
  type: "paid",
  diskBytes,
  memoryBytes: Math.min(diskBytes, 3 * GB),
  rank,
});

export const PLANS: Readonly<Record<string, PlanFacts>> = {
  free: { type: "free", databaseType: "free", diskBytes: 256 * MB, memoryBytes: 64 * MB, rank: 0 },
  payg: { type: "paid", databaseType: "Pay as You Go", diskBytes: 100 * GB, memoryBytes: 3 * GB, rank: 1 },
  fixed_250mb: fixed(250 * MB, 2),
  fixed_1gb: fixed(GB, 3),
  fixed_5gb: fixed(5 * GB, 4),
  fixed_10gb: fixed(10 * GB, 5),
  fixed_50gb: fixed(50 * GB, 6),
  fixed_100gb: fixed(100 * GB, 7),
  fixed_500gb: fixed(500 * GB, 8),
};

/** Of the API's description (upstash/docs, devops/developer-api/openapi.yml): AWS's and Google's. */
export const PRIMARY_REGIONS: readonly string[] = [
  ...["us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "eu-central-1", "eu-west-1"],
  ...["eu-west-2", "sa-east-1", "ap-south-1", "ap-northeast-1", "ap-southeast-1", "ap-southeast-2"],
  ...["af-south-1", "us-central1", "us-east4", "europe-west1", "asia-northeast1"],
];
/** There, too: fewer than primary ones. */
export const READ_REGIONS: readonly string[] = PRIMARY_REGIONS.slice(0, 13);
