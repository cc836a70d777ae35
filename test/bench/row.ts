/** A row of the bench: something of ours beside what it is measured against. */

export interface Row {
  /** What is measured of ours. */
  name: string;
  /** What it is measured against. */
  against: string;
  /** The highest ratio of ours to the baseline that will do. */
  goal: number;
  /** What the sides' figures count; milliseconds when absent. */
  unit?: "calls";
  /** How many rounds will do for its medians, where fewer than the usual do: the run as a whole is to stay short. */
  rounds?: number;
  /** Each round makes anew what it measures: a round before the first would warm nothing up. */
  fresh?: true;
  /**
   * Makes both sides ready, before anything is timed.
   * @param isShort only whether it runs is of interest: where it takes minutes, less of it does
   * @throws CannotMeasure where this machine lacks something
   */
  prepare(isShort: boolean): Promise<Sides>;
}

export interface Sides {
  ours: Side;
  baseline: Side;
}

/** What one round of a side does, part by part; its time is the sum of the parts' medians. */
export type Side = readonly Part[];

export interface Part {
  what: string;
  /** Measured to be subtracted from the others. */
  apart?: true;
  run: Timed;
}

/**
 * Does it once.
 * @param onStart called with its process, as soon as there is one
 * @returns the time in milliseconds, without what had to be prepared or cleared away
 */
export type Timed = (onStart: (pid: number) => void) => Promise<number>;

/** Why a row has no figures on this machine. */
export class CannotMeasure extends Error {
  override readonly name = "CannotMeasure";
  /** What to do about it. */
  readonly hint: string;
  /** Whether a developer's machine may well be so; a pipeline's may not. */
  readonly excusable: boolean;

  constructor(message: string, { hint, excusable = false }: { hint: string; excusable?: boolean }) {
    super(message);
    this.hint = hint;
    this.excusable = excusable;
  }
}

/** What came out of a row. */
export type Result = { row: Pick<Row, "name" | "against" | "goal" | "unit"> } & (
  | { measured: true; rounds: number; ours: Figures; baseline: Figures; ratio: number }
  | { measured: false; why: string; hint: string; excusable: boolean }
);

export interface Figures {
  /** The sum of the parts' medians. */
  ms: number;
  /** Peak of all of its processes together (PSS); absent where the machine does not report. */
  memoryMb?: number;
  parts: { what: string; apart?: true; ms: number[] }[];
}
