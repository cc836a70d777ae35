"""The app's own cache, from its environment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from .cache import Cache
from .core import Core, Ttl
from .decorate import Cached
from .direct import DirectCache
from .invalidation import Invalidation

P = ParamSpec("P")
R = TypeVar("R")

_lock = threading.Lock()
_default: Cache | None = None


def default_cache(**options: Any) -> Cache:
    """The app's cache.

    :param options: as of `Cache`; they count where they come before the first use or decorator"""
    global _default
    with _lock:
        if _default is None:
            _default = Cache(**options)
        return _default


def _core() -> Core:
    return default_cache()._core


def cached(ttl: Ttl, key_prefix: str, **options: Any) -> Callable[[Callable[P, R]], Cached[P, R]]:
    """`Cache.cached` of the app's cache."""
    return default_cache().cached(ttl, key_prefix, **options)


def cache_invalidate(key_pattern: str) -> Invalidation:
    """Forgets all that fits: `@cache_invalidate(key_pattern="user:*")` on the function that writes, which is done
    after it has succeeded; or `await cache_invalidate("user:*")`."""
    return Invalidation(_core, key_pattern)


cache = DirectCache(_core)
"""The app's cache for direct use: `cache.get`, `cache.set`, without `await`, in any thread."""
