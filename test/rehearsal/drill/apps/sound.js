// Sound: time limits, errors are misses, nothing is queued, and it connects again for ever.
import { Redis } from "ioredis";
import { isEnabled, KEY, load, serve } from "./serve.js";

const redis = new Redis(process.env.REDIS_URL, {
  lazyConnect: !isEnabled,
  commandTimeout: 20,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  connectTimeout: 500,
  socketTimeout: 1000,
  retryStrategy: (times) => Math.min(times * 50, 500),
});
redis.on("error", () => {});

serve(async () => {
  if (!isEnabled) return await load();
  const cached = await redis.get(KEY).catch(() => null);
  if (cached !== null) return cached;
  const value = await load();
  void redis.set(KEY, value, "EX", 60).catch(() => {});
  return value;
});
