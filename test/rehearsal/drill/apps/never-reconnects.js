// Never reconnects: after the first lost connection it works without its cache, for good.
import { Redis } from "ioredis";
import { isEnabled, KEY, load, serve } from "./serve.js";

const redis = isEnabled
  ? new Redis(process.env.REDIS_URL, {
      commandTimeout: 20,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
    })
  : undefined;
redis?.on("error", () => {});

serve(async () => {
  const cached = await redis?.get(KEY).catch(() => null);
  if (cached) return cached;
  const value = await load();
  await redis?.set(KEY, value, "EX", 60).catch(() => {});
  return value;
});
