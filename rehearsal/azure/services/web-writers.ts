/**
 * Several writers of one app's settings: what became of the values that each wrote. App Service knows no ETag and no
 * PATCH, so anyone who writes replaces what others wrote since its own last reading; nothing else may ever be lost.
 */
import type { SettingsRead, SettingsWrite, SiteSlot } from "./web-site.ts";

export interface Overwritten {
  key: string;
  /** Who wrote the value that is lost, and who replaced it. */
  from: string;
  by: string;
  /** Milliseconds since 1970 of the replacing write. */
  at: number;
}

export interface WritersReport {
  /** Lost between a writer's last reading and its write: what the API leaves open. */
  inWindow: Overwritten[];
  /** Changed although it was not the writer's, and the writer had read it: never to be excused. */
  outside: Overwritten[];
  /** Milliseconds from each writer's last reading to its write, by user agent. */
  windowsMs: Record<string, number[]>;
}

/**
 * @param owns whether a key is this writer's own to change; a writer is a user agent
 */
export function judgeWriters(
  { reads, writes }: Pick<SiteSlot, "reads" | "writes">,
  owns: (by: string, key: string) => boolean,
): WritersReport {
  const report: WritersReport = { inWindow: [], outside: [], windowsMs: {} };
  for (const [index, write] of writes.entries()) {
    const read = reads.findLast(({ at, by }) => by === write.by && at <= write.at);
    // Without a reading, as in the portal: then it is not a writer that merges.
    if (read === undefined) continue;
    report.windowsMs[write.by] = [...(report.windowsMs[write.by] ?? []), write.at - read.at];
    const others = writes
      .slice(0, index)
      .filter((other) => other.at > read.at && other.by !== write.by && other.changed.length > 0);
    for (const key of foreignKeys(read, write, owns)) {
      report.outside.push({ key, from: authorOf(writes.slice(0, index), key), by: write.by, at: write.at });
    }
    for (const other of others) {
      for (const key of lostKeys(other, read, write)) {
        report.inWindow.push({ key, from: other.by, by: write.by, at: write.at });
      }
    }
  }
  return report;
}

/** Keys that are not the writer's and differ from what it read. */
function foreignKeys(
  read: SettingsRead,
  write: SettingsWrite,
  owns: (by: string, key: string) => boolean,
): string[] {
  const keys = new Set([...Object.keys(read.settings), ...Object.keys(write.settings)]);
  return [...keys].filter((key) => !owns(write.by, key) && read.settings[key] !== write.settings[key]);
}

/** Keys that `other` changed after the reading, and that the write put back to what was read. */
function lostKeys(other: SettingsWrite, read: SettingsRead, write: SettingsWrite): string[] {
  return other.changed.filter((key) => {
    const wrote = other.settings[key];
    return write.settings[key] !== wrote && write.settings[key] === read.settings[key];
  });
}

const authorOf = (writes: readonly SettingsWrite[], key: string): string =>
  writes.findLast(({ changed }) => changed.includes(key))?.by ?? "the first writer";
