/** Whether a download host answers: asked before its own client, which may wait for minutes. */

/** Without an answer, or without a further byte, for so long, a download is given up. */
export const SILENCE_MS = 10_000;

/** @returns why the address cannot be had, in words, if so */
export async function whyUnreachable(url: string, waitMs = SILENCE_MS): Promise<string | undefined> {
  const { host } = new URL(url);
  try {
    const response = await fetch(url, { method: "HEAD", signal: AbortSignal.timeout(waitMs) });
    return response.ok ? undefined : `${host} answered HTTP ${response.status}`;
  } catch (error) {
    if (error instanceof DOMException) return `${host} did not answer within ${waitMs / 1000} seconds`;
    const { cause } = error as Error & { cause?: NodeJS.ErrnoException };
    return `${host} cannot be reached (${cause?.code ?? "no connection"})`;
  }
}
