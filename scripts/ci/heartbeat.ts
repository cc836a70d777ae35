/**
 * `node scripts/ci/heartbeat.ts`: pings a service that expects it whenever a check ran, whatever it found. Where a
 * check
 * does not run at all, only such a service notices. Environment: HEARTBEAT_URL; nothing is sent without it.
 */
import { say } from "../print.ts";

const TIMEOUT_MS = 15_000;
const { HEARTBEAT_URL } = process.env;

if (HEARTBEAT_URL) {
  // What fetch says may name the URL, which is a secret.
  const reply = await fetch(HEARTBEAT_URL, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    () => undefined,
  );
  if (reply?.ok) {
    say("The heartbeat was sent.");
  } else {
    say(
      `The heartbeat failed${reply === undefined ? "" : ` with ${reply.status}`}. Check the secret HEARTBEAT_URL.`,
    );
    process.exitCode = 1;
  }
}
