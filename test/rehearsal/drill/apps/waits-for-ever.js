// Waits for ever: no time limit, and commands are kept until Redis is back.
import { Redis } from "ioredis";
import { isEnabled, KEY, load, serve } from "./serve.js";

const redis = isEnabled ? new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null }) : undefined;
redis?.on("error", () => {});

serve(async () => {
  if (redis === undefined) return await load();
  const cached = await redis.get(KEY).catch(() => null);
  if (cached !== null) return cached;
  const value = await load();
  await redis.set(KEY, value, "EX", 60).catch(() => {});
  return value;
});
