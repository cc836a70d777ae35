/** Azure Managed Redis: a cluster, and in it the one database that it may have. */
import { all, type Output, secret, unsecret } from "@pulumi/pulumi/output.js";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import type { Target } from "../../../check/target.ts";
import { SERVICES } from "../../azure/services.ts";
import { skuOf } from "../../plans/catalogue.ts";
import type { Cache } from "../cache.ts";
import { type Around, type CacheInAzure, cacheOptions, componentOptions } from "./around.ts";
import { identityOf } from "./identity.ts";
import { listDatabaseKeys } from "./keys.ts";
import { connectPrivately, publicNetworkAccess } from "./network.ts";
import { Database, RedisEnterprise } from "./resources.ts";
import { type AzureWish, cacheId } from "./wish.ts";

const TYPE = "propiq:cache:AzureManaged";
/** Azure allows no other name. */
const DATABASE = "default";
const PORT = SERVICES["azure-managed"].tlsPort;

export class AzureManagedRedis extends ComponentResource implements Cache {
  readonly target: Output<Target>;
  readonly identity: Output<string>;
  readonly resource = this;
  readonly inAzure: CacheInAzure;

  /** A change of `azure.location` or `name` makes another cache. So does another size, unless it is resized in place. */
  constructor(wish: AzureWish, around: Around) {
    super(TYPE, wish.plan, {}, componentOptions(wish, around, TYPE));
    const { cluster, database } = wish.adopted ? this.#adopt(wish) : this.#make(wish, around);
    this.inAzure = { id: cluster.id, name: cluster.name, wish, around };
    const keys = listDatabaseKeys(cluster, database, { wish, around, parent: this });
    this.target = secret(
      all([cluster.hostName, database.port, keys]).apply(([host, port, { primaryKey, secondaryKey }]) => ({
        host,
        port: port ?? PORT,
        tls: true,
        db: 0,
        password: wish.keySlot === "primary" ? primaryKey : secondaryKey,
      })),
    );
    this.identity = unsecret(
      all([cluster.id, cluster.sku, cluster.highAvailability, this.target]).apply(
        ([id, { name }, availability, target]) => identityOf(id, `${name}-${availability}`, target),
      ),
    );
    this.registerOutputs();
  }

  #adopt(wish: AzureWish): { cluster: RedisEnterprise; database: Database } {
    const id = cacheId(wish, wish.name);
    // Separate resource names: under the name of a cache that this stack made, Pulumi would delete that cache.
    return {
      cluster: new RedisEnterprise(`${wish.plan}-adopted`, undefined, { parent: this, id }),
      database: new Database(`${wish.plan}-adopted-database`, undefined, {
        parent: this,
        id: `${id}/databases/${DATABASE}`,
      }),
    };
  }

  #make(wish: AzureWish, around: Around) {
    const sku = skuOf("azure-managed", wish.plan);
    if (sku === undefined) throw new Error(`${wish.plan} is not a plan of Azure Managed Redis`);
    const cluster = new RedisEnterprise(
      wish.plan,
      {
        clusterName: wish.name,
        resourceGroupName: wish.resourceGroup,
        location: wish.location,
        tags: wish.tags,
        sku: { name: sku.name },
        highAvailability: sku.highAvailability,
        minimumTlsVersion: "1.2",
        publicNetworkAccess: publicNetworkAccess(wish),
      },
      { parent: this, ...cacheOptions(wish, around, "clusterName") },
    );
    const onError = around.hooks?.onError;
    const database = new Database(
      `${wish.plan}-database`,
      {
        clusterName: cluster.name,
        databaseName: DATABASE,
        resourceGroupName: wish.resourceGroup,
        clientProtocol: "Encrypted",
        port: PORT,
        // One endpoint that every client can use. The default requires clients that support clusters.
        clusteringPolicy: "NoCluster",
        evictionPolicy: "AllKeysLRU",
        // Azure's own default is Disabled.
        accessKeysAuthentication: "Enabled",
      },
      { parent: this, deletedWith: cluster, ...(onError === undefined ? {} : { hooks: { onError } }) },
    );
    connectPrivately(cluster, wish.plan, "redisEnterprise", wish, this);
    return { cluster, database };
  }
}
