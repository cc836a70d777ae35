/** The programs and plugins that run for the engine: none outlives the language host. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

const running = new Set<ChildProcess>();

/** How long an interrupted program may take to end; Pulumi's own host waits as long. */
const END_MS = 5000;

/** Starts a process in the host's own process group, which the engine interrupts in the end. */
export function start(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  running.add(child);
  const forget = () => running.delete(child);
  child.on("exit", forget).on("error", forget);
  return child;
}

/** Starts the Node that runs the host: the project's own. */
export function startNode(args: readonly string[], options: SpawnOptions): ChildProcess {
  return start(process.execPath, args, options);
}

/** Asks a process to end, and ends it when it does not. */
export function interrupt(child: ChildProcess): void {
  if (!running.has(child)) return;
  child.kill("SIGINT");
  const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
  child.on("exit", () => clearTimeout(timer));
}

/** Asks all of them. */
export function interruptAll(): void {
  for (const child of running) interrupt(child);
}

/** Ends all of them at once. */
export function endAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** How a process ended: its exit code, -1 when a signal ended it (as Go counts), or why it could not be started. */
export function endOf(child: ChildProcess): Promise<{ code: number; detail: string } | Error> {
  return new Promise((resolve) => {
    child.on("error", resolve);
    child.on("close", (code, signal) =>
      resolve({ code: code ?? -1, detail: signal === null ? "" : ` (it was ended by ${signal})` }),
    );
  });
}
