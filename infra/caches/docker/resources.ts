/**
 * The Docker provider's resources that we use, without the SDK's own classes: those load all of `@pulumi/pulumi`, npm's
 * dependency resolver included, which takes as long as the rest of the program. The types are the SDK's.
 */
import type { ContainerArgs, RemoteImageArgs } from "@pulumi/docker";
import packageJson from "@pulumi/docker/package.json" with { type: "json" };
import type { Output } from "@pulumi/pulumi/output.js";
import { CustomResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";

export class RemoteImage extends CustomResource {
  declare readonly imageId: Output<string>;

  constructor(name: string, args: RemoteImageArgs, options: CustomResourceOptions) {
    super("docker:index/remoteImage:RemoteImage", name, { ...args, imageId: undefined }, inVersion(options));
  }
}

export class Container extends CustomResource {
  constructor(name: string, args: ContainerArgs, options: CustomResourceOptions) {
    super("docker:index/container:Container", name, { ...args }, inVersion(options));
  }
}

/** The plugin's version, as the SDK's classes ask for it. */
function inVersion(options: CustomResourceOptions): CustomResourceOptions {
  return { version: packageJson.version, ...options };
}
