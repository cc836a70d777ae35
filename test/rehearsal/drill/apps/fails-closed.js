// Fails closed: an error of the cache is an error of the request.
import { Redis } from "ioredis";
import { isEnabled, KEY, load, serve } from "./serve.js";

const redis = isEnabled
  ? new Redis(process.env.REDIS_URL, {
      commandTimeout: 20,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
    })
  : undefined;
redis?.on("error", () => {});

serve(async () => {
  if (redis === undefined) return await load();
  const cached = await redis.get(KEY);
  if (cached !== null) return cached;
  const value = await load();
  await redis.set(KEY, value, "EX", 60);
  return value;
});
