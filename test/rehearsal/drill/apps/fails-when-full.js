// Fails on full memory: reads are guarded, writes are not.
import { Redis } from "ioredis";
import { isEnabled, KEY, load, serve } from "./serve.js";

const redis = isEnabled
  ? new Redis(process.env.REDIS_URL, {
      commandTimeout: 20,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      socketTimeout: 1000,
      retryStrategy: (times) => Math.min(times * 50, 500),
    })
  : undefined;
redis?.on("error", () => {});

serve(async () => {
  const cached = await redis?.get(KEY).catch(() => null);
  if (cached) return cached;
  const value = await load();
  await redis?.set(KEY, value, "EX", 60).catch((error) => {
    if (/^OOM/.test(error.message)) throw error;
  });
  return value;
});
