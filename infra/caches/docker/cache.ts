/** Plan `docker`: a Redis in a container on this machine. */

import { RunError } from "@pulumi/pulumi/errors.js";
import type { Output } from "@pulumi/pulumi/output.js";
import { ComponentResource, ErrorHook, ResourceHook } from "@pulumi/pulumi/resource.js";
import type { Target } from "../../../check/target.ts";
import * as log from "../../log.ts";
import { portHolder } from "../../provider/local-redis/port.ts";
import { portTaken } from "../../provider/local-redis/port-taken.ts";
import { explanationText } from "../../refusals/refusal.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Cache } from "../cache.ts";
import { localPassword, localTarget } from "../local/password.ts";
import { findDockerEngine, inspectContainer, removeContainer } from "./engine.ts";
import { type DockerWish, explainDockerFault, nameTaken } from "./faults.ts";
import { redisImage } from "./image.ts";
import { isOwnContainer, labelsOf } from "./labels.ts";
import { Container, RemoteImage } from "./resources.ts";

const IMAGE = redisImage();

type DockerSettings = Pick<Settings, "stack" | "name" | "port" | "maxMemoryMb" | "localPassword">;

export class DockerCache extends ComponentResource implements Cache {
  readonly target: Output<Target>;
  readonly identity: Output<string>;
  readonly resource = this;

  /** @throws RunError for what stands in the way, in previews too, before anything is registered or removed */
  static async make(settings: DockerSettings): Promise<DockerCache> {
    const engine = await findDockerEngine(process.env);
    if (!engine.found) {
      const tried = engine.tried.map(({ host, reason }) => `${host}: ${reason}`).join("; ");
      throw new RunError(
        explanationText({ happened: `No Docker engine answers (${tried}).`, next: engine.next }),
      );
    }
    await refuseWhatIsTaken(engine.host, settings);
    return new DockerCache(settings, engine.host);
  }

  /** Another `name`, `port` or `maxMemoryMb` makes another container, and with it an empty cache. */
  private constructor(settings: DockerSettings, host: string) {
    super("propiq:cache:Docker", settings.name);
    const wish: DockerWish = { ...settings, image: IMAGE };
    const explained = new ErrorHook("explain-docker-fault", ({ errors }) => explainFault(errors, wish));
    const image = new RemoteImage(
      `${settings.name}-image`,
      { name: IMAGE, keepLocally: true },
      { parent: this, hooks: { onError: [explained] } },
    );
    const password = localPassword(settings, this);
    const container = new Container(settings.name, containerArgs(settings, image.imageId, password), {
      parent: this,
      // Name and port are taken as long as the old one is there.
      deleteBeforeReplace: true,
      // Holds the password.
      additionalSecretOutputs: ["uploads"],
      // The provider shows another health check as an update, and then does nothing.
      replaceOnChanges: ["healthcheck"],
      hooks: {
        beforeCreate: [new ResourceHook("remove-leftover", () => removeLeftover(host, settings))],
        onError: [explained],
      },
    });
    this.target = localTarget(settings.port, password);
    this.identity = container.id;
    this.registerOutputs();
  }
}

/** In the container. Its own file: arguments and variables show in `docker inspect`, and arguments in the list of processes. */
const PASSWORD_FILE = "/usr/local/etc/redis/password.conf";

function containerArgs(
  { stack, name, port, maxMemoryMb }: DockerSettings,
  image: Output<string>,
  password: Output<string> | undefined,
) {
  return {
    name,
    image,
    // Open inside the container alone; the port below is published to this machine and no further.
    command: [
      // An option that another one follows is empty to Redis; an empty word the provider would refuse.
      "redis-server",
      ...(password === undefined ? [] : [PASSWORD_FILE]),
      ...["--protected-mode", "no", "--save", "--appendonly", "no"],
      ...["--maxmemory", `${maxMemoryMb}mb`, "--maxmemory-policy", "allkeys-lru"],
    ],
    ports: [{ internal: 6379, external: port, ip: "127.0.0.1" }],
    ...(password === undefined ? {} : { uploads: [passwordUpload(password)] }),
    labels: labelsOf(stack),
    restart: "unless-stopped",
    ...memoryLimits(maxMemoryMb),
    healthcheck: {
      tests: ["CMD", "redis-cli", "ping"],
      // In Go's own form ("1m0s"): the provider compares texts.
      interval: "10s",
      timeout: "3s",
      retries: 3,
      startPeriod: "5s",
    },
  };
}

/** Readable in the container, where the server drops root before it reads the file. Who enters a container is root here. */
function passwordUpload(password: Output<string>) {
  return {
    file: PASSWORD_FILE,
    content: password.apply((text) => `requirepass "${text}"\n`),
    permissions: "0644",
  };
}

/**
 * The container's memory in MB: Redis's own limit, half of it again for fragmentation and buffers, and room for the
 * server itself. Swap is set to the same, because without it the provider shows a difference for ever.
 */
function memoryLimits(maxMemoryMb: number): { memory: number; memorySwap: number } {
  const memory = Math.ceil(maxMemoryMb * 1.5) + 32;
  return { memory, memorySwap: memory };
}

/** A container of this name that a user made by hand, or a port that another program uses. */
async function refuseWhatIsTaken(host: string, { stack, name, port }: DockerSettings): Promise<void> {
  const there = await inspectContainer(host, name);
  if (there !== undefined && !isOwnContainer(there.labels, stack)) {
    throw new RunError(explanationText(nameTaken({ name, stack, port, image: IMAGE })));
  }
  if (there?.running && there.ports.includes(port)) return;
  const holder = await portHolder(port);
  if (holder !== "nobody") {
    const { message, next } = portTaken(port, holder, stack);
    throw new RunError(explanationText({ happened: message, next }));
  }
}

/** Before a container is made: removes one that a killed update made and that no state knows. */
async function removeLeftover(host: string, { stack, name }: DockerSettings): Promise<void> {
  const there = await inspectContainer(host, name);
  if (there !== undefined && isOwnContainer(there.labels, stack)) await removeContainer(host, there.id);
}

/** Adds the advice to the error of the provider. @returns that it is not worth another try */
function explainFault(errors: readonly string[], wish: DockerWish): boolean {
  const found = explainDockerFault(errors[0] ?? "", wish);
  if (found !== undefined) log.error(explanationText(found)).catch(() => {});
  return false;
}
