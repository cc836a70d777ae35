"""Waits for ever: redis-py without a time limit, and with its own retries."""

import asyncio
import os

import redis.asyncio as redis
from serve import IS_ENABLED, load, serve

client = redis.from_url(os.environ["REDIS_URL"], socket_timeout=None, socket_connect_timeout=None)


async def answer() -> str:
    if not IS_ENABLED:
        return await load()
    try:
        cached = await client.get("answer")
    except redis.RedisError:
        return await load()
    if cached is not None:
        return cached.decode()
    value = await load()
    try:
        await client.set("answer", value, ex=60)
    except redis.RedisError:
        pass
    return value


asyncio.run(serve(answer))
