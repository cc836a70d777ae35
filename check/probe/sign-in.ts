import { answersInTls, withSecondOpinion } from "../connect/second-opinion.ts";
import type { Place } from "../connect/sockets.ts";
import { Fault } from "../faults/fault.ts";
import { replyFault } from "../faults/replies.ts";
import type { Target } from "../target.ts";
import type { Command, Connection } from "../wire/connection.ts";
import { type Reply, ReplyError, replyInWords } from "../wire/resp.ts";
import { failure, type Run, roundMs } from "./run.ts";

/**
 * AUTH, SELECT and the first PING, in one write: nothing else is sent before all three are known to be well, so that
 * nothing is ever written into a wrong database.
 * @throws Fault
 */
export async function signIn(connection: Connection, place: Place, run: Run): Promise<void> {
  const { target, deadline, found, measurements } = run;
  const commands = greeting(target);
  const first = commands.length > 1 ? "auth" : "ping";
  run.onStage(first);
  const startedAt = performance.now();
  const tookMs = () => roundMs(performance.now() - startedAt);
  try {
    const attempt = connection.exchangeJudged(commands, greetingFault);
    await (target.tls
      ? attempt
      : withSecondOpinion(attempt, (signal) => answersInTls(place, run.meter, signal), deadline));
  } catch (error) {
    if (error instanceof Fault) found.push(failure(error, first, tookMs()));
    throw error;
  }
  const durationMs = tookMs();
  if (measurements.connectMs && commands[0]?.[0] === "AUTH") measurements.connectMs.auth = durationMs;
  found.push(
    { id: "auth", status: "pass", observed: accepted(target), durationMs },
    { id: "ping", status: "pass", observed: "PONG", durationMs },
  );
}

function greetingFault(reply: Reply, [command]: Command): Fault | undefined {
  if (reply instanceof ReplyError) return replyFault(reply.text, command);
  const expected = command === "PING" ? "PONG" : "OK";
  return reply === expected
    ? undefined
    : new Fault("NOT_REDIS", `${command} was answered with: ${replyInWords(reply)}`);
}

function accepted({ username, password }: Target): string {
  if (password) return "the password is accepted";
  return username ? "the user is accepted without a password" : "no password is needed";
}

/** A user without a password signs in with an empty one, as redis-py and ioredis do. */
function greeting({ username, password = "", db }: Target): Command[] {
  const commands: Command[] = [["PING"]];
  if (db !== 0) commands.unshift(["SELECT", String(db)]);
  if (username) commands.unshift(["AUTH", username, password]);
  else if (password) commands.unshift(["AUTH", password]);
  return commands;
}
