/** Azure Cache for Redis: the plans `azure-c0`, `azure-c1` and their Standard counterparts. */
import { all, type Output, secret, unsecret } from "@pulumi/pulumi/output.js";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import type { Target } from "../../../check/target.ts";
import { skuOf } from "../../plans/catalogue.ts";
import type { Cache } from "../cache.ts";
import { type Around, type CacheInAzure, cacheOptions, componentOptions } from "./around.ts";
import { identityOf } from "./identity.ts";
import { listRedisKeys } from "./keys.ts";
import { allowAddresses, connectPrivately, publicNetworkAccess } from "./network.ts";
import { Redis } from "./resources.ts";
import { type AzureWish, cacheId } from "./wish.ts";

const TYPE = "propiq:cache:Azure";

export class AzureRedis extends ComponentResource implements Cache {
  readonly target: Output<Target>;
  readonly identity: Output<string>;
  readonly resource = this;
  readonly inAzure: CacheInAzure;

  /** A change of `azure.location` or `name` makes another cache. So does another size, unless it is resized in place. */
  constructor(wish: AzureWish, around: Around) {
    super(TYPE, wish.plan, {}, componentOptions(wish, around, TYPE));
    const redis = wish.adopted ? this.#adopt(wish) : this.#make(wish, around);
    this.inAzure = { id: redis.id, name: redis.name, wish, around };
    const keys = listRedisKeys(redis, { wish, around, parent: this });
    this.target = secret(
      all([redis.hostName, redis.sslPort, keys]).apply(([host, port, { primaryKey, secondaryKey }]) => ({
        host,
        port,
        tls: true,
        db: 0,
        password: wish.keySlot === "primary" ? primaryKey : secondaryKey,
      })),
    );
    this.identity = unsecret(
      all([redis.id, redis.sku, this.target]).apply(([id, { name, family, capacity }, target]) =>
        identityOf(id, `${name}-${family}${capacity}`, target),
      ),
    );
    this.registerOutputs();
  }

  #adopt(wish: AzureWish): Redis {
    // A separate resource name: under the name of a cache that this stack made, Pulumi would delete that cache.
    return new Redis(`${wish.plan}-adopted`, undefined, { parent: this, id: cacheId(wish, wish.name) });
  }

  #make(wish: AzureWish, around: Around): Redis {
    const sku = skuOf("azure", wish.plan);
    if (sku === undefined) throw new Error(`${wish.plan} is not a plan of Azure Cache for Redis`);
    const redis = new Redis(
      wish.plan,
      {
        name: wish.name,
        resourceGroupName: wish.resourceGroup,
        location: wish.location,
        tags: wish.tags,
        sku,
        redisVersion: "6",
        enableNonSslPort: false,
        minimumTlsVersion: "1.2",
        // The check and the docs rely on it: a full cache evicts keys.
        redisConfiguration: { maxmemoryPolicy: "allkeys-lru" },
        publicNetworkAccess: publicNetworkAccess(wish),
        disableAccessKeyAuthentication: false,
      },
      { parent: this, ...cacheOptions(wish, around, "name") },
    );
    allowAddresses(redis, wish.plan, wish, this);
    connectPrivately(redis, wish.plan, "redisCache", wish, this);
    return redis;
  }
}
