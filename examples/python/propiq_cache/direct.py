"""The cache for code without an event loop: no `await`, in any thread, within the same limits."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from redis import BlockingConnectionPool, Redis, SSLConnection
from redis.backoff import NoBackoff
from redis.retry import Retry

from .codec import typed_reader
from .core import Core, Ttl
from .distance import FARTHEST_LIMIT_MS
from .keys import check_words, direct_name
from .lost import Pattern
from .settings import Server
from .store import ServerStats

_CLIENT_CONNECTIONS = 4


class DirectCache:
    """Keys are free text. `user:123` is the entry of a decorated call with "123" and `key_prefix="user"`."""

    def __init__(self, core: Callable[[], Core]) -> None:
        self._find_core = core
        self._lock = threading.Lock()
        self._redis: Redis | None = None

    @property
    def client(self) -> Redis | None:
        """A client of redis-py while Redis can be used; None while it cannot. For what the cache does not offer."""
        core = self._core
        link, server = core.link, core.settings.server
        if link is None or server is None or not link.is_well():
            return None
        with self._lock:
            if self._redis is None:
                self._redis = _client_of(server)
            return self._redis

    def get(self, key: str, default: Any = None, *, type: Any = None) -> Any:
        """:param type: of what is returned, as in a return annotation; default: what was stored, in terms of JSON"""
        core, plain = self._core, self._named(key)
        link = core.link
        give = None if type is None else typed_reader(type)
        return default if link is None else link.run(core.read(plain, default, give))

    def set(self, key: str, value: object, ttl: Ttl = "medium") -> bool:
        """:returns: whether it is in the cache now"""
        core = self._core
        steps, link = core.write(self._named(key), value, ttl), core.link
        return link is not None and link.run(steps)

    def delete(self, key: str) -> None:
        """Forgets one value. What cannot be done now is done before the cache is read again."""
        self._forget(Pattern(self._named(key), True))

    def clear(self) -> None:
        """Forgets all keys under the cache's own prefix, and nothing else. It walks through the keys."""
        self._forget(Pattern("*", False))

    def invalidate(self, pattern: str) -> None:
        """Forgets all that fits: `user`, `user:*`, `user:42`, `user:4*`. It walks through the keys.

        Text that comes from a user does not belong in a pattern: see `invalidate_below`."""
        self._forget(Pattern(pattern, False))

    def invalidate_below(self, namespace: str, *parts: object) -> None:
        """Forgets all values whose first parts are these, whatever characters are in them."""
        self._forget(self._core.below(namespace, parts))

    def stats(self) -> dict[str, Any]:
        """`keys` and `memory` of the whole Redis, None where it does not report; the rest of this process.

        `hit_rate` is the share of look-ups that found a value, 0 to 1; None before the first."""
        core = self._core
        link = core.link
        stats = core.stats_with(ServerStats()) if link is None else link.run(core.stats())
        return {
            "keys": stats.keys,
            "memory": stats.memory_used,
            "hits": stats.hits,
            "misses": stats.misses,
            "hit_rate": stats.hit_rate,
        }

    def health(self) -> dict[str, Any]:
        """The `cache` of the health document."""
        core = self._core
        link = core.link
        return core.health(core.stats_with(ServerStats()) if link is None else link.run(core.stats()))

    def metrics(self) -> str:
        """The counts of each function as OpenMetrics."""
        return self._core.metrics()

    def start(self, within_seconds: float = 2.0) -> bool:
        """Connects. Without it the first call does.

        :returns: whether it is connected"""
        link = self._core.link
        return link is not None and link.ready(within_seconds)

    def close(self) -> None:
        with self._lock:
            client, self._redis = self._redis, None
        if client is not None:
            client.close()
        link = self._core.opened_link
        if link is not None:
            link.close()

    @property
    def _core(self) -> Core:
        return self._find_core()

    def _named(self, key: str) -> str:
        check_words(key, self._core.never)
        return direct_name(key)

    def _forget(self, pattern: Pattern) -> None:
        core = self._core
        if core.link is not None:
            core.link.run(core.forget(pattern))


def _client_of(server: Server) -> Redis:
    seconds = FARTHEST_LIMIT_MS / 1000
    tls: dict[str, Any] = (
        {"connection_class": SSLConnection, "ssl_cert_reqs": "required", "ssl_check_hostname": True}
        if server.tls
        else {}
    )
    pool: Any = BlockingConnectionPool(
        host=server.host,
        port=server.port,
        db=server.db,
        username=server.username,
        password=server.password,
        protocol=2,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        max_connections=_CLIENT_CONNECTIONS,
        timeout=seconds,
        **tls,
    )  # type: ignore[no-untyped-call]
    return Redis(connection_pool=pool)
