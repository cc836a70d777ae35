/** Faults that tests order: throttling, errors, dropped connections, delays, operations that end as Failed. */

import type { ArmReply } from "./message.ts";
import type { OrderedFailure } from "./operations.ts";

export interface Fault {
  /** Any method where absent. */
  method?: string;
  /** Of the path without its query; letter case means nothing. */
  path: RegExp;
  /** How many requests it meets: 1 where absent. */
  times?: number;
  /** How many that fit pass before: 0 where absent. */
  after?: number;
  /** Said in place of the service, which never hears of the request. See refusals.ts for what Azure says. */
  reply?: ArmReply;
  /** The connection is dropped: before anything is done, or after it took effect. */
  drop?: true | "after";
  /** The request waits this long before anything is done. */
  delayMs?: number;
  /** The operation that the request starts ends like this, after its usual time. */
  operation?: OrderedFailure;
}

export interface OrderedFault {
  /** How many requests it has met. */
  readonly met: number;
  cancel(): void;
}

export class Faults {
  readonly #ordered: { fault: Fault; path: RegExp; left: number; passing: number; met: number }[] = [];

  order(fault: Fault): OrderedFault {
    const path = new RegExp(fault.path.source, `${fault.path.flags.replace(/[gi]/g, "")}i`);
    const entry = { fault, path, left: fault.times ?? 1, passing: fault.after ?? 0, met: 0 };
    this.#ordered.push(entry);
    return {
      get met() {
        return entry.met;
      },
      cancel() {
        entry.left = 0;
      },
    };
  }

  /** The first fault that this request meets; it counts as met. */
  meet(method: string, path: string): Fault | undefined {
    for (const entry of this.#ordered) {
      const fits = (entry.fault.method ?? method) === method && entry.path.test(path);
      if (!fits || entry.left === 0) continue;
      if (entry.passing > 0) {
        entry.passing -= 1;
        continue;
      }
      entry.left -= 1;
      entry.met += 1;
      return entry.fault;
    }
    return undefined;
  }
}
