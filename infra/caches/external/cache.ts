/** Plan `external`: a Redis that another user keeps. Nothing is made, changed or removed. */
import { type Output, secret, unsecret } from "@pulumi/pulumi/output.js";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import { endpointOf, type Target } from "../../../check/target.ts";
import { parseRedisUrl } from "../../contract/redis-url.ts";
import type { Settings } from "../../settings/settings.ts";
import type { Cache } from "../cache.ts";

export class ExternalCache extends ComponentResource implements Cache {
  readonly target: Output<Target>;
  readonly identity: Output<string>;
  readonly resource = this;

  constructor({ name, url }: Pick<Settings, "name" | "url">) {
    super("propiq:cache:External", name);
    this.target = secret(parseRedisUrl(url ?? ""));
    this.identity = unsecret(this.target.apply(endpointOf));
    this.registerOutputs();
  }
}
