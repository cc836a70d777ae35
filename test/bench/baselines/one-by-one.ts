/** The smallest script that sends a Redis the commands of a check, one after the other; finds it by REDIS_URL. */
import { Redis } from "ioredis";

const redis = new Redis(process.env["REDIS_URL"] ?? "");
const key = `one-by-one:${process.pid}`;
await redis.ping();
await redis.info();
await redis.set(key, '{"a":"Grüße"}', "PX", 60_000);
await redis.get(key);
await redis.pttl(key);
await redis.del(key);
await redis.exists(key);
for (let sample = 0; sample < 10; sample++) await redis.ping();
redis.disconnect();
