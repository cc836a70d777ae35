/** A connection to ask a cache something in addition to a check: nothing is recorded, and no stage is reported. */
import { startDeadline } from "../deadline.ts";
import { connect } from "../probe/connect.ts";
import type { Run } from "../probe/run.ts";
import { signIn } from "../probe/sign-in.ts";
import type { Target } from "../target.ts";
import type { Connection } from "../wire/connection.ts";

/**
 * Connects, signs in, lets the work be done, and closes.
 * @param deadlineMs for all of it
 * @throws Fault when the cache cannot be used, and whatever the work throws
 */
export async function signedIn<T>(
  target: Target,
  deadlineMs: number,
  work: (connection: Connection, run: Run) => Promise<T>,
): Promise<T> {
  const deadline = startDeadline(deadlineMs);
  const run: Run = {
    ...{ target, deadline, found: [], measurements: {}, meter: { commands: 0 } },
    onStage: () => {},
  };
  let connection: Connection | undefined;
  try {
    const connected = await connect(run);
    connection = connected.connection;
    await signIn(connection, connected.place, run);
    return await work(connection, run);
  } finally {
    connection?.close();
    deadline.end();
  }
}
