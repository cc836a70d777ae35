/** A sign of life for work that takes longer than a person waits in silence. */

const EVERY_MS = 5000;

/**
 * Says how far the work is, every five seconds until it ends.
 * @param describe the line to say, from the whole seconds since the start
 */
export async function withProgress<T>(
  say: (line: string) => void,
  describe: (elapsedSeconds: number) => string,
  work: () => Promise<T>,
): Promise<T> {
  const startMs = performance.now();
  const timer = setInterval(() => say(describe(Math.round((performance.now() - startMs) / 1000))), EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
