/**
 * The Upstash resources that we use, without the SDK's own classes: those load all of `@pulumi/pulumi`, which takes as long
 * as the rest of the program. The types are the SDK's.
 */
import type { Input, Output } from "@pulumi/pulumi/output.js";
import { CustomResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import packageJson from "@upstash/pulumi/package.json" with { type: "json" };
import type { RedisDatabaseArgs } from "@upstash/pulumi/redisDatabase.js";
import type { UpstashPlanInputs } from "../../provider/upstash-plan/upstash-plan.ts";

/** What the SDK's class says with each resource (utilities.js, redisDatabase.js): which plugin, and what is secret. */
const SDK_OPTIONS = {
  version: packageJson.version.replace(/^v/, ""),
  pluginDownloadURL: "github://api.github.com/upstash/pulumi-upstash",
  additionalSecretOutputs: ["password", "readOnlyRestToken", "restToken"],
};

export class RedisDatabase extends CustomResource {
  /** Without the provider's prefix. */
  declare readonly databaseId: Output<string>;
  declare readonly endpoint: Output<string>;
  declare readonly port: Output<number>;
  declare readonly password: Output<string>;

  /** @param args with `options.id`: what to find one by that already exists, and is never changed */
  constructor(
    name: string,
    args: RedisDatabaseArgs | { databaseId: Input<string> },
    options: CustomResourceOptions,
  ) {
    const outputs = { databaseId: undefined, endpoint: undefined, port: undefined, password: undefined };
    super(
      "upstash:index/redisDatabase:RedisDatabase",
      name,
      { ...outputs, ...args },
      { ...SDK_OPTIONS, ...options },
    );
  }
}

type PlanArgs = { [K in keyof UpstashPlanInputs]: Input<UpstashPlanInputs[K]> };

export class UpstashPlan extends CustomResource {
  declare readonly plan: Output<string>;

  constructor(name: string, args: PlanArgs, options: CustomResourceOptions) {
    super("propiq:index:UpstashPlan", name, { ...args }, options);
  }
}
