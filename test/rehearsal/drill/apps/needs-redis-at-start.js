// Needs Redis at start: sound otherwise.
import { Redis } from "ioredis";
import { isEnabled, KEY, load, serve } from "./serve.js";

const options = {
  lazyConnect: true,
  commandTimeout: 20,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  socketTimeout: 1000,
  retryStrategy: (times) => Math.min(times * 50, 500),
};
const redis = isEnabled ? new Redis(process.env.REDIS_URL, options) : undefined;
let isStarted = false;
redis?.on("error", (error) => {
  if (isStarted || error.code !== "ECONNREFUSED") return;
  console.error(`Error: no Redis, giving up: ${error.message}`);
  process.exit(1);
});
await redis?.connect().catch(() => {});
isStarted = true;

serve(async () => {
  const cached = await redis?.get(KEY).catch(() => null);
  if (cached) return cached;
  const value = await load();
  await redis?.set(KEY, value, "EX", 60).catch(() => {});
  return value;
});
