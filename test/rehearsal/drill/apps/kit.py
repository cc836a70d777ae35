"""Sound: the Python kit."""

import asyncio

from propiq_cache.cache import Cache
from serve import load, serve


async def main() -> None:
    cache = Cache()

    @cache.cached(ttl="short", key_prefix="answer")
    async def answer() -> str:
        return await load()

    await serve(answer)


asyncio.run(main())
