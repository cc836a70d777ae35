/** What is the same around every cache in Azure: provider, group, hooks, and the names it may have had before. */

import type { Output } from "@pulumi/pulumi/output.js";
import type {
  ComponentResourceOptions,
  CustomResourceOptions,
  ProviderResource,
  Resource,
} from "@pulumi/pulumi/resource.js";
import type { AzureRefusalCode } from "../../azure/refusals.ts";
import type { Refusal } from "../../refusals/refusal.ts";
import type { AzureWish } from "./wish.ts";

export interface Around {
  /** Absent: the one that the environment and the stack's config choose. */
  provider?: ProviderResource;
  /** The resource group, where this stack makes it. */
  group?: Resource;
  hooks?: CustomResourceOptions["hooks"];
  /** What Azure's words mean around this cache. */
  explain?: (text: string) => Promise<Refusal<AzureRefusalCode> | undefined>;
}

/** A cache for what watches it in Azure: the resource itself, and what it was made from. */
export interface CacheInAzure {
  id: Output<string>;
  /** The one that it really has: a cache that grows in place keeps its first one. */
  name: Output<string>;
  wish: AzureWish;
  around: Around;
}

/**
 * Of the component. With `resize: in-place` it is the same one under any plan of its service, and so are the resources
 * in it, whose names begin with its own.
 */
export function componentOptions(
  { growsFrom }: AzureWish,
  { provider }: Around,
  type: string,
): ComponentResourceOptions {
  return {
    ...(provider === undefined ? {} : { providers: { "azure-native": provider } }),
    ...(growsFrom.length === 0 ? {} : { aliases: growsFrom.map((name) => ({ name, type })) }),
  };
}

/** Of the cache in it: it keeps the name that it has when it grows, and is made after its group. */
export function cacheOptions(
  { growsFrom }: AzureWish,
  { group, hooks }: Around,
  nameInput: string,
): CustomResourceOptions {
  return {
    // The provider would delete first whatever has a name that the program gives.
    deleteBeforeReplace: false,
    ...(growsFrom.length === 0 ? {} : { ignoreChanges: [nameInput] }),
    ...(group === undefined ? {} : { dependsOn: [group] }),
    ...(hooks === undefined ? {} : { hooks }),
  };
}
