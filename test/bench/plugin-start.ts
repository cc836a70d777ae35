/** A provider's plugin alone, from its start to the port that it prints: what the engine waits for. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { CannotMeasure, type Timed } from "./row.ts";

export function pluginStart(bin: string): Timed {
  return async (onStart) => {
    const startMs = performance.now();
    const plugin = spawn(bin, [], { stdio: ["pipe", "pipe", "ignore"] });
    const ended = once(plugin, "exit");
    if (plugin.pid !== undefined) onStart(plugin.pid);
    try {
      const port = await Promise.race([once(plugin.stdout, "data"), ended.then(() => undefined)]);
      if (port !== undefined) return performance.now() - startMs;
      throw new CannotMeasure(`${bin} ended without a port`, { hint: `Try it by hand: ${bin}` });
    } finally {
      plugin.kill();
      await ended;
    }
  };
}
