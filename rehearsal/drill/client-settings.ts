/**
 * Which setting of a Redis client is likely missing, by what went wrong. Names were read in ioredis 6.0 and
 * @redis/client 6.3 (their type declarations and sources), redis-py 8.1 and StackExchange.Redis 2.x (their documentation).
 */
import type { FaultName } from "./faults.ts";
import type { ClientSettings, FaultCode } from "./report.ts";

export interface Remedy {
  /** What to change, in a sentence or two. */
  say: string;
  settings: ClientSettings;
}

const NO_WAITING_FOR_ANSWERS: Remedy = {
  say: "Limit how long a request waits for an answer of Redis, for example to 50 ms. After a timeout, load the value as without a cache. After several in a row, skip the cache until Redis answers again.",
  settings: {
    ioredis: "commandTimeout: 50",
    // Its `timeout` counts only until a command is sent.
    "node-redis": "Promise.race([client.get(key), sleep(50)]), with sleep of node:timers/promises",
    "redis-py": "socket_timeout=0.05, retry=Retry(NoBackoff(), 0)",
    "StackExchange.Redis": "asyncTimeout=50, syncTimeout=50",
  },
};

const NO_WAITING_FOR_CONNECTIONS: Remedy = {
  say: "Do not keep commands until Redis is back: let them fail at once, and load the value as without a cache.",
  settings: {
    ioredis: "enableOfflineQueue: false, maxRetriesPerRequest: 0, commandTimeout: 50",
    "node-redis": "disableOfflineQueue: true",
    "redis-py": "socket_connect_timeout=0.05, retry=Retry(NoBackoff(), 0)",
    "StackExchange.Redis": "BacklogPolicy.FailFast, connectTimeout=500",
  },
};

const ERRORS_CAUGHT: Remedy = {
  say: "Catch every error of a call to the cache, and load the value as without a cache. A failed read is a miss; a failed write is ignored.",
  settings: {
    ioredis: "try { await redis.get(key) } catch { /* a miss */ }",
    "node-redis": "try { await client.get(key) } catch { /* a miss */ }",
    "redis-py": "except redis.RedisError: (a miss)",
    "StackExchange.Redis": "catch (RedisException), catch (TimeoutException): a miss",
  },
};

const ERROR_EVENT: Remedy = {
  say: "An error of the client must not end the process: listen to its error event, and catch the errors of calls that nobody awaits.",
  settings: {
    ioredis: 'redis.on("error", log)',
    "node-redis": 'client.on("error", log)',
    "redis-py": "except redis.RedisError, in threads and background tasks too",
    "StackExchange.Redis": "abortConnect=false; catch (RedisException) in background tasks too",
  },
};

const RECONNECT: Remedy = {
  say: "Let the client connect again for ever, with pauses of at most 2 s, and give up a connection that does not answer. A circuit breaker must try Redis again by itself.",
  settings: {
    ioredis: "retryStrategy: (times) => Math.min(times * 50, 2000), socketTimeout: 5000",
    "node-redis":
      "socket: { reconnectStrategy: (retries) => Math.min(retries * 50, 2000), socketTimeout: 5000 }",
    "redis-py": "health_check_interval=5, socket_timeout=0.05; a connection pool, not one kept connection",
    "StackExchange.Redis": "abortConnect=false, reconnectRetryPolicy: new LinearRetry(1000)",
  },
};

const START_WITHOUT: Remedy = {
  say: "Do not wait for Redis before the app listens: connect in the background, and go on without a cache until then.",
  settings: {
    ioredis: "no await redis.connect() or ping() before listen()",
    "node-redis": "client.connect().catch(log), without await before listen()",
    "redis-py": "no ping() at import or start-up: a client connects with its first command",
    "StackExchange.Redis": "abortConnect=false",
  },
};

/** Faults in which a connection is there, and the answer is late or never comes. */
const WITHOUT_ANSWERS: ReadonlySet<FaultName> = new Set(["hang", "slow"]);

/** @param unanswered whether requests waited, instead of failing at once */
export function remedyOf(code: FaultCode, fault: FaultName, unanswered: boolean): Remedy {
  const waiting = WITHOUT_ANSWERS.has(fault) ? NO_WAITING_FOR_ANSWERS : NO_WAITING_FOR_CONNECTIONS;
  const remedies: Readonly<Record<FaultCode, Remedy>> = {
    DID_NOT_START: START_WITHOUT,
    APP_DIED: ERROR_EVENT,
    REQUESTS_FAILED: unanswered ? waiting : ERRORS_CAUGHT,
    REQUESTS_SLOW: waiting,
    NOT_RECOVERED: RECONNECT,
  };
  return remedies[code];
}
