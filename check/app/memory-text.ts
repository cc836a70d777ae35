/** Amounts of memory as health documents write them. */

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** Bytes of a number (bytes) or of a text such as "1.2M", "850.5K", "1.5 GB", as Redis and people write them. */
export function memoryBytes(value: unknown): number | undefined {
  if (typeof value === "number") return sizeOf(value);
  if (typeof value !== "string") return undefined;
  const match = /^(\d{1,15}(?:\.\d{1,9})?) ?([kmg]?)(?:i?b)?$/i.exec(value.trim());
  if (match === null) return undefined;
  return sizeOf(Math.round(Number(match[1]) * (UNITS[(match[2] ?? "").toLowerCase()] ?? 1)));
}

/** Nobody has a petabyte of cache: such a number counts something else. */
function sizeOf(bytes: number): number | undefined {
  return bytes >= 0 && bytes <= 1024 ** 5 ? bytes : undefined;
}
