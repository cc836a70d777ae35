import type { LookupAddress } from "node:dns";
import { lookup } from "node:dns/promises";
import { Fault } from "../faults/fault.ts";
import { dnsFault } from "../faults/network.ts";

/**
 * The addresses of a name, found the way an app finds them: by the system's resolver, /etc/hosts included.
 * @throws Fault DNS_NOT_FOUND, DNS_UNAVAILABLE
 */
export async function resolveHost(host: string, signal: AbortSignal): Promise<LookupAddress[]> {
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(new Fault("DNS_UNAVAILABLE", "DNS gave no answer in time", { check: "dns" }));
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    // A look-up cannot be called off; one that comes too late is ignored.
    const addresses = await Promise.race([lookup(host, { all: true }), timeUp]);
    if (addresses.length === 0) throw new Fault("DNS_NOT_FOUND", "the name has no address", { check: "dns" });
    return addresses;
  } catch (error) {
    throw error instanceof Fault ? error : dnsFault(error);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}
