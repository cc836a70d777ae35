/**
 * Ends this process when the one that was really started is gone: npm, or the launcher under an older Node. Killed
 * by SIGKILL they cannot pass it on, and nobody would know that we go on writing. Our own children end with us
 * (toolchain/child.ts).
 */
export function endWithParent(): void {
  const end = () => process.kill(process.pid, "SIGKILL");
  // The launcher's channel closes with it.
  if (process.channel) {
    process.once("disconnect", end);
    process.channel.unref();
    return;
  }
  // Started by hand, a parent that ends is a shell that was closed: no reason to stop.
  if (process.env["npm_command"] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, 100).unref();
}
