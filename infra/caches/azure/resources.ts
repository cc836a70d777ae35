/**
 * The azure-native resources and functions that we use, without the SDK's own classes: those load all of
 * `@pulumi/pulumi`, which takes as long as the rest of the program. The types are the SDK's, of its submodules.
 */
import type { PrivateDnsZoneGroupArgs, PrivateEndpointArgs } from "@pulumi/azure-native/network/index.js";
import packageJson from "@pulumi/azure-native/package.json" with { type: "json" };
import type { FirewallRuleArgs, RedisArgs } from "@pulumi/azure-native/redis/index.js";
import type { DatabaseArgs, RedisEnterpriseArgs } from "@pulumi/azure-native/redisenterprise/index.js";
import type { Output } from "@pulumi/pulumi/output.js";
import { CustomResource, type CustomResourceOptions, ProviderResource } from "@pulumi/pulumi/resource.js";

/** The plugin's version, as the SDK's classes ask for it. */
export const inVersion = <T extends object>(options: T): T & { version: string } => ({
  version: packageJson.version,
  ...options,
});

/** The stock provider with settings of its own; credentials are the environment's. */
export class AzureNative extends ProviderResource {
  constructor(name: string, args: { subscriptionId: string }) {
    super("azure-native", name, args, inVersion({}));
  }
}

/** No arguments, but `options.id`: one that already exists, read and never changed. */
type Given<T> = T | undefined;

export class Redis extends CustomResource {
  declare readonly name: Output<string>;
  declare readonly hostName: Output<string>;
  declare readonly sslPort: Output<number>;
  declare readonly sku: Output<{ name: string; family: string; capacity: number }>;

  constructor(name: string, args: Given<RedisArgs>, options: CustomResourceOptions) {
    const outputs = { hostName: undefined, sslPort: undefined, provisioningState: undefined };
    super(
      "azure-native:redis:Redis",
      name,
      { name: undefined, sku: undefined, ...args, ...outputs },
      inVersion(options),
    );
  }
}

export class FirewallRule extends CustomResource {
  constructor(name: string, args: FirewallRuleArgs, options: CustomResourceOptions) {
    super("azure-native:redis:FirewallRule", name, { ...args }, inVersion(options));
  }
}

export class RedisEnterprise extends CustomResource {
  declare readonly name: Output<string>;
  declare readonly hostName: Output<string>;
  declare readonly sku: Output<{ name: string }>;
  declare readonly highAvailability: Output<string | undefined>;

  constructor(name: string, args: Given<RedisEnterpriseArgs>, options: CustomResourceOptions) {
    const outputs = { name: undefined, hostName: undefined, provisioningState: undefined };
    super(
      "azure-native:redisenterprise:RedisEnterprise",
      name,
      { sku: undefined, highAvailability: undefined, ...args, ...outputs },
      inVersion(options),
    );
  }
}

export class Database extends CustomResource {
  declare readonly name: Output<string>;
  declare readonly port: Output<number | undefined>;

  constructor(name: string, args: Given<DatabaseArgs>, options: CustomResourceOptions) {
    super(
      "azure-native:redisenterprise:Database",
      name,
      { port: undefined, ...args, name: undefined, provisioningState: undefined },
      inVersion(options),
    );
  }
}

export class PrivateEndpoint extends CustomResource {
  declare readonly name: Output<string>;

  constructor(name: string, args: PrivateEndpointArgs, options: CustomResourceOptions) {
    super("azure-native:network:PrivateEndpoint", name, { ...args, name: undefined }, inVersion(options));
  }
}

export class PrivateDnsZoneGroup extends CustomResource {
  constructor(name: string, args: PrivateDnsZoneGroupArgs, options: CustomResourceOptions) {
    super("azure-native:network:PrivateDnsZoneGroup", name, { ...args }, inVersion(options));
  }
}
