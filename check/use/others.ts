/** Who else is on a cache right now. */

import type { Others } from "../app/judge.ts";
import { othersIn } from "../app/look.ts";
import { startDeadline } from "../deadline.ts";
import { connect } from "../probe/connect.ts";
import type { Run } from "../probe/run.ts";
import { signIn } from "../probe/sign-in.ts";
import type { Target } from "../target.ts";
import type { Connection } from "../wire/connection.ts";

/**
 * @param deadlineMs for all of it
 * @returns nothing where the cache does not tell: it cannot be reached from here, or withholds CLIENT LIST
 */
export async function othersOn(target: Target, deadlineMs: number): Promise<Others | undefined> {
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
    const [own, list] = await connection.exchange(["CLIENT", "ID"], ["CLIENT", "LIST"]);
    return typeof own === "number" && typeof list === "string" ? othersIn(list, own) : undefined;
  } catch {
    return undefined;
  } finally {
    connection?.close();
    deadline.end();
  }
}
