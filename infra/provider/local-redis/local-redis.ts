/** `propiq:index:LocalRedis`: a redis-server (or valkey-server) of this machine, for those without Docker. */
import { advice } from "../../../base/advice.ts";
import { propiq } from "../../../base/command.ts";
import { PropiqError } from "../../../base/errors.ts";
import { fromRoot } from "../../../base/paths.ts";
import { findRedisServer } from "../../../toolchain/server-binary.ts";
import { wrongNumber, wrongPath } from "../protocol/inputs.ts";
import type { ResourceType } from "../protocol/resource.ts";
import { portHolder } from "./port.ts";
import { portTaken } from "./port-taken.ts";
import { findServer, type RunningServer, reconfigureServer, startServer, stopServer } from "./process.ts";

export interface LocalRedisInputs {
  /** The server's own folder (config, pid, log), relative to the project's root; nothing else may use it. */
  folder: string;
  /** Where it listens, on 127.0.0.1. */
  port: number;
  maxMemoryMb: number;
  /** Secret. Absent: the server has none. */
  password?: string;
}
export interface LocalRedisOutputs {
  host: string;
  version: string;
  /** Differs at each start of the server, so that a new one is proven anew. */
  runId: string;
}

const MOST_MEMORY_MB = 1024 * 1024;

export const localRedis: ResourceType<LocalRedisInputs, LocalRedisOutputs> = {
  type: "propiq:index:LocalRedis",
  inputs: { folder: "string", port: "number", maxMemoryMb: "number", password: "string?" },
  outputs: { host: "string", version: "string", runId: "string" },
  secrets: ["password"],
  replaceOn: ["folder", "port"],

  refuse: ({ folder, port, maxMemoryMb, password = "" }) => [
    // It becomes a quoted text in redis.conf.
    ...(folder.includes('"')
      ? [{ property: "folder", reason: "must not contain a quote" }]
      : wrongPath("folder", folder)),
    ...wrongNumber("port", port, 1, 65_535),
    ...wrongNumber("maxMemoryMb", maxMemoryMb, 1, MOST_MEMORY_MB),
    ...(/^[\w-]*$/.test(password)
      ? []
      : [{ property: "password", reason: "must be of letters, digits, - and _" }]),
  ],

  async create(inputs, { progress, signal, stack }) {
    const folder = fromRoot(inputs.folder);
    // One that a killed update started without being able to say so.
    const running = await findServer(folder, inputs.port);
    if (running !== undefined) {
      progress("using the redis-server that an earlier run started");
      await reconfigureServer(folder, inputs);
      return { id: inputs.folder, outputs: outputsOf(running) };
    }
    await stopServer(folder);
    const holder = await portHolder(inputs.port);
    if (holder !== "nobody") throw portTaken(inputs.port, holder, stack);
    const binary = await findRedisServer(process.env);
    if (binary === undefined) {
      throw new PropiqError("This machine has neither redis-server (6.2 or newer) nor valkey-server.", {
        code: "TOOL_MISSING",
        next: advice("Install one.", propiq("setup", "--install")),
      });
    }
    progress(`starting ${binary.flavour}-server ${binary.version}`);
    const server = await startServer(binary.bin, folder, inputs, signal);
    return { id: inputs.folder, outputs: outputsOf(server) };
  },

  async read(_id, state) {
    const running = await findServer(fromRoot(state.folder), state.port);
    return running && { ...state, maxMemoryMb: running.maxMemoryMb, ...outputsOf(running) };
  },

  async update(_id, state, inputs, { progress }) {
    progress("configuring redis-server");
    await reconfigureServer(fromRoot(inputs.folder), inputs);
    return { host: state.host, version: state.version, runId: state.runId };
  },

  async delete(_id, state, { progress }) {
    progress("stopping redis-server");
    await stopServer(fromRoot(state.folder));
  },
};

function outputsOf({ version, runId }: RunningServer): LocalRedisOutputs {
  return { host: "127.0.0.1", version, runId };
}
