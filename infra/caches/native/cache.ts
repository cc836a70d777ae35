/** Plan `native`: a redis-server of this machine. */
import type { Input, Output } from "@pulumi/pulumi/output.js";
import { ComponentResource, CustomResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import type { Target } from "../../../check/target.ts";
import type { LocalRedisInputs } from "../../provider/local-redis/local-redis.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Cache } from "../cache.ts";
import { localPassword, localTarget } from "../local/password.ts";
import { nativeFolder } from "./folders.ts";

type Args = { [K in keyof LocalRedisInputs]: Input<LocalRedisInputs[K]> };

class LocalRedis extends CustomResource {
  declare readonly host: Output<string>;
  declare readonly port: Output<number>;
  declare readonly runId: Output<string>;

  constructor(name: string, args: Args, options: CustomResourceOptions) {
    super(
      "propiq:index:LocalRedis",
      name,
      { ...args, host: undefined, version: undefined, runId: undefined },
      options,
    );
  }
}

export class NativeCache extends ComponentResource implements Cache {
  readonly target: Output<Target>;
  readonly identity: Output<string>;
  readonly resource = this;

  /** Another `port` starts a second server, which is proven before the first one ends; `maxMemoryMb` changes in place. */
  constructor(settings: Pick<Settings, "stack" | "name" | "port" | "maxMemoryMb" | "localPassword">) {
    super("propiq:cache:Native", settings.name);
    const password = localPassword(settings, this);
    const server = new LocalRedis(
      settings.name,
      {
        folder: nativeFolder(settings),
        port: settings.port,
        maxMemoryMb: settings.maxMemoryMb,
        ...(password === undefined ? {} : { password }),
      },
      { parent: this },
    );
    this.target = localTarget(settings.port, password);
    this.identity = server.runId;
    this.registerOutputs();
  }
}
