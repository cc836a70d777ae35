"""Fails closed: an error of redis-py is an error of the request."""

import asyncio
import os

import redis.asyncio as redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from serve import IS_ENABLED, load, serve

client = redis.from_url(
    os.environ["REDIS_URL"], socket_timeout=0.05, socket_connect_timeout=0.05, retry=Retry(NoBackoff(), 0)
)


async def answer() -> str:
    if not IS_ENABLED:
        return await load()
    cached = await client.get("answer")
    if cached is not None:
        return cached.decode()
    value = await load()
    await client.set("answer", value, ex=60)
    return value


asyncio.run(serve(answer))
