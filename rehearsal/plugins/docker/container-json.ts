/** A container in Docker's words and in the provider's: the body that makes one, and what an inspection says of it. */
import type { Value, Values } from "../../../infra/provider/protocol/values.ts";
import { fromNanoseconds, toNanoseconds } from "./durations.ts";

const MB = 1024 * 1024;

/** What `GET /containers/{id}/json` answers, as far as it is used. */
export interface Inspected {
  Id: string;
  Name: string;
  Image: string;
  Platform: string;
  State: { Running: boolean; ExitCode: number; Health?: { Status: string } };
  Config: {
    Image: string;
    Hostname: string;
    User: string;
    WorkingDir: string;
    Cmd: string[] | null;
    Entrypoint: string[] | null;
    Healthcheck?: { Test: string[]; Retries?: number } & Readonly<Record<Period, number | undefined>>;
  };
  HostConfig: {
    AutoRemove: boolean;
    ReadonlyRootfs: boolean;
    Init: boolean | null;
    Memory: number;
    MemoryReservation: number;
    MemorySwap: number;
    CpuShares: number;
    NetworkMode: string;
    RestartPolicy: { Name: string; MaximumRetryCount: number };
  };
  NetworkSettings: {
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
    Networks: Record<string, { IPAddress: string; Gateway: string }>;
  };
}

type Period = "Interval" | "Timeout" | "StartPeriod" | "StartInterval";
const PERIODS: Readonly<Record<string, Period>> = {
  interval: "Interval",
  timeout: "Timeout",
  startPeriod: "StartPeriod",
  startInterval: "StartInterval",
};

interface Port {
  internal: number;
  external?: number;
  ip: string;
  protocol: string;
}

/** The inputs were judged before: they are of the SDK's types. */
export function creationBody(inputs: Values): object {
  const ports = (inputs["ports"] ?? []) as readonly (Port & Values)[];
  const labels = (inputs["labels"] ?? []) as readonly { label: string; value: string }[];
  const bindings = Map.groupBy(ports, ({ internal, protocol }) => `${internal}/${protocol}`);
  return {
    Image: inputs["image"],
    Cmd: inputs["command"],
    Entrypoint: inputs["entrypoints"],
    Env: inputs["envs"],
    Hostname: inputs["hostname"],
    User: inputs["user"],
    WorkingDir: inputs["workingDir"],
    Labels: Object.fromEntries(labels.map(({ label, value }) => [label, value])),
    Healthcheck:
      inputs["healthcheck"] === undefined ? undefined : healthBody(inputs["healthcheck"] as Values),
    ExposedPorts: Object.fromEntries([...bindings.keys()].map((port) => [port, {}])),
    HostConfig: {
      PortBindings: Object.fromEntries(
        [...bindings].map(([port, given]) => [
          port,
          given.map(({ ip, external }) => ({
            HostIp: ip,
            HostPort: external === undefined ? "" : String(external),
          })),
        ]),
      ),
      AutoRemove: inputs["rm"],
      ReadonlyRootfs: inputs["readOnly"],
      Init: inputs["init"] ?? false,
      NetworkMode: inputs["networkMode"],
      ...limitsBody(inputs),
    },
  };
}

/** What can also be changed in place. */
export function limitsBody(inputs: Values): object {
  const bytes = (key: string): number | undefined => {
    const megabytes = inputs[key];
    if (typeof megabytes !== "number") return undefined;
    return megabytes > 0 ? megabytes * MB : megabytes;
  };
  return {
    Memory: bytes("memory"),
    MemoryReservation: bytes("memoryReservation"),
    MemorySwap: bytes("memorySwap"),
    CpuShares: inputs["cpuShares"],
    RestartPolicy: { Name: inputs["restart"], MaximumRetryCount: inputs["maxRetryCount"] ?? 0 },
  };
}

function healthBody(health: Values): object {
  const periods = Object.entries(PERIODS).map(([key, name]) => [name, toNanoseconds(String(health[key]))]);
  return { Test: health["tests"], Retries: health["retries"], ...Object.fromEntries(periods) };
}

/** What the provider sets anew whenever it reads a container. */
export function inspectedState(found: Inspected, state: Values): Values {
  const { Config, HostConfig, NetworkSettings, State } = found;
  const megabytes = (bytes: number): number => (bytes > 0 ? Math.floor(bytes / MB) : bytes);
  const mustRun = state["mustRun"] === true;
  return {
    id: found.Id,
    name: found.Name.replace(/^\//, ""),
    // An image that was asked for by its id stays one.
    image: String(state["image"]).startsWith("sha256:") ? found.Image : Config.Image,
    command: Config.Cmd ?? [],
    entrypoints: Config.Entrypoint ?? [],
    hostname: Config.Hostname,
    user: Config.User,
    workingDir: Config.WorkingDir,
    platform: found.Platform,
    rm: HostConfig.AutoRemove,
    readOnly: HostConfig.ReadonlyRootfs,
    init: HostConfig.Init ?? false,
    restart: HostConfig.RestartPolicy.Name,
    maxRetryCount: HostConfig.RestartPolicy.MaximumRetryCount,
    memory: megabytes(HostConfig.Memory),
    memoryReservation: megabytes(HostConfig.MemoryReservation),
    memorySwap: megabytes(HostConfig.MemorySwap),
    cpuShares: HostConfig.CpuShares,
    networkMode: HostConfig.NetworkMode,
    healthcheck: Config.Healthcheck === undefined ? null : healthState(Config.Healthcheck),
    networkDatas: Object.entries(NetworkSettings.Networks).map(([networkName, { IPAddress, Gateway }]) => ({
      networkName,
      ipAddress: IPAddress,
      gateway: Gateway,
    })),
    // A container that does not run has no ports any more, and says so only where it should run.
    ...(Object.hasOwn(state, "ports") && (State.Running || mustRun)
      ? { ports: portState(NetworkSettings.Ports ?? {}) }
      : {}),
    ...(State.Running ? {} : { exitCode: State.ExitCode, mustRun: false }),
  };
}

function portState(ports: NonNullable<Inspected["NetworkSettings"]["Ports"]>): Value {
  return Object.entries(ports)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([port, bindings]) => {
      const [internal = "", protocol = "tcp"] = port.split("/");
      return (bindings ?? []).map(({ HostIp, HostPort }) => ({
        internal: Number(internal),
        external: Number(HostPort),
        ip: HostIp,
        protocol,
      }));
    });
}

function healthState(health: NonNullable<Inspected["Config"]["Healthcheck"]>): Value {
  const periods = Object.entries(PERIODS).map(([key, name]) => [key, fromNanoseconds(health[name] ?? 0)]);
  return { tests: health.Test, retries: health.Retries ?? 0, ...Object.fromEntries(periods) };
}
