/** Caches on the machine of the person who deploys: in Docker, or as a redis-server. */
import type { Cache } from "../infra/cache.ts";
import type { Settings } from "../infra/settings/settings.ts";

export async function dockerCache(settings: Settings): Promise<Cache> {
  const { DockerCache } = await import("../infra/caches/docker.ts");
  return await DockerCache.make(settings);
}

export async function nativeCache(settings: Settings): Promise<Cache> {
  const { NativeCache } = await import("../infra/caches/native.ts");
  return new NativeCache(settings);
}
