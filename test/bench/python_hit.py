"""Prints the milliseconds of one hit, of what is named on the command line: the mean of thousands."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable

import redis
import redis.asyncio

from propiq_cache import Cache
from propiq_cache.counts import Counts

TIMES = 5000
VALUE = {"userId": "42", "name": "Ann", "analyses": [{"id": at, "score": at * 7} for at in range(10)]}
URL = os.environ["REDIS_URL"]


def timed(call: Callable[[], object]) -> float:
    call()
    start = time.perf_counter()
    for _ in range(TIMES):
        call()
    return (time.perf_counter() - start) / TIMES * 1000


async def timed_in_loop(call: Callable[[], Awaitable[object]]) -> float:
    await call()
    start = time.perf_counter()
    for _ in range(TIMES):
        await call()
    return (time.perf_counter() - start) / TIMES * 1000


def in_thread() -> float:
    store = Cache(limit_ms=1000)
    fn = store.cached(ttl=3600, key_prefix="user")(lambda user_id: VALUE)
    store.direct.start(10)
    return timed(lambda: fn("42"))


async def in_loop() -> float:
    store = Cache(limit_ms=1000)

    @store.cached(ttl=3600, key_prefix="user")
    async def fn(user_id: str) -> dict:
        return VALUE

    await store.start(10)
    return await timed_in_loop(lambda: fn("42"))


def by_client() -> float:
    client = redis.Redis.from_url(URL)
    client.set("user:42", json.dumps(VALUE), px=3_600_000)
    return timed(lambda: json.loads(client.get("user:42")))


async def by_client_in_loop() -> float:
    client = redis.asyncio.Redis.from_url(URL)
    await client.set("user:42", json.dumps(VALUE), px=3_600_000)

    async def get() -> object:
        return json.loads(await client.get("user:42"))

    return await timed_in_loop(get)


def counting() -> float:
    counts = Counts("user")
    return timed(lambda: counts.hit(500.0))


MEASURES: dict[str, Callable[[], float]] = {
    "thread": in_thread,
    "loop": lambda: asyncio.run(in_loop()),
    "client": by_client,
    "client-loop": lambda: asyncio.run(by_client_in_loop()),
    "counts": counting,
}
print(MEASURES[sys.argv[1]]())
