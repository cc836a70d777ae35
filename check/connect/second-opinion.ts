/**
 * TLS spoken to a plain server, or plain text to a TLS server, mostly ends in silence or in a closed connection,
 * which could be anything. A second connection, in the other protocol, shows it.
 */
import { connect as connectTls } from "node:tls";
import type { Deadline } from "../deadline.ts";
import { Fault } from "../faults/fault.ts";
import { tlsFault } from "../faults/network.ts";
import { Connection, type Meter, tlsRequired } from "../wire/connection.ts";
import { opened } from "./opened.ts";
import { openTcp, type Place } from "./sockets.ts";

/** Silence of this length, or a third of the time that is left, is worth a second opinion. */
const QUIET_MS = 500;
/** How long the second opinion may take. */
const OPINION_MS = 3000;

/** Faults that may only be how the wrong language looks. */
const AMBIGUOUS: ReadonlySet<string> = new Set(["CONNECTION_RESET", "TLS_HANDSHAKE"]);

/** What the other way of speaking shows; undefined when it shows nothing. */
type Opinion = (place: Place, meter: Meter, signal: AbortSignal) => Promise<Fault | undefined>;

/** Of a server that does not answer TLS: does it answer a plain PING? */
export const answersPlainly: Opinion = async (place, meter, signal) => {
  try {
    const { socket } = await openTcp(place, signal);
    const connection = new Connection(socket, meter, signal);
    try {
      await connection.exchange(["PING"]);
      return new Fault("TLS_NOT_OFFERED", "the server answers without TLS, and the address says rediss://", {
        check: "tls",
      });
    } finally {
      connection.close();
    }
  } catch (error) {
    return error instanceof Fault && error.code === "NOT_REDIS" ? error : undefined;
  }
};

/** Of a server that does not answer plain text: does it answer TLS? */
export const answersInTls: Opinion = async (place, _meter, signal) => {
  try {
    const { socket } = await openTcp(place, signal);
    // Only whether it speaks TLS is asked, and nothing is sent: who it says that it is does not matter here.
    const secure = connectTls({ socket, host: place.host, rejectUnauthorized: false });
    (await opened(secure, "secureConnect", signal, (error) => tlsFault(error))).destroy();
    return tlsRequired();
  } catch (error) {
    return isAlert(error) ? tlsRequired() : undefined;
  }
};

/** A refusal in TLS's own language, as of a client without a certificate. */
function isAlert(error: unknown): boolean {
  const cause = error instanceof Fault ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && /_ALERT_/.test(String(cause.code));
}

/**
 * Waits for an attempt; when it fails in a way that could have another cause, or stays quiet, asks for the opinion.
 * @throws Fault the opinion's where it has one, else the attempt's own
 */
export async function withSecondOpinion<T>(
  attempt: Promise<T>,
  opinion: (signal: AbortSignal) => Promise<Fault | undefined>,
  { signal, leftMs }: Deadline,
): Promise<T> {
  let asked: Promise<Fault | undefined> | undefined;
  const ask = () => {
    asked ??= opinion(AbortSignal.any([signal, AbortSignal.timeout(OPINION_MS)]));
    return asked;
  };
  const { promise: other, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => void ask().then((fault) => fault && reject(fault)),
    Math.min(QUIET_MS, leftMs() / 3),
  );
  try {
    return await Promise.race([attempt, other]);
  } catch (error) {
    if (!(error instanceof Fault && AMBIGUOUS.has(error.code))) throw error;
    throw (await ask()) ?? error;
  } finally {
    clearTimeout(timer);
  }
}
