/** Plan `native`: a redis-server of this machine. */
import { type Output, output } from "@pulumi/pulumi/output.js";
import { ComponentResource, CustomResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import type { Target } from "../../../check/target.ts";
import type { LocalRedisInputs } from "../../provider/local-redis/local-redis.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Cache } from "../cache.ts";
import { nativeFolder } from "./folders.ts";

class LocalRedis extends CustomResource {
  declare readonly host: Output<string>;
  declare readonly port: Output<number>;
  declare readonly runId: Output<string>;

  constructor(name: string, args: LocalRedisInputs, options: CustomResourceOptions) {
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
  constructor(settings: Pick<Settings, "stack" | "name" | "port" | "maxMemoryMb">) {
    super("propiq:cache:Native", settings.name);
    const server = new LocalRedis(
      settings.name,
      {
        folder: nativeFolder(settings),
        port: settings.port,
        maxMemoryMb: settings.maxMemoryMb,
      },
      { parent: this },
    );
    this.target = output({ host: server.host, port: server.port, tls: false, db: 0 });
    this.identity = server.runId;
    this.registerOutputs();
  }
}
