from __future__ import annotations

import sys

import pytest

sys.path.insert(0, __file__.rpartition("/")[0])
from servers import Proxy, Server  # noqa: E402

from propiq_cache import Cache  # noqa: E402

# Machines under test are busy: what is to be seen here is not how short the limit can be.
LIMIT_MS = 500


@pytest.fixture(scope="session")
def server():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def redis(server):
    server.call("FLUSHALL")
    return server


@pytest.fixture
def own_redis():
    made = Server()
    yield made
    made.close()


@pytest.fixture
def proxy(own_redis):
    made = Proxy(own_redis.port)
    yield made
    made.close()


@pytest.fixture
def open_cache():
    opened = []

    def open_cache(url: str | None, **options) -> Cache:
        env = {"REDIS_ENABLED": "false"} if url is None else {"REDIS_URL": url}
        made = Cache({**env, **options.pop("env", {})}, **{"limit_ms": LIMIT_MS, **options})
        opened.append(made)
        if url is not None and options.get("wait", True):
            assert made.direct.start(10)
        return made

    yield open_cache
    for each in opened:
        each.direct.close()


@pytest.fixture
def store(open_cache, redis):
    """A cache that is connected."""
    return open_cache(redis.url)
