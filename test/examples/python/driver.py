"""Runs the Python kit as standard input says, a line of JSON for each step, and answers likewise."""

import asyncio
import json
import os
import sys
import time
from dataclasses import asdict

import propiq_cache
from propiq_cache.cache import Cache
from propiq_cache.keys import check_namespace, plain_name
from propiq_cache.patterns import fits
from propiq_cache.settings import read_settings

REFUSALS = (TypeError, ValueError)


class Driver:
    def __init__(self) -> None:
        self.cache: Cache | None = None
        self.made: dict[str, object] = {}
        self.calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_constant = self.is_failing = False

    async def open(self, env, limit_ms, within_seconds=10):
        if self.cache is not None:
            await self.cache.close()
        self.cache, self.made, self.calls = Cache(env, limit_ms=limit_ms), {}, 0
        self.is_constant = self.is_failing = False
        return await self.cache.start(within_seconds) if env.get("REDIS_ENABLED") != "false" else False

    async def key(self, namespace, parts):
        return f"propiq:v1:{plain_name(namespace, parts)}"

    async def namespace(self, namespace):
        check_namespace(namespace)
        return True

    async def fits(self, pattern, plain):
        return fits(pattern)(plain)

    async def settings(self, env):
        read = asdict(read_settings(env))
        server = read["server"] and {name: value for name, value in read["server"].items() if value is not None}
        return {**read, "server": server, "ttlFunctions": read["ttl_functions"]}

    async def define(self, namespace, options):
        names = {
            "staleSeconds": "stale_seconds",
            "graceSeconds": "grace_seconds",
            "loadLimitMs": "load_limit_ms",
        }
        self._function(namespace, {names.get(name, name): value for name, value in options.items()})

    async def failing(self, whether):
        self.is_failing = whether

    async def constant(self):
        self.is_constant = True

    async def hold(self):
        self.gate.clear()

    async def letGo(self):
        self.gate.set()

    async def invalidateBelow(self, namespace, parts):
        await self.cache.invalidate_below(namespace, *parts)

    async def functions(self):
        return (await self.cache.health())["functions"]

    async def metrics(self):
        return self.cache.metrics()

    async def set(self, namespace, parts, value, ttl):
        return await self.cache.set(namespace, parts, value, ttl)

    async def get(self, namespace, parts):
        miss = object()
        value = await self.cache.get(namespace, *parts, default=miss)
        return "a miss" if value is miss else {"value": value}

    async def delete(self, namespace, parts):
        await self.cache.delete(namespace, *parts)

    async def clear(self, namespace):
        await self.cache.clear(namespace)

    async def invalidate(self, pattern):
        await self.cache.invalidate(pattern)

    async def call(self, namespace, parts):
        return await self._function(namespace)(*parts)

    async def callAtOnce(self, namespace, parts, times):
        values = await asyncio.gather(*(self._function(namespace)(*parts) for _ in range(times)))
        return values[0] if all(value == values[0] for value in values) else values

    async def callAndForgetMeanwhile(self, namespace, parts):
        fn = self._function(namespace)
        self.gate = asyncio.Event()
        first = asyncio.ensure_future(fn(*parts))
        while self.calls == 0:
            await asyncio.sleep(0.001)
        await fn.invalidate(*parts)
        second = asyncio.ensure_future(fn(*parts))
        self.gate.set()
        return [await first, await second]

    async def callAndChange(self, namespace, parts):
        fn = self._function(namespace)
        one, other = await asyncio.gather(fn(*parts), fn(*parts))
        one["call"] = "changed"
        return [other, await fn(*parts)]

    async def guide(self, env):
        """As the README shows it: a decorator, and the app's own cache."""
        os.environ.update(env)
        calls = []
        propiq_cache.default_cache(limit_ms=300)

        @propiq_cache.cached(ttl=60, key_prefix="user:profile")
        async def profile(user_id: int, detail: str = "short") -> dict:
            calls.append(user_id)
            return {"id": user_id, "detail": detail}

        @propiq_cache.cached("day", "user:list", key=lambda _session, user_id: [user_id])
        async def of_user(_session: object, user_id: int) -> list:
            calls.append(-user_id)
            return [user_id]

        await propiq_cache.default_cache().start()
        values = [
            await profile(42),
            await profile(user_id=42),
            await profile(42, "short"),
            await profile(42, "long"),
        ]
        values += [await of_user(object(), 7), await of_user(object(), user_id=7)]
        before = list(calls)
        await propiq_cache.cache_invalidate("user:*")
        await profile(42)
        health = await propiq_cache.default_cache().health()
        await propiq_cache.default_cache().close()
        return {
            "values": values,
            "before": before,
            "after": calls,
            "name": profile.__name__,
            "health": health,
        }

    async def forget(self, namespace, parts):
        await self._function(namespace).invalidate(*parts)

    async def counts(self):
        stats = await self.cache.stats()
        return {"hits": stats.hits, "misses": stats.misses}

    async def health(self):
        return await self.cache.health()

    async def costs(self, namespace, times):
        """Milliseconds of calls of a function that takes no time."""
        took = []
        for at in range(times):
            start = time.monotonic()
            await self._function(namespace)(f"{at}")
            took.append((time.monotonic() - start) * 1000)
        return sorted(took)

    def _function(self, namespace, options=None):
        if namespace not in self.made:

            async def fn(*parts):
                self.calls += 1
                call = self.calls
                await self.gate.wait()
                if self.is_failing:
                    raise ValueError("the database is away")
                return {"call": 0 if self.is_constant else call, "of": list(parts)}

            self.made[namespace] = self.cache.cached(**{"ttl": "short", **(options or {})}, key_prefix=namespace)(fn)
        return self.made[namespace]


async def main() -> None:
    driver = Driver()
    while line := await asyncio.to_thread(sys.stdin.readline):
        told = json.loads(line)
        try:
            answer = {"gives": await getattr(driver, told["do"])(*told["args"])}
        except REFUSALS as error:
            answer = {"refused": str(error)}
        print(json.dumps(answer), flush=True)
    if driver.cache is not None:
        await driver.cache.close()


asyncio.run(main())
