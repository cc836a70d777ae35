/**
 * `propiq:index:ResourceGroup`: a resource group of the stack's own. The stock provider deletes a group with all that is
 * in it, including what others made. This one deletes it only when it is empty, and otherwise leaves it and says so.
 */

import { setTimeout as delay } from "node:timers/promises";
import { advice } from "../../../base/advice.ts";
import { program } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { API_VERSIONS } from "../../azure/api-versions.ts";
import { type Arm, openArm } from "../../azure/arm.ts";
import { ifThere } from "../../azure/if-there.ts";
import { commandsOn } from "../../refusals/refusal.ts";
import type { Operation, ResourceType } from "../protocol/resource.ts";

export interface ResourceGroupInputs {
  subscriptionId: string;
  name: string;
  location: string;
  tags: Record<string, string>;
  metadataHost?: string;
  environment?: string;
}

const API_VERSION = API_VERSIONS.resourceGroups;
/** What was just deleted stays on Azure's lists for a while. */
const EMPTYING_MS = 60_000;
const DELETING_MS = 30 * 60_000;

export const resourceGroup: ResourceType<ResourceGroupInputs, object> = {
  type: "propiq:index:ResourceGroup",
  inputs: {
    subscriptionId: "string",
    name: "string",
    location: "string",
    tags: "object",
    metadataHost: "string?",
    environment: "string?",
  },
  outputs: {},
  secrets: [],
  replaceOn: ["subscriptionId", "name", "location"],

  refuse: ({ tags }) =>
    Object.entries(tags)
      .filter(([, value]) => typeof value !== "string")
      .map(([tag]) => ({ property: `tags.${tag}`, reason: "must be a text" })),

  async create(inputs, { stack }) {
    const arm = await open(inputs);
    const id = idOf(inputs);
    const found = await read(arm, id);
    // One that a killed update made bears the same tags.
    if (found !== undefined && !holds(found.tags, inputs.tags)) throw taken(inputs, stack);
    await arm.request({
      method: "PUT",
      path: id,
      apiVersion: API_VERSION,
      body: { location: inputs.location, tags: inputs.tags },
    });
    return { id, outputs: {} };
  },

  async read(id, state) {
    const found = await read(await open(state), id);
    if (found === undefined) return undefined;
    return { ...state, tags: found.tags ?? {} };
  },

  async update(id, _state, inputs) {
    const arm = await open(inputs);
    await arm.request({ method: "PATCH", path: id, apiVersion: API_VERSION, body: { tags: inputs.tags } });
    return {};
  },

  async delete(id, state, operation) {
    const arm = await open(state);
    const others = await membersWhenSettled(arm, id, operation);
    if (others === undefined) return;
    if (others.length > 0) {
      const some = others.slice(0, 3).join(", ");
      const more = others.length > 3 ? ` and ${others.length - 3} more` : "";
      operation.warn(
        `The resource group ${state.name} stays, because it holds what this stack did not make: ${some}${more}. When nobody needs it: az group delete --name ${state.name}`,
      );
      return;
    }
    operation.signal.throwIfAborted();
    await arm.request({ method: "DELETE", path: id, apiVersion: API_VERSION });
    await untilGone(arm, id, operation);
  },
};

interface Group {
  tags?: Record<string, string>;
}

const open = ({ subscriptionId, metadataHost, environment }: ResourceGroupInputs): Promise<Arm> =>
  openArm({ env: process.env, subscriptionId, metadataHost, environment });

const idOf = ({ subscriptionId, name }: ResourceGroupInputs): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${name}`;

async function read(arm: Arm, id: string): Promise<Group | undefined> {
  const found = await ifThere(arm.request({ method: "GET", path: id, apiVersion: API_VERSION }));
  return found?.body as Group | undefined;
}

function holds(found: Group["tags"], wanted: Record<string, string>): boolean {
  const lower = new Map(Object.entries(found ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(wanted).every(([name, value]) => lower.get(name.toLowerCase()) === value);
}

function taken({ name }: ResourceGroupInputs, stack: string): PropiqError {
  const { set } = commandsOn(stack);
  return new PropiqError(`The resource group ${name} already exists, and this stack did not make it.`, {
    code: "NAME_IN_USE",
    next: advice(
      "Use it as it is. Or choose another name (azure.resourceGroup) for the group that the stack makes.",
      set("azure.createResourceGroup", "false"),
    ),
  });
}

/** Names of what is in the group, once that does not change any more; nothing where the group itself no longer exists. */
async function membersWhenSettled(
  arm: Arm,
  id: string,
  { signal }: Operation,
): Promise<string[] | undefined> {
  const end = Date.now() + EMPTYING_MS;
  for (;;) {
    const found = await ifThere(
      arm.request({ method: "GET", path: `${id}/resources`, apiVersion: API_VERSION }),
    );
    if (found === undefined) return undefined;
    const { value = [] } = found.body as {
      value?: { name?: string; type?: string; provisioningState?: string }[];
    };
    const passing = value.some(({ provisioningState }) => provisioningState === "Deleting");
    if (!passing || Date.now() > end) return value.map(({ name, type }) => `${name} (${type})`);
    await delay(1000, undefined, { signal });
  }
}

async function untilGone(arm: Arm, id: string, { signal, progress }: Operation): Promise<void> {
  progress("waiting until Azure deleted the resource group");
  const end = Date.now() + DELETING_MS;
  for (let waitMs = 250; (await read(arm, id)) !== undefined; waitMs = Math.min(waitMs * 1.5, 10_000)) {
    if (Date.now() > end) {
      throw new PropiqError(
        `Azure did not delete the resource group within ${DELETING_MS / 60_000} minutes.`,
        {
          code: "AZURE_TIMEOUT",
          next: advice(
            "See what remains in it.",
            program(
              ...["az", "resource", "list", "--resource-group", id.split("/").at(-1) ?? ""],
              ...["--subscription", id.split("/")[2] ?? "", "--output", "table"],
            ),
          ),
        },
      );
    }
    await delay(waitMs, undefined, { signal });
  }
}
