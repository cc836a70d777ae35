import type { Socket } from "node:net";
import type { Fault } from "../faults/fault.ts";

/**
 * Waits until a socket is open. One that fails, or is not open when the time is up, is destroyed.
 * @param faultOf the fault behind an error of this kind of socket; undefined stands for the time being up
 * @throws Fault
 */
export function opened<S extends Socket>(
  socket: S,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
  faultOf: (error: Error | undefined) => Fault,
): Promise<S> {
  const { promise, resolve, reject } = Promise.withResolvers<S>();
  const giveUp = () => fail(undefined);
  const fail = (error: Error | undefined) => {
    signal.removeEventListener("abort", giveUp);
    socket.destroy();
    reject(faultOf(error));
  };
  // Stays: without a listener, an error of a socket that nobody looks at any more would end the process.
  socket.on("error", fail);
  socket.once(event, () => {
    signal.removeEventListener("abort", giveUp);
    resolve(socket);
  });
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp, { once: true });
  return promise;
}
