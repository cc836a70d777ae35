/** The proof that a cache works, as a resource: made again whenever the cache or its settings change. */
import type { Input, Output } from "@pulumi/pulumi/output.js";
import { CustomResource, type CustomResourceOptions } from "@pulumi/pulumi/resource.js";
import type { VerifiedCacheInputs } from "./provider/verified-cache/verified-cache.ts";

type Args = { [K in keyof VerifiedCacheInputs]: Input<VerifiedCacheInputs[K]> };

export class VerifiedCache extends CustomResource {
  declare readonly verdict: Output<string>;
  declare readonly codes: Output<string[]>;
  declare readonly at: Output<string>;
  declare readonly rotatedAt: Output<string | undefined>;

  constructor(name: string, args: Args, options: CustomResourceOptions) {
    super(
      "propiq:index:VerifiedCache",
      name,
      { ...args, verdict: undefined, codes: undefined, at: undefined, rotatedAt: undefined },
      options,
    );
  }
}
