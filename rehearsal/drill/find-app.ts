/** Waits until a started app is there, and finds out where. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { AppProcess } from "./app-process.ts";
import { get, type Sample } from "./load.ts";

const DEFAULT_PORT = 8080;
const POLL_MS = 50;
/** What one look at the app may take. An app that answers later is asked again. */
const LOOK_MS = 2000;

export interface Whereabouts {
  /** The address of the health document, when the user names it. */
  health?: string;
  /** The port that the app was given. */
  port?: number;
  /** Ports that another process listened on before the app was started. */
  taken: readonly number[];
}

/** The origins where the app may listen, the likeliest first. */
export function candidates(app: Pick<AppProcess, "origins">, { health, port, taken }: Whereabouts): string[] {
  if (health !== undefined && URL.canParse(health)) return [new URL(health).origin];
  const given = port === undefined ? [] : [originOf(port)];
  const printed = app.origins.filter((origin) => !taken.includes(portOf(origin)));
  const last = taken.includes(DEFAULT_PORT) || port !== undefined ? [] : [originOf(DEFAULT_PORT)];
  return [...new Set([...given, ...printed, ...last])];
}

export function originOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

export function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

/**
 * @param isThere what it means to be there, at an origin
 * @returns the origin; undefined when the app ended or the time is up
 */
export async function findApp(
  app: AppProcess,
  where: Whereabouts,
  isThere: (origin: string) => Promise<boolean>,
  { withinMs, signal }: { withinMs: number; signal: AbortSignal },
): Promise<string | undefined> {
  const endMs = performance.now() + withinMs;
  while (app.end === undefined && performance.now() < endMs) {
    signal.throwIfAborted();
    for (const origin of candidates(app, where)) if (await isThere(origin)) return origin;
    await sleep(POLL_MS, undefined, { signal });
  }
  return undefined;
}

/** Whether anything takes connections there. */
export function accepts(url: string): Promise<boolean> {
  const { hostname } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(portOf(url), hostname.replace(/^\[(.*)\]$/, "$1"));
    const end = (isThere: boolean) => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(LOOK_MS, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}

/** Whether anything answers a request there, with whatever status. */
export async function answers(url: string): Promise<boolean> {
  if (!(await accepts(url))) return false;
  return (await ask(url)).status !== undefined;
}

/** One request, which may take a while. */
export async function ask(url: string): Promise<Sample> {
  const { sample, done, cancel } = get(url);
  const timer = setTimeout(cancel, LOOK_MS);
  await done;
  clearTimeout(timer);
  return sample;
}
