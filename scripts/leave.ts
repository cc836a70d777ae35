/**
 * Leaving with a look-up of a name still under way: it runs in a thread that cannot be called off, and Node waits for
 * that thread, also in `process.exit` (libuv joins its threads). With a DNS server that never answers that is 10
 * seconds (glibc: 2 attempts of 5 seconds), in which a pipeline waits for a report that it has.
 */

import { whenPrinted } from "./print.ts";

/** A sign-in that was given up, by Microsoft's client or by `az`: neither can be ended from outside. */
const GIVEN_UP: readonly string[] = ["TCPSocketWrap", "ProcessWrap"];

/**
 * Ends the process at once where something that nobody waits for would hold it up.
 * @param code to exit with
 */
export function leave(code: number): void {
  const holding = process.getActiveResourcesInfo();
  // `getaddrinfo`, which is what `dns.lookup` is.
  if (!holding.includes("GetAddrInfoReqWrap")) {
    if (GIVEN_UP.some((kind) => holding.includes(kind))) whenPrinted(() => process.exit(code));
    return;
  }
  // In this process's place comes a shell that only has the code to say: nothing else ends threads that wait.
  if (process.platform !== "win32") process.execve?.("/bin/sh", ["sh", "-c", `exit ${code}`], {});
  process.exit(code);
}
