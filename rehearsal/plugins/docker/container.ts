/** `docker:index/container:Container`, as `resource_docker_container_funcs.go` of the real provider does it. */
import { setTimeout as delay } from "node:timers/promises";
import type { Values } from "../../../infra/provider/protocol/values.ts";
import { settled } from "../protocol/bridged.ts";
import { type Found, InitFailed } from "../protocol/stand-in.ts";
import { creationBody, type Inspected, inspectedState, limitsBody } from "./container-json.ts";
import { type Engine, EngineError } from "./engine-api.ts";
import { findImage } from "./image.ts";
import { type Kind, prefixed } from "./kind.ts";
import { CONTAINER } from "./properties.ts";
import { sdk } from "./sdk.ts";
import { type Upload, uploadArchive } from "./upload.ts";

/** Inputs that an update hands to the engine; any other change in place is only written down. */
const LIMITS = ["restart", "maxRetryCount", "cpuShares", "memory", "memoryReservation", "memorySwap"];

export const container: Kind = {
  type: "docker:index/container:Container",
  fields: sdk.readArgs("container.d.ts", "ContainerArgs"),
  properties: CONTAINER,
  computed: ["exitCode", "networkDatas", "platform"],
  deletesBeforeReplace: true,

  async create(engine, inputs) {
    const image = String(inputs["image"]);
    await findImage(engine, image).catch(prefixed(`Unable to create container with image ${image}`));
    if ([inputs["command"] ?? []].flat().includes("")) throw new Error("values for command may not be empty");
    const query = new URLSearchParams({ name: String(inputs["name"]) });
    const made = (await engine
      .call("POST", `/containers/create?${query}`, creationBody(inputs))
      .catch(prefixed("Unable to create container"))) as { Id: string };
    try {
      for (const upload of (inputs["uploads"] ?? []) as unknown as readonly Upload[])
        await engine
          .call("PUT", `/containers/${made.Id}/archive?path=%2F`, uploadArchive(upload))
          .catch(prefixed("Unable to upload content to container"));
      if (inputs["start"] === true) {
        await engine
          .call("POST", `/containers/${made.Id}/start`)
          .catch(prefixed("Unable to start container"));
        if (inputs["wait"] === true) await healthy(engine, made.Id, Number(inputs["waitTimeout"]));
      }
      const found = await read(engine, made.Id, inputs);
      if (found === undefined) throw new Error("the container went away while it was read");
      return found;
    } catch (error) {
      // What was made stays: the port may be taken, but the container is there.
      const message = error instanceof Error ? error.message : String(error);
      throw new InitFailed(message, { id: made.Id, state: { ...settled(inputs), id: made.Id }, inputs });
    }
  },

  read: (engine, id, state) => read(engine, id, state),

  async update(engine, id, before, inputs) {
    if (before["mustRun"] === false && inputs["mustRun"] === true && inputs["start"] === true) {
      await engine.call("POST", `/containers/${id}/start`).catch(prefixed("Unable to start container"));
    }
    if (LIMITS.some((key) => (before[key] ?? 0) !== (inputs[key] ?? 0))) {
      await engine
        .call("POST", `/containers/${id}/update`, limitsBody(inputs))
        .catch(prefixed("Unable to update a container"));
    }
    return { ...before, ...inputs };
  },

  async delete(engine, id, state) {
    const grace = Number(state["destroyGraceSeconds"] ?? 0);
    await engine
      .call("POST", `/containers/${id}/stop?t=${grace}`)
      .catch(unlessStatus([404], `Error stopping container ${id}`));
    await engine
      .call("DELETE", `/containers/${id}?force=true&v=${state["removeVolumes"] === true}`)
      .catch(unlessStatus([404, 409], `Error deleting container ${id}`));
    await engine
      .call("POST", `/containers/${id}/wait?condition=not-running`)
      .catch(unlessStatus([404, 409], `Error waiting for container removal '${id}'`));
  },
};

async function read(engine: Engine, id: string, state: Values): Promise<Found | undefined> {
  const list = (await engine
    .call("GET", "/containers/json?all=true")
    .catch(prefixed("error fetching container information from Docker"))) as { Id: string }[];
  if (!list.some(({ Id }) => Id === id)) return undefined;
  const found = (await engine.call("GET", `/containers/${id}/json`)) as Inspected;
  // Variables and labels are left as they were wished, since images bring some of their own.
  return { id, state: { envs: [], labels: [], ...state, ...inspectedState(found, state) } };
}

async function healthy(engine: Engine, id: string, timeoutSeconds: number): Promise<void> {
  for (const end = Date.now() + timeoutSeconds * 1000; Date.now() < end; await delay(1000)) {
    const { State } = (await engine.call("GET", `/containers/${id}/json`)) as Inspected;
    if (State.Health === undefined) {
      throw new Error(
        "you have supplied a 'wait' argument, but the container does not have a healthcheck defined. Please remove the 'wait' argument or add a 'healthcheck' attribute",
      );
    }
    if (State.Health.Status === "healthy") return;
  }
  throw new Error("container failed to be in healthy state");
}

/** For `catch`: what does not exist, or is being removed, needs no removal. */
function unlessStatus(statuses: readonly number[], words: string): (error: Error) => void {
  return (error) => {
    if (!(error instanceof EngineError && statuses.includes(error.status))) prefixed(words)(error);
  };
}
