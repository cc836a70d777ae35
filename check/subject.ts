import type { Command } from "../base/command.ts";
import type { App } from "./app/app.ts";
import type { Expectations } from "./expectations.ts";
import type { Target } from "./target.ts";

/** Who runs the cache; what to do about a fault depends on it. `external`: another team; all that we have is a URL. */
export type Provider = "docker" | "native" | "upstash" | "azure" | "azure-managed" | "external";

/** The plans to grow to from the one that runs, as the owner of the plans names them. */
export interface LargerPlans {
  /** Holds more, in the same cloud and as available. */
  readonly memory?: string;
  /** Takes more connections and holds as much. */
  readonly connections?: string;
  /** Bills what is used, where the current one stops at an allowance. */
  readonly allowance?: string;
}

/** The cache to check, and what is known of it. */
export interface Subject {
  /** Required when `enabled`. */
  target?: Target;
  /** REDIS_ENABLED: false means that the app is to run without a cache, and that there is nothing to check. */
  enabled: boolean;
  stack?: string;
  /** The command that makes this check once more. */
  again?: Command;
  /** What runs, as the state knows it; for instance `azure-c0`. */
  plan?: string;
  /** What the stack's config says now, where that was asked too. */
  configuredPlan?: string;
  provider?: Provider;
  largerPlans?: LargerPlans;
  /** What the cache is called where it runs, for instance the container's name. */
  cacheName?: string;
  /** What the plan holds, in MiB; it counts for more than what the server says of itself. */
  memoryLimitMb?: number;
  /** What the plan allows in a calendar month; absent where it counts none. */
  commandsPerMonth?: number;
  /** Thresholds; those of the guide when absent. */
  expect?: Expectations;
  /** False: nobody expects this cache to make room by itself when it is full. Else it is expected. */
  evictionExpected?: boolean;
  /** Since when the cache has its present secret, as far as its stack knows: ISO 8601, UTC. */
  rotatedAt?: string;
  /** PROPIQ_CACHE_FINGERPRINT of the settings that lead to it, where they have one: an app on them echoes it. */
  fingerprint?: string;
  /** Apps that are to use it: absent where nobody asks for them. */
  apps?: readonly App[];
}
