/** What every plan ends in: a cache that can be reached, proven and wired. */
import type { Output, Resource } from "@pulumi/pulumi";
import type { Target } from "../../check/target.ts";
import type { CacheInAzure } from "./azure/around.ts";

export interface Cache {
  /** How to reach it; secret wherever a password is in it. */
  target: Output<Target>;
  /** Changes when it is another cache than before, or a restarted one: then it is proven again. */
  identity: Output<string>;
  /** The cache itself. What is wired to it depends on it, so that it is deleted last. */
  resource: Resource;
  /** Absent where it is in no Azure. */
  inAzure?: CacheInAzure;
}
