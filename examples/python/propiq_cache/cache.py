"""`cached` around a slow function, and an invalidation where its data change.

The app never depends on it: whatever Redis does, the function is called instead, at once.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import time
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from redis.asyncio import Redis

from .flights import Flight, Flights
from .keys import NEVER_CACHED, check_namespace, fits, plain_name, plain_of, scan_pattern
from .link import Link
from .lost import Lost, Pattern
from .settings import read_settings
from .value import Lifetime, Mixed, Opened, Sealed, lifetime, open_sealed, seal

Ttl = str | float
"""A tier of the settings (short, medium, long, day), or seconds. No value outlives it."""
Ask = Callable[[Callable[[Redis], Awaitable[Any]]], Awaitable[Any]]

_LARGEST_VALUE = 1_000_000
"""Values are not cached beyond so many bytes: sending them would hold up all others."""
_DEFAULT_LIMIT_MS = 20
_PATIENT_LIMIT_MS = 1000
"""For what no request waits for, or only one that changes data."""
_SCAN_COUNT = 1000


@dataclass(frozen=True)
class Stats:
    keys: int | None
    memory_used_bytes: int | None
    memory_used: str | None
    """As Redis writes it, e.g. 1.21M."""
    hits: int
    misses: int
    hit_rate: float | None
    """Share of the look-ups that found a value, 0 to 1; None before the first."""


class Cache:
    """The cache that the environment speaks of. It connects by itself, and again whenever it must."""

    def __init__(
        self,
        env: Mapping[str, str] | None = None,
        *,
        prefix: str = "propiq",
        limit_ms: float = _DEFAULT_LIMIT_MS,
        never_cached: Iterable[str] = (),
        jitter: float = 0.1,
    ) -> None:
        """
        :param prefix: begins every key, so that several apps can share a Redis
        :param limit_ms: what a request may wait for Redis
        :param never_cached: further words of namespaces that must never be cached
        :param jitter: the share of a lifetime by which it may be shorter
        """
        self._settings = read_settings(os.environ if env is None else env)
        self._prefix = prefix
        self._jitter = jitter
        self._never = (*NEVER_CACHED, *never_cached)
        self._lost = Lost()
        self._loads, self._refreshes = Flights(), Flights()
        self._versions: dict[str, int] = {}
        self._writes: set[asyncio.Task[bool]] = set()
        self._hits = self._misses = 0
        self._link: Link | None = None
        if self._settings.server is not None:
            self._link = Link(
                self._settings.server,
                limit_ms=limit_ms,
                probe_key=f"{prefix}:probe:{uuid.uuid4()}",
                on_return=self._make_up,
                owes=lambda: bool(self._lost),
            )

    async def start(self, within_seconds: float = 2.0) -> bool:
        """Connects; for the app's lifespan. Without it the first call does, and goes without.

        :returns: whether it is connected"""
        return self._link is not None and await self._link.ready(within_seconds)

    async def close(self) -> None:
        if self._link is not None:
            await self._link.close()

    def cached(
        self,
        ttl: Ttl,
        key_prefix: str,
        *,
        stale_seconds: float | None = None,
        version: int = 1,
        key: Callable[..., Sequence[object]] | None = None,
    ) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
        """Remembers what the function gives: what JSON keeps of it, and to each caller a copy.

        The function gets `invalidate(*args)`, to be awaited after the data for these arguments changed.

        :param key_prefix: its namespace; no other function may store there
        :param stale_seconds: the last part of the ttl, in which a value is still given while a new one is fetched
        :param version: to be raised when the values' shape changes: those of another version are not read
        :param key: what the value depends on; default: the arguments, with the defaults of those not given
        :raises TypeError, ValueError: for a namespace that is taken, is none, or must never be cached
        """
        check_namespace(key_prefix, self._never)
        if key_prefix in self._versions:
            raise TypeError(f"{key_prefix} is already a function's own")
        self._versions[key_prefix] = version
        life = lifetime(self._seconds(ttl), stale_seconds)

        def decorate(fn: Callable[..., Awaitable[Any]]) -> Any:
            parts_of = key or _arguments(fn)

            @functools.wraps(fn)
            async def call(*args: Any, **kwargs: Any) -> Any:
                plain = plain_name(key_prefix, parts_of(*args, **kwargs))
                if self._link is None:
                    return await fn(*args, **kwargs)

                def load() -> Awaitable[Any]:
                    return fn(*args, **kwargs)

                hit, copy = await asyncio.shield(
                    self._loads.join(plain, lambda flight: self._fetch(plain, version, life, load, flight))
                )
                self._count_look_up(hit)
                return copy()

            async def invalidate(*args: Any, **kwargs: Any) -> None:
                await self.delete(key_prefix, *parts_of(*args, **kwargs))

            call.invalidate = invalidate  # type: ignore[attr-defined]
            return call

        return decorate

    async def get(self, namespace: str, *parts: object, default: Any = None) -> Any:
        plain = self._named(namespace, parts)
        found = await self._read(plain, self._versions.get(namespace, 1))
        if self._link is not None:
            self._count_look_up(found is not None)
        return default if found is None else found.copy()

    async def set(self, namespace: str, parts: Sequence[object], value: object, ttl: Ttl) -> bool:
        """:returns: whether it is in the cache now"""
        plain = self._named(namespace, parts)
        sealed = seal(plain, value, lifetime(self._seconds(ttl)), self._jitter)
        if sealed is None:
            return False
        return await self._write(plain, self._versions.get(namespace, 1), sealed)

    async def delete(self, namespace: str, *parts: object) -> None:
        """Forgets one value. What cannot be done now is done before the cache is read again."""
        await self._forget(Pattern(self._named(namespace, parts), True))

    async def clear(self, namespace: str) -> None:
        """Forgets a namespace, with those below it. It walks through the keys: not for every request."""
        check_namespace(namespace, self._never)
        await self.invalidate(namespace)

    async def invalidate(self, pattern: str) -> None:
        """Forgets all that fits: `user`, `user:*`, `user:42`, `user:4*`. It walks through the keys."""
        await self._forget(Pattern(pattern, False))

    async def warm(self, calls: Iterable[Callable[[], Awaitable[Any]]], at_once: int = 4) -> int:
        """Calls functions before anybody asks, a few at a time. Of no use without Redis: then it does nothing.

        :returns: how many succeeded"""
        if not await self.start():
            return 0
        gate = asyncio.Semaphore(at_once)

        async def one(call: Callable[[], Awaitable[Any]]) -> bool:
            async with gate:
                try:
                    await call()
                except Exception:
                    return False
                return True

        return sum(await asyncio.gather(*map(one, calls)))

    async def stats(self) -> Stats:
        """Hits and misses of this process; keys and memory of the whole Redis, None where it does not tell."""
        look_ups = self._hits + self._misses
        keys, info = await self._quietly(
            lambda redis: asyncio.gather(redis.dbsize(), redis.info("memory")), (None, {}), _PATIENT_LIMIT_MS / 4
        )
        return Stats(
            keys=keys,
            memory_used_bytes=info.get("used_memory"),
            memory_used=info.get("used_memory_human"),
            hits=self._hits,
            misses=self._misses,
            hit_rate=round(self._hits / look_ups, 4) if look_ups else None,
        )

    async def health(self) -> dict[str, Any]:
        """The `cache` of the health document."""
        settings, stats = self._settings, asdict(await self.stats())
        off = settings.problem if settings.enabled else "REDIS_ENABLED is false"
        return {
            "enabled": settings.enabled,
            "connected": self._link is not None and self._link.usable,
            "hit_rate": stats["hit_rate"],
            "memory_used": stats["memory_used"],
            "reason": off if self._link is None else self._link.reason,
            "fingerprint": settings.fingerprint,
        }

    async def _fetch(
        self, plain: str, version: int, life: Lifetime, load: Callable[[], Awaitable[Any]], flight: Flight
    ) -> tuple[bool, Callable[[], Any]]:
        found = await self._read(plain, version)
        if found is None:
            return False, await self._load(plain, version, life, load, flight)
        if time.time() * 1000 > found.fresh_until and plain not in self._refreshes:
            # Nobody waits for it; where it fails, the next to ask tries again.
            self._refreshes.join(plain, lambda flight: self._load(plain, version, life, load, flight))
        return True, found.copy

    async def _load(
        self, plain: str, version: int, life: Lifetime, load: Callable[[], Awaitable[Any]], flight: Flight
    ) -> Callable[[], Any]:
        value = await load()
        sealed = seal(plain, value, life, self._jitter)
        # What JSON cannot hold is given as it is, and not kept.
        if sealed is None:
            return lambda: value
        if flight.valid:
            # Each command may take another connection: only what has been stored can be found, or forgotten.
            await self._write(plain, version, sealed)
            if not flight.valid:
                await self._forget(Pattern(plain, True))
        return Opened(0, sealed.text).copy

    async def _read(self, plain: str, version: int) -> Opened | None:
        """Whatever Redis has against it is a miss."""
        text = await self._quietly(lambda redis: redis.get(self._key(plain, version)), None)
        if text is None:
            return None
        try:
            return open_sealed(plain, text)
        except Mixed:
            # Then the next answers on this connection are others' too.
            if self._link is not None:
                self._link.renew()
            return None

    async def _write(self, plain: str, version: int, sealed: Sealed) -> bool:
        if len(sealed.text) > _LARGEST_VALUE:
            return False
        key = self._key(plain, version)
        return bool(await self._quietly(lambda redis: redis.set(key, sealed.text, px=sealed.life_ms), False))

    async def _quietly(
        self, command: Callable[[Redis], Awaitable[Any]], otherwise: Any, limit_ms: float | None = None
    ) -> Any:
        if self._link is None:
            return otherwise
        try:
            return await self._link.ask(command, limit_ms)
        except Exception:
            return otherwise

    async def _forget(self, pattern: Pattern) -> None:
        matches = (lambda plain: plain == pattern.text) if pattern.exact else fits(pattern.text)
        self._loads.invalidate(matches)
        self._refreshes.invalidate(matches)
        link = self._link
        if link is None:
            return
        try:
            await self._remove(pattern, lambda command: link.ask(command, None if pattern.exact else _PATIENT_LIMIT_MS))
        except Exception:
            self._lost.add(pattern)
            # A cache that may hold what was to be forgotten must not be read.
            link.doubt("an invalidation was lost")

    async def _make_up(self, redis: Redis) -> None:
        await self._lost.make_up_for(lambda pattern: self._remove(pattern, lambda command: command(redis)))

    async def _remove(self, pattern: Pattern, ask: Ask) -> None:
        """:param ask: what to send the commands with: within limits, or not"""

        async def unlink(keys: Sequence[str]) -> None:
            # One command for each key: together they might belong to several nodes of a cluster.
            def send(redis: Redis) -> Awaitable[Any]:
                pipeline = redis.pipeline(transaction=False)
                for key in keys:
                    pipeline.unlink(key)
                return pipeline.execute()

            if keys:
                await ask(send)

        if pattern.exact:
            await unlink(self._keys_of(pattern.text))
            return
        matches, match = fits(pattern.text), scan_pattern(self._prefix, pattern.text)
        cursor = 0
        while True:
            cursor, keys = await ask(
                lambda redis, at=cursor: redis.scan(at, match=match, count=_SCAN_COUNT)
            )
            names = [key.decode(errors="replace") for key in keys]
            await unlink([name for name in names if matches(plain_of(self._prefix, name))])
            if cursor == 0:
                return

    def _keys_of(self, plain: str) -> list[str]:
        """Also in the version before, which other instances still read while this one is being rolled out."""
        owners = (version for namespace, version in self._versions.items() if plain.startswith(f"{namespace}:"))
        version = next(owners, 1)
        return [self._key(plain, each) for each in (version, version - 1) if each > 0]

    def _named(self, namespace: str, parts: Sequence[object]) -> str:
        check_namespace(namespace, self._never)
        return plain_name(namespace, parts)

    def _key(self, plain: str, version: int) -> str:
        return f"{self._prefix}:v{version}:{plain}"

    def _seconds(self, ttl: Ttl) -> float:
        return self._settings.ttl[ttl] if isinstance(ttl, str) else ttl

    def _count_look_up(self, hit: bool) -> None:
        if hit:
            self._hits += 1
        else:
            self._misses += 1


def _arguments(fn: Callable[..., Any]) -> Callable[..., list[object]]:
    signature = inspect.signature(fn)

    def parts(*args: Any, **kwargs: Any) -> list[object]:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return [part for name, value in bound.arguments.items() for part in _flat(signature.parameters[name], value)]

    return parts


def _flat(parameter: inspect.Parameter, value: Any) -> Sequence[object]:
    return value if parameter.kind is inspect.Parameter.VAR_POSITIONAL else [value]


_default: Cache | None = None


def default_cache(**options: Any) -> Cache:
    """The app's cache, from its environment.

    :param options: as of `Cache`; they count where they come before the first use"""
    global _default
    if _default is None:
        _default = Cache(**options)
    return _default


def cached(ttl: Ttl, key_prefix: str, **options: Any) -> Callable[[Callable[..., Awaitable[Any]]], Any]:
    """`Cache.cached` of the app's cache."""
    return default_cache().cached(ttl, key_prefix, **options)


async def cache_invalidate(pattern: str) -> None:
    """`Cache.invalidate` of the app's cache."""
    await default_cache().invalidate(pattern)
