/** What counts as good, acceptable and in need of action. Shares are 0 to 1; memory in MB (MiB), times in ms. */
export interface Expectations {
  /** Below this share of hits something should be done. */
  hitRateMin: number;
  /** From this share on the hit rate is good; between the two it is acceptable. */
  hitRateGood: number;
  /** Used memory, only where no limit is known: good up to here. */
  memoryGoodMb: number;
  /** Used memory, only where no limit is known: act above this. */
  memoryMaxMb: number;
  /** Response time, net of the network's own round trip: good up to here. */
  responseGoodMs: number;
  /** Response time, net of the network's own round trip: act above this. */
  responseMaxMs: number;
  /** The secret of the cache should be rotated when it is older than this. Absent: its age is not judged. */
  keyMaxAgeDays?: number | undefined;
}

/** The figures of the guide that this project implements. */
export const DEFAULT_EXPECTATIONS = {
  hitRateMin: 0.5,
  hitRateGood: 0.7,
  memoryGoodMb: 100,
  memoryMaxMb: 500,
  responseGoodMs: 50,
  responseMaxMs: 100,
} satisfies Expectations;
