"""A cache for a web app, on Redis: the same keys, values and settings as the kit in ../app/cache.

from propiq_cache import cache, cached, cache_invalidate

@cached(ttl=3600, key_prefix="user")
def get_user(user_id: str) -> User: ...

@cache_invalidate(key_pattern="user:*")
def update_user(user_id: str, data: dict): ...

get_user.invalidate("42")                  # one value, after it changed
cache.set("greeting", "hello", ttl=60)     # any key, any thread, no await
"""

from .cache import Cache, Stats, Ttl  # isort: skip - before `cache`, which takes the name of this module
from .app import cache, cache_invalidate, cached, default_cache
from .decorate import Cached
from .direct import DirectCache
from .keys import NEVER_CACHED

__all__ = [
    "NEVER_CACHED",
    "Cache",
    "Cached",
    "DirectCache",
    "Stats",
    "Ttl",
    "cache",
    "cache_invalidate",
    "cached",
    "default_cache",
]
