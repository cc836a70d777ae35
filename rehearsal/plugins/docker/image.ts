/** `docker:index/remoteImage:RemoteImage`, as `resource_docker_image_funcs.go` of the real provider does it. */
import type { Values } from "../../../infra/provider/protocol/values.ts";
import type { Found } from "../protocol/stand-in.ts";
import { type Engine, EngineError } from "./engine-api.ts";
import { type Kind, prefixed } from "./kind.ts";
import { REMOTE_IMAGE } from "./properties.ts";
import { sdk } from "./sdk.ts";

interface ImageFacts {
  Id: string;
  RepoDigests: string[] | null;
}

export const remoteImage: Kind = {
  type: "docker:index/remoteImage:RemoteImage",
  fields: sdk.readArgs("remoteImage.d.ts", "RemoteImageArgs"),
  properties: REMOTE_IMAGE,
  computed: ["imageId", "repoDigest"],
  deletesBeforeReplace: false,

  async create(engine, inputs) {
    await findImage(engine, String(inputs["name"])).catch(
      prefixed("Unable to read Docker image into resource"),
    );
    const found = await read(engine, inputs);
    if (found === undefined) throw new Error("the image went away while it was read");
    return found;
  },

  async read(engine, _, state) {
    return await read(engine, state).catch(
      prefixed("Error reading docker image list: unable to list Docker images"),
    );
  },

  async update(engine, _, before, inputs) {
    await findImage(engine, String(inputs["name"])).catch(
      prefixed("Unable to read Docker image into resource"),
    );
    return (await read(engine, { ...before, ...inputs }))?.state ?? {};
  },

  async delete(engine, _, state) {
    if (state["keepLocally"] === true) return;
    const name = String(state["name"]);
    if ((await inspectImage(engine, name)) === undefined) return;
    await engine
      .call("DELETE", `/images/${encodeURIComponent(name)}?force=${state["forceRemove"] === true}`)
      .catch(prefixed("Unable to remove Docker image"));
  },
};

async function read(engine: Engine, state: Values): Promise<Found | undefined> {
  const name = String(state["name"]);
  const found = await inspectImage(engine, name);
  if (found === undefined) return undefined;
  const repository = name.replace(/[@:][^/]*$/, "");
  const repoDigest = found.RepoDigests?.find((digest) => digest.startsWith(`${repository}@`)) ?? "";
  return { id: found.Id + name, state: { ...state, imageId: found.Id, repoDigest } };
}

/** The image with this name or id, fetched where the engine does not have it. */
export async function findImage(engine: Engine, name: string): Promise<void> {
  const inspect = () => inspectImage(engine, name).catch(prefixed("unable to list Docker images"));
  if ((await inspect()) !== undefined) return;
  const [, repository = name, tag = "latest"] = /^(.+?)[:@]([^/]+)$/.exec(name) ?? [];
  const query = new URLSearchParams({ fromImage: repository, tag });
  await engine
    .call("POST", `/images/create?${query}`)
    .catch(prefixed(`unable to pull image ${name}: error pulling image ${name}`));
  // A pull that breaks off ends with status 200 and a line about the error, which the provider does not read.
  if ((await inspect()) === undefined) throw new Error(`unable to find or pull image ${name}`);
}

async function inspectImage(engine: Engine, name: string): Promise<ImageFacts | undefined> {
  try {
    return (await engine.call("GET", `/images/${encodeURIComponent(name)}/json`)) as ImageFacts;
  } catch (error) {
    if (error instanceof EngineError && error.status === 404) return undefined;
    throw error;
  }
}
