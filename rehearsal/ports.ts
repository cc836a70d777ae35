/** Ports of this machine. */
import { createServer } from "node:net";

/**
 * Below the range from which systems take ports by themselves (Linux from 32768, macOS and Windows from 49152): one of
 * those may be taken by any connection before it is used.
 */
const FIRST = 12_000;
const LAST = 32_000;
/** Processes that run at the same time take ports of a slice of their own, as far as their ids differ. */
const SLICES = 20;
const SLICE = (LAST - FIRST) / SLICES;
/** Neighbours remain free: a message may propose the next port. */
const STEP = 7;

const first = FIRST + (process.pid % SLICES) * SLICE;
let offset = Math.floor(Math.random() * SLICE);

/** One that nobody listens on right now, and that this process has not been given before. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < SLICE; tries += 1) {
    offset = (offset + STEP) % SLICE;
    const port = first + offset;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${first} to ${first + SLICE - 1} is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
