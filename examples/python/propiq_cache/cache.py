"""The cache of an app, for its event loops.

The app never depends on it: whatever Redis does, the function is called instead, at once.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar

from .arguments import Arguments, KeyOf
from .core import Core, Registered, Stats, Ttl, check_ttl
from .decorate import Cached, check_function, codec_of, full_name, remembering
from .direct import DirectCache
from .envelope import lifetime
from .keys import check_namespace
from .lost import Pattern
from .store import ServerStats

P = ParamSpec("P")
R = TypeVar("R")

__all__ = ["Cache", "Stats", "Ttl"]


class Cache:
    """The cache that the environment describes. It connects by itself, and again whenever it must.

    The environment is read at the first use, so that an app may load its `.env` after its imports.
    """

    def __init__(
        self,
        env: Mapping[str, str] | None = None,
        *,
        prefix: str | None = None,
        limit_ms: float | None = None,
        never_cached: Iterable[str] = (),
        jitter: float = 0.1,
        grace_seconds: float = 0,
        load_limit_ms: float = 1000,
    ) -> None:
        """
        :param prefix: begins every key; default: CACHE_PREFIX, else `propiq`
        :param limit_ms: what a request may wait for Redis; default: what fits its distance, 20 to 100
        :param never_cached: further words of namespaces that must never be cached
        :param jitter: the share of a lifetime by which it may be shorter
        :param grace_seconds: default for all functions, see `cached`
        :param load_limit_ms: default for all functions, see `cached`
        """
        self._core = Core(env, prefix, limit_ms, never_cached, jitter)
        self._grace_seconds = grace_seconds
        self._load_limit_ms = load_limit_ms

    @property
    def direct(self) -> DirectCache:
        """The same cache for code without an event loop: no `await`, in any thread."""
        return DirectCache(lambda: self._core)

    async def start(self, within_seconds: float = 2.0) -> bool:
        """Connects; for the app's lifespan. Without it the first call does.

        :returns: whether it is connected"""
        link = self._core.link
        return link is not None and await link.ready_in_loop(within_seconds)

    async def close(self) -> None:
        link = self._core.opened_link
        if link is not None:
            await link.close_in_loop()

    def cached(
        self,
        ttl: Ttl,
        key_prefix: str,
        *,
        stale_seconds: float | None = None,
        version: int = 1,
        key: KeyOf | None = None,
        ignore: Sequence[str] = (),
        grace_seconds: float | None = None,
        load_limit_ms: float | None = None,
    ) -> Callable[[Callable[P, R]], Cached[P, R]]:
        """Remembers what a function returns, of the type that its return annotation names; each caller gets a copy.

        For `def` and `async def`, functions and methods. The function gets `invalidate(*args)`, to be called after
        the data for these arguments changed; of an `async def` it is awaited.

        :param key_prefix: its namespace; no other function may store there
        :param stale_seconds: the last part of the ttl, in which a value is still given while a new one is fetched
        :param version: to be raised when the values' shape changes: those of another version are not read
        :param key: what the value depends on, from the arguments; default: all of them
        :param ignore: names of arguments that the value does not depend on, such as a session
        :param grace_seconds: beyond the ttl, in which the last good value is given where the function fails
        :param load_limit_ms: or where it takes longer than this
        :raises TypeError, ValueError: for a namespace that is taken, is not valid, or must never be cached
        """
        check_namespace(key_prefix, self._core.never)
        grace = self._grace_seconds if grace_seconds is None else grace_seconds
        limit = self._load_limit_ms if load_limit_ms is None else load_limit_ms
        check_ttl(ttl)
        # How long a tier is, is known only with the settings. It is above zero.
        lifetime(stale_seconds or 1 if isinstance(ttl, str) else ttl, stale_seconds, grace)

        def decorate(fn: Callable[P, R]) -> Cached[P, R]:
            check_function(fn, "cached")
            names = names_around(fn)
            arguments = Arguments(fn, key, ignore, names)
            codec = codec_of(fn, names)
            registered = Registered(full_name(fn), key_prefix, codec, ttl, stale_seconds, grace, limit)
            self._core.register(registered, version)
            return remembering(fn, arguments, lambda: self._core, registered)

        return decorate

    async def get(self, namespace: str, *parts: object, default: Any = None) -> Any:
        plain, link = self._core.named(namespace, parts), self._core.link
        return default if link is None else await link.run_in_loop(self._core.read(plain, default))

    async def set(self, namespace: str, parts: Sequence[object], value: object, ttl: Ttl) -> bool:
        """:returns: whether it is in the cache now"""
        steps = self._core.write(self._core.named(namespace, parts), value, ttl)
        link = self._core.link
        return link is not None and await link.run_in_loop(steps)

    async def delete(self, namespace: str, *parts: object) -> None:
        """Forgets one value. What cannot be done now is done before the cache is read again."""
        await self._forget(Pattern(self._core.named(namespace, parts), True))

    async def clear(self, namespace: str) -> None:
        """Forgets a namespace, with those below it. It walks through the keys: not for every request."""
        await self._forget(self._core.below(namespace, ()))

    async def invalidate(self, pattern: str) -> None:
        """Forgets all that fits: `user`, `user:*`, `user:42`, `user:4*`. It walks through the keys.

        Text that comes from a user does not belong in a pattern: see `invalidate_below`."""
        await self._forget(Pattern(pattern, False))

    async def invalidate_below(self, namespace: str, *parts: object) -> None:
        """Forgets all values whose first parts are these, whatever characters are in them."""
        await self._forget(self._core.below(namespace, parts))

    async def warm(self, calls: Iterable[Callable[[], Awaitable[Any]]], at_once: int = 4) -> int:
        """Calls functions before anyone asks, a few at a time. Without Redis it does nothing.

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
        """Hits and misses of this process; keys and memory of the whole Redis, None where it does not report."""
        link = self._core.link
        return self._core.stats_with(ServerStats()) if link is None else await link.run_in_loop(self._core.stats())

    async def health(self) -> dict[str, Any]:
        """The `cache` of the health document."""
        return self._core.health(await self.stats())

    def metrics(self) -> str:
        """The counts of each function as OpenMetrics."""
        return self._core.metrics()

    async def _forget(self, pattern: Pattern) -> None:
        link = self._core.link
        if link is not None:
            await link.run_in_loop(self._core.forget(pattern))


def names_around(fn: Callable[..., Any]) -> dict[str, Any]:
    """The names of the function that `fn` is defined in, for annotations that name classes of there."""
    if "<locals>" not in getattr(fn, "__qualname__", ""):
        return {}
    # The caller's caller is the code that decorates.
    return dict(sys._getframe(2).f_locals)
