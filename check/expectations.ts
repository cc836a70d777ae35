/** What is expected of a cache in use; the thresholds of the guide that this project implements. */
export interface Expectations {
  /** Share of look-ups that find their key, 0 to 1: act below `hitRateMin`, good from `hitRateGood` on. */
  hitRateMin: number;
  hitRateGood: number;
  /** Used memory in MB, judged only where no limit is known: good up to the first, act above the second. */
  memoryGoodMb: number;
  memoryMaxMb: number;
  /** Milliseconds that Redis takes to answer, net of the network: good up to the first, act above the second. */
  responseGoodMs: number;
  responseMaxMs: number;
}

export const DEFAULT_EXPECTATIONS: Expectations = {
  hitRateMin: 0.5,
  hitRateGood: 0.7,
  memoryGoodMb: 100,
  memoryMaxMb: 500,
  responseGoodMs: 50,
  responseMaxMs: 100,
};
