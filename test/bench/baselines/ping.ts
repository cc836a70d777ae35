/** The smallest script that asks a Redis whether it is there. */
import { Redis } from "ioredis";

const redis = new Redis(process.env["REDIS_URL"] ?? "");
await redis.ping();
redis.disconnect();
