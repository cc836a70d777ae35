/** How much a figure grows each day, and how that continues: the part of a forecast that knows no limits. Pure. */

export interface Reading {
  /** Milliseconds since 1970. */
  atMs: number;
  value: number;
}

export const DAY_MS = 86_400_000;
const WEEK = 7;
/** A weekday's effect can be known after two weeks. */
const WEEKDAY_DAYS = 2 * WEEK;
const ROUNDS = 50;
/** A trend is believed after a week. Before weekdays are known it must leave less than this share of the scatter. */
const TREND_DAYS = WEEK;
const TREND_SHARE = 0.15;
/** A day is an exception where it lies this many times farther from the median than days usually do. */
const EXCEPTION = 8;

/** The growth of a counter since its first reading. A counter that falls was set to zero in between. */
export function growthOf(readings: readonly Reading[]): Reading[] {
  let total = 0;
  return readings.map(({ atMs, value }, index) => {
    const before = readings[index - 1]?.value ?? value;
    total += value >= before ? value - before : value;
    return { atMs, value: total };
  });
}

/** The value at a time between two readings lies on the line between them. Outside it is that of the nearest one. */
export function valueAt(readings: readonly Reading[], atMs: number): number {
  const after = readings.findIndex((reading) => reading.atMs >= atMs);
  const right = readings[after];
  if (right === undefined) return readings.at(-1)?.value ?? 0;
  const left = readings[after - 1] ?? right;
  if (right.atMs === left.atMs) return right.value;
  return left.value + ((right.value - left.value) * (atMs - left.atMs)) / (right.atMs - left.atMs);
}

/** The change in each whole span of 24 hours, counted back from the last reading; the oldest first. */
export function dailyChanges(readings: readonly Reading[]): number[] {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined) return [];
  const days = Math.floor((last.atMs - first.atMs) / DAY_MS);
  const edges = Array.from({ length: days + 1 }, (_, index) =>
    valueAt(readings, last.atMs - (days - index) * DAY_MS),
  );
  return edges.slice(1).map((value, index) => value - (edges[index] ?? 0));
}

/** @returns the change expected on the day `1, 2, …` after the last one; undefined without a whole day */
export function paceOf(perDay: readonly number[]): ((day: number) => number) | undefined {
  if (perDay.length === 0) return undefined;
  const days = withoutExceptions(perDay);
  const { at } = simplest([bestModel(days), ...withWeekdays(days)], days);
  return (day) => at(days.length - 1 + day);
}

interface Model {
  at(index: number): number;
  /** The squared distance from the days. */
  error: number;
  parameters: number;
}

/** The simplest that explains the days: Bayesian information criterion. */
function bestModel(days: readonly number[]): Model {
  const recent = steady(days, days.slice(-WEEK));
  if (days.length < TREND_DAYS) return recent;
  const others = [trend(days), ...steps(days)];
  if (days.length < WEEKDAY_DAYS) {
    // A weekend looks like a trend: only the mean of a whole week is free of it.
    const clear = others.filter(({ error }) => error < steady(days, days).error * TREND_SHARE);
    return simplest([...clear, ...(clear.length === 0 ? [recent] : [])], days);
  }
  return simplest([steady(days, days), ...others], days);
}

function simplest(models: readonly Model[], days: readonly number[]): Model {
  const scale = mean(days.map((value) => value * value));
  const score = ({ error, parameters }: Model): number =>
    days.length * Math.log(error / days.length + scale * 1e-6 + Number.MIN_VALUE) +
    parameters * Math.log(days.length);
  return models.reduce((best, model) => (score(model) < score(best) ? model : best));
}

/** The same every day. @param sample the days whose mean it is */
function steady(days: readonly number[], sample: readonly number[]): Model {
  const level = mean(sample);
  return modelOf(days, () => level, 1);
}

/** A little more, or less, each day. */
function trend(days: readonly number[]): Model {
  const [midX, midY] = [(days.length - 1) / 2, mean(days)];
  const spread = days.reduce((sum, _, x) => sum + (x - midX) ** 2, 0);
  const slope = days.reduce((sum, y, x) => sum + (x - midX) * (y - midY), 0) / spread;
  return modelOf(days, (x) => midY + slope * (x - midX), 2);
}

/** Another level from some day on: the app got more users at once, or a job was added. */
function steps(days: readonly number[]): Model[] {
  const fewest = 2;
  const starts = Array.from({ length: days.length - 2 * fewest + 1 }, (_, index) => index + fewest);
  return starts.map((start) => {
    const [before, after] = [mean(days.slice(0, start)), mean(days.slice(start))];
    return modelOf(days, (x) => (x < start ? before : after), 3);
  });
}

function modelOf(days: readonly number[], at: Model["at"], parameters: number): Model {
  return { at, parameters, error: days.reduce((sum, y, x) => sum + (y - at(x)) ** 2, 0) };
}

/** The best model of what each weekday leaves, with the weekdays on top; none before weekdays can be known. */
function withWeekdays(days: readonly number[]): Model[] {
  if (days.length < WEEKDAY_DAYS) return [];
  let effects: number[] = Array.from({ length: WEEK }, () => 0);
  const effectOf = (index: number): number => effects[index % WEEK] ?? 0;
  const flat = (): number[] => days.map((value, index) => value - effectOf(index));
  // Trend and weekdays in turn, each fitted to what the other leaves, come to the least squares of both.
  for (let round = 0; round < ROUNDS; round += 1) {
    const { at } = trend(flat());
    const rests = days.map((value, index) => value - at(index));
    effects = effects.map((_, weekday) => mean(rests.filter((__, index) => index % WEEK === weekday)));
  }
  const model = bestModel(flat());
  return [modelOf(days, (index) => model.at(index) + effectOf(index), model.parameters + WEEK - 1)];
}

/** A single day out of line, such as an import, says nothing about the next days. */
function withoutExceptions(days: readonly number[]): readonly number[] {
  const middle = median(days);
  const usual = median(days.map((value) => Math.abs(value - middle)));
  const isFar = (value: number | undefined): boolean =>
    value !== undefined && Math.abs(value - middle) > EXCEPTION * Math.max(usual, Math.abs(middle) * 0.02);
  return days.map((value, index) =>
    isFar(value) && !isFar(days[index - 1]) && !isFar(days[index + 1]) ? middle : value,
  );
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
