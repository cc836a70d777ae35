/**
 * Leaving with a look-up of a name still under way: it runs in a thread that cannot be called off, and Node waits for
 * that thread, also in `process.exit` (libuv joins its threads). With a DNS server that never answers that is 10
 * seconds (glibc: 2 attempts of 5 seconds), in which a pipeline waits for a report that it has.
 */

/** Ends the process at once where a look-up would hold it up; everything must be written. @param code to exit with */
export function leave(code: number): void {
  // `getaddrinfo`, which is what `dns.lookup` is.
  if (!process.getActiveResourcesInfo().includes("GetAddrInfoReqWrap")) return;
  // In this process's place comes a shell that only has the code to say: nothing else ends threads that wait.
  if (process.platform !== "win32") process.execve?.("/bin/sh", ["sh", "-c", `exit ${code}`], {});
  process.exit(code);
}
