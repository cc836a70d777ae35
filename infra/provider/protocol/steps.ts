/** Progress of one operation: a step is reported when it begins, at intervals while it lasts, and when a long one ends. */

export interface Steps {
  /** @param detail what the step waits for now; a new one is reported at the next interval */
  progress(step: string, detail?: string): void;
  end(): void;
}

/** A log is read afterwards, a terminal while the step lasts. */
const INTERVAL_MS = { terminal: 10_000, pipeline: 60_000 } as const;

export function intervalFor(env: NodeJS.ProcessEnv): number {
  const isPipeline = [env["CI"], env["TF_BUILD"], env["GITHUB_ACTIONS"]].some(Boolean);
  return INTERVAL_MS[isPipeline ? "pipeline" : "terminal"];
}

const line = (step: string, detail: string | undefined) =>
  detail === undefined ? step : `${step}: ${detail}`;

export function reportSteps(
  say: (line: string) => void,
  intervalMs: number,
  now: () => number = () => performance.now(),
): Steps {
  let current: { step: string; beganAt: number; saidAt: number } | undefined;
  const seconds = (from: number) => Math.round((now() - from) / 1000);
  const end = () => {
    if (current !== undefined && now() - current.beganAt >= intervalMs) {
      say(`${current.step}: ended after ${seconds(current.beganAt)} s`);
    }
    current = undefined;
  };
  return {
    progress(step, detail) {
      if (current?.step !== step) {
        end();
        current = { step, beganAt: now(), saidAt: now() };
        say(line(step, detail));
      } else if (now() - current.saidAt >= intervalMs) {
        current.saidAt = now();
        say(`${line(step, detail)} (${seconds(current.beganAt)} s)`);
      }
    },
    end,
  };
}
