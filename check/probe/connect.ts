import { isIP } from "node:net";
import { resolveHost } from "../connect/resolve.ts";
import { answersPlainly, withSecondOpinion } from "../connect/second-opinion.ts";
import { openTcp, openTls, type Place } from "../connect/sockets.ts";
import { Connection } from "../wire/connection.ts";
import { type Run, roundMs, stage } from "./run.ts";

/**
 * Finds the name, connects and, where the target says so, secures the connection; each stage is timed and noted.
 * @throws Fault
 */
export async function connect(run: Run): Promise<{ connection: Connection; place: Place }> {
  const { target, deadline, measurements, meter } = run;
  const { signal } = deadline;
  const connectMs: NonNullable<typeof measurements.connectMs> = {};
  measurements.connectMs = connectMs;

  const place = { host: target.host, port: target.port, addresses: await addressesOf(run, connectMs) };
  const tcp = await stage(
    run,
    "tcp",
    () => openTcp(place, signal),
    ({ socket }) => ({
      observed: `connected to ${socket.remoteAddress ?? target.host}`,
    }),
  );
  const { socket, roundTripMs } = tcp.result;
  connectMs.tcp = tcp.tookMs;
  // Of several addresses those that did not answer took their time, too.
  measurements.networkMs = place.addresses.length > 1 ? roundMs(roundTripMs) : tcp.tookMs;
  if (!target.tls) {
    run.found.push({ id: "tls", status: "skip", observed: "not used: the address is redis://" });
    return { connection: new Connection(socket, meter, signal), place };
  }

  const other = (opinionSignal: AbortSignal) => answersPlainly(place, meter, opinionSignal);
  const tls = await stage(
    run,
    "tls",
    () => withSecondOpinion(openTls(socket, target.host, signal), other, deadline),
    (secure) => ({
      observed: `${secure.getProtocol() ?? "TLS"}, certificate ${lifeOf(secure.getPeerCertificate().valid_to)}`,
    }),
  );
  connectMs.tls = tls.tookMs;
  return { connection: new Connection(tls.result, meter, signal), place };
}

async function addressesOf(run: Run, connectMs: { dns?: number }): Promise<Place["addresses"]> {
  const { host } = run.target;
  const family = isIP(host);
  if (family !== 0) {
    run.found.push({ id: "dns", status: "skip", observed: "not needed: the host is an address" });
    return [{ address: host, family }];
  }
  const { result, tookMs } = await stage(
    run,
    "dns",
    () => resolveHost(host, run.deadline.signal),
    (addresses) => ({
      observed: addresses.map(({ address }) => address).join(", "),
    }),
  );
  connectMs.dns = roundMs(tookMs);
  return result;
}

function lifeOf(validTo: string): string {
  const end = new Date(validTo);
  return Number.isNaN(end.getTime()) ? "valid" : `valid until ${end.toISOString().slice(0, 10)}`;
}
