/** A message to anyone who listens: Slack, Teams, Mattermost and their like take `{"text": …}`. */
import { say } from "../print.ts";

const TIMEOUT_MS = 15_000;

/**
 * @param url a secret: who knows it may post; nothing is sent without one
 * @throws Error without the URL in it
 */
export async function postToWebhook(url: string | undefined, text: string): Promise<void> {
  if (!url) return;
  let status: number;
  try {
    const reply = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    ({ status } = reply);
  } catch {
    // What fetch says may name the URL.
    throw new Error("The webhook could not be reached: is the secret WEBHOOK_URL still the right one?");
  }
  if (status >= 300)
    throw new Error(`The webhook answered ${status}: is the secret WEBHOOK_URL still the right one?`);
  say("informed the webhook");
}
