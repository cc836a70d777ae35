/** The time that a whole check may take, shared by all its stages. */
export interface Deadline {
  /** Aborted when the time is up, or when the caller gives up. */
  readonly signal: AbortSignal;
  /** Milliseconds that are left; never negative. */
  leftMs(): number;
  /** Call when the check is over: what is still under way is given up, and nothing keeps the process alive. */
  end(): void;
}

export function startDeadline(deadlineMs: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController();
  const startedAt = performance.now();
  const timer = setTimeout(() => controller.abort(), deadlineMs);
  return {
    signal: caller === undefined ? controller.signal : AbortSignal.any([controller.signal, caller]),
    leftMs: () => Math.max(0, deadlineMs - (performance.now() - startedAt)),
    end: () => {
      clearTimeout(timer);
      controller.abort();
    },
  };
}
