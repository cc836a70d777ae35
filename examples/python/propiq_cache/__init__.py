"""A cache for a web app, on Redis: the same keys, values and settings as the kit in ../app/cache.

    from propiq_cache import cached, cache_invalidate

    @cached(ttl="medium", key_prefix="user:profile")
    async def profile(user_id: int) -> dict: ...

    await profile.invalidate(42)        # one value, after it changed
    await cache_invalidate("user:*")    # all of a user's namespaces
"""

from .cache import Cache, Stats, cache_invalidate, cached, default_cache
from .keys import NEVER_CACHED

__all__ = ["NEVER_CACHED", "Cache", "Stats", "cache_invalidate", "cached", "default_cache"]
