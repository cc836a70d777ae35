/** Numbers with their noun: the plural follows the number. */

/** As in `1 look-up` and `2 look-ups`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${plural(count, one, many)}`;
}

/** The noun alone, for a number that is written in another way. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? one : many;
}
