/** Measures a row: both sides in turn, so that whatever else the machine does meets both. */
import { peakMemory } from "./memory.ts";
import { CannotMeasure, type Figures, type Result, type Row, type Side } from "./row.ts";
import { median, ratio } from "./statistics.ts";

/** With the rows that need fewer, a run of all takes some nine minutes on two cores. */
export const ROUNDS = 7;

export interface Measuring {
  /** Of every row; each has its own number when absent. */
  rounds?: number;
  /** One round of each side alone: no warm-up, and no look at the memory. */
  smoke?: true;
  say: (line: string) => void;
  /** Aborted when there is to be no more of it. */
  signal: AbortSignal;
}

/**
 * One warm-up of each side where a row has use for it, then the rounds of both in turn, then one more of each for the memory, whose sampling would
 * spoil the times.
 *
 * @throws the reason of `signal` once that is aborted
 */
export async function measureRow(
  row: Row,
  { rounds: wanted, smoke, say, signal }: Measuring,
): Promise<Result> {
  const { name, against, goal, unit, fresh = false } = row;
  const rounds = smoke ? 1 : (wanted ?? row.rounds ?? ROUNDS);
  const about = { name, against, goal, ...(unit === undefined ? {} : { unit }) };
  try {
    const sides = await row.prepare(smoke === true);
    const round = (side: Side) => timesOf(side, signal);
    if (!fresh && !smoke) {
      say(`${name}: warm-up`);
      await round(sides.ours);
      await round(sides.baseline);
    }
    const times = { ours: [] as number[][], baseline: [] as number[][] };
    for (let done = 1; done <= rounds; done += 1) {
      say(`${name}: round ${done} of ${rounds}`);
      times.ours.push(await round(sides.ours));
      times.baseline.push(await round(sides.baseline));
    }
    if (!smoke) say(`${name}: memory`);
    const memory = async (side: Side) => (smoke ? undefined : await memoryOf(side));
    const measured = {
      ours: figures(sides.ours, times.ours, await memory(sides.ours)),
      baseline: figures(sides.baseline, times.baseline, await memory(sides.baseline)),
    };
    return {
      row: about,
      measured: true,
      rounds,
      ...measured,
      ratio: ratio(measured.ours.ms, measured.baseline.ms),
    };
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    return {
      row: about,
      measured: false,
      why: error.message,
      hint: error.hint,
      excusable: error.excusable,
    };
  }
}

async function timesOf(side: Side, signal: AbortSignal): Promise<number[]> {
  const times: number[] = [];
  for (const part of side) {
    signal.throwIfAborted();
    times.push(await part.run(() => {}));
  }
  return times;
}

/** The largest of the parts, which run one after the other. */
async function memoryOf(side: Side): Promise<number | undefined> {
  const peaks: number[] = [];
  for (const part of side.filter(({ apart }) => !apart)) {
    const peak = await peakMemory(part.run);
    if (peak === undefined) return undefined;
    peaks.push(peak);
  }
  return Math.max(...peaks);
}

/** @param rounds the parts' times, round by round */
export function figures(
  side: readonly Pick<Side[number], "what" | "apart">[],
  rounds: readonly (readonly number[])[],
  memoryBytes?: number,
): Figures {
  const parts = side.map(({ what, apart }, at) => ({
    what,
    ...(apart === undefined ? {} : { apart }),
    ms: rounds.map((times) => times[at] ?? Number.NaN),
  }));
  return {
    ms: parts.reduce((sum, { ms, apart }) => sum + (apart ? -median(ms) : median(ms)), 0),
    ...(memoryBytes === undefined ? {} : { memoryMb: memoryBytes / 2 ** 20 }),
    parts,
  };
}
