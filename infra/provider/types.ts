/** The resources of the provider. */
import { appSettings } from "./app-settings/app-settings.ts";
import { envFile } from "./env-file/env-file.ts";
import { localPassword } from "./local-password/local-password.ts";
import { localRedis } from "./local-redis/local-redis.ts";
import { type AnyResourceType, anyType } from "./protocol/resource.ts";
import { resourceGroup } from "./resource-group/resource-group.ts";
import { upstashPlan } from "./upstash-plan/upstash-plan.ts";
import { verifiedCache } from "./verified-cache/verified-cache.ts";

export const RESOURCE_TYPES: readonly AnyResourceType[] = [
  anyType(localRedis),
  anyType(localPassword),
  anyType(envFile),
  anyType(verifiedCache),
  anyType(appSettings),
  anyType(upstashPlan),
  anyType(resourceGroup),
];
