/**
 * A cache in Azure that no state knows of, though it bears our marks: a killed update, or a runner that was lost, made
 * it. If no app uses it, it is deleted. A cache that an app uses, or that is not ours, is never deleted.
 */

import { setTimeout as delay } from "node:timers/promises";
import { advice } from "../../../base/advice.ts";
import { program, pulumi, setConfig } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { type Arm, ArmError } from "../../azure/arm.ts";
import { ifThere } from "../../azure/if-there.ts";
import { isOwn, type Owner } from "../../azure/tags.ts";

export interface Wanted {
  /** Its id in Azure Resource Manager. */
  id: string;
  apiVersion: string;
  name: string;
  location: string;
  owner: Owner;
  /** Who uses the cache at this host: apps and env files, in words. */
  usersOf: (host: string) => Promise<string[]>;
  /** Reports what is done, and how long it may take. */
  say: (line: string) => Promise<void>;
}

interface Found {
  location?: string;
  tags?: Record<string, string>;
  properties?: { hostName?: string; provisioningState?: string };
}

/** Azure takes minutes; what is asked more often costs requests. */
const POLL_MS = { first: 250, most: 15_000 } as const;
/** A creation that a killed update started takes up to 40 minutes, a deletion some more. */
const PATIENCE_MS = 90 * 60_000;

/** @throws PropiqError where what is there must stay */
export async function clearLeftover(arm: Arm, wanted: Wanted): Promise<void> {
  const found = await read(arm, wanted);
  if (found === undefined) return;
  await refuseWhatMustStay(found, wanted);
  await wanted.say(
    `An earlier update left the cache ${wanted.name}, and nothing uses it. It is deleted first, which takes Azure some minutes.`,
  );
  await remove(arm, wanted);
}

/** A cache whose creation failed in Azure, and which the state knows: it is deleted, so that it can be made again. */
export async function removeFailed(arm: Arm, wanted: Wanted): Promise<void> {
  const found = await read(arm, wanted);
  if (found === undefined || found.properties?.provisioningState !== "Failed") return;
  await refuseWhatMustStay(found, wanted);
  await wanted.say(
    `Azure did not finish the cache ${wanted.name} the last time, and nothing uses it. It is deleted and made again.`,
  );
  await remove(arm, wanted);
}

async function refuseWhatMustStay(found: Found, wanted: Wanted): Promise<void> {
  const { name, owner, location } = wanted;
  const { stack } = owner;
  const otherName = setConfig(stack, "name", "propiq-redis-2");
  const deletion = program("az", "resource", "delete", "--ids", wanted.id);
  if (!isOwn(found.tags, owner)) {
    throw new PropiqError(
      `A cache named ${name} already exists without the tags of this stack. It was not changed.`,
      {
        code: "NAME_IN_USE",
        next: advice("Choose another name. Or delete that cache if nobody needs it.", otherName, deletion),
      },
    );
  }
  if (bare(found.location) !== bare(location)) {
    throw new PropiqError(
      `The cache ${name} is in ${found.location}, and Azure does not move a cache to another region. It was not changed.`,
      {
        code: "NAME_IN_USE",
        next: advice(
          `Choose another name to make a new cache in ${location}. Or keep this one: azure.location ${bare(found.location)}.`,
          otherName,
        ),
      },
    );
  }
  const host = found.properties?.hostName;
  const users = host === undefined ? [] : await wanted.usersOf(host);
  if (users.length > 0) {
    throw new PropiqError(
      `The cache ${name} exists and ${users.join(" and ")} uses it, but this stack's state does not know it. It was not changed.`,
      {
        code: "NOT_IN_STATE",
        next: advice(
          "If you have a copy of the state that knows it, import that copy. Otherwise choose another name, and delete the old cache when nothing uses it.",
          pulumi(stack, "stack", "import", "--file", "BACKUP.json"),
          otherName,
          deletion,
        ),
      },
    );
  }
}

/** Waits until Azure takes the deletion, which it does not in the middle of a creation, and until it is done. */
async function remove(arm: Arm, wanted: Wanted): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  let asked = false;
  for (let waitMs: number = POLL_MS.first; ; waitMs = Math.min(waitMs * 1.5, POLL_MS.most)) {
    const found = await read(arm, wanted);
    if (found === undefined) return;
    const state = found.properties?.provisioningState ?? "";
    // Asked again where a deletion failed.
    if ((!asked || state === "Failed" || state === "Succeeded") && state !== "Deleting") {
      asked = await askToDelete(arm, wanted);
    }
    if (Date.now() > end) {
      throw new PropiqError(`Azure did not delete the cache ${wanted.name} within 90 minutes.`, {
        code: "AZURE_TIMEOUT",
        next: advice("See its state.", program("az", "resource", "show", "--ids", wanted.id)),
      });
    }
    await delay(waitMs);
  }
}

/** @returns whether Azure took it; it refuses as long as something else continues with the cache */
async function askToDelete(arm: Arm, { id, apiVersion }: Wanted): Promise<boolean> {
  try {
    await arm.request({ method: "DELETE", path: id, apiVersion });
    return true;
  } catch (error) {
    if (error instanceof ArmError && error.status !== undefined && PASSING.includes(error.status))
      return false;
    throw error;
  }
}

/** Gone, busy, throttled, or troubles of Azure's own. */
const PASSING: readonly number[] = [404, 409, 429, 500, 502, 503, 504];

async function read(arm: Arm, { id, apiVersion }: Wanted): Promise<Found | undefined> {
  const found = await ifThere(arm.request({ method: "GET", path: id, apiVersion }));
  return found?.body as Found | undefined;
}

const bare = (location: string | undefined): string => (location ?? "").toLowerCase().replaceAll(" ", "");
