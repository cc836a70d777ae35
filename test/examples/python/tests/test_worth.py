"""Grace, counts, lifetimes and the distance, where a thread asks. In event loops: examples/cases.json."""

from __future__ import annotations

import threading
import time

import pytest
from servers import wait_for


class Database:
    def __init__(self, store, **options) -> None:
        self.calls, self.is_down, self.takes = 0, False, 0.0
        self.gate = threading.Event()
        self.gate.set()

        @store.cached(**{"ttl": 60, "key_prefix": "user", **options})
        def fn(user_id: str) -> dict:
            self.calls += 1
            call = self.calls
            time.sleep(self.takes)
            self.gate.wait(10)
            if self.is_down:
                raise ConnectionError("the database is away")
            return {"call": call}

        self.fn = fn


def in_short(store):
    [entry] = store.direct.health()["functions"]
    return {name: value for name, value in entry.items() if not name.startswith("loadMs")}


def ended(redis, call: int = 0) -> None:
    head = f'{{"of":"user:1","fresh":1,"at":{time.time() * 1000:.0f},"end":1000000000000}}'
    redis.call("SET", "propiq:v1:user:1", f'{head}\n{{"call":{call}}}')


LONG = 1_000_000_000


def test_in_grace_the_last_good_value_is_given_while_the_function_fails(store, redis):
    database = Database(store, grace_seconds=LONG)
    ended(redis)
    database.is_down = True
    assert [database.fn("1"), database.fn("1")] == [{"call": 0}] * 2
    assert in_short(store)["graced"] == 2
    database.is_down = False
    wait_for(lambda: database.fn("1")["call"] > 0)


def test_in_grace_a_slow_function_is_not_waited_for(store, redis):
    database = Database(store, grace_seconds=LONG, load_limit_ms=50)
    ended(redis)
    database.gate.clear()
    assert [database.fn("1"), database.fn("1")] == [{"call": 0}] * 2
    database.gate.set()
    wait_for(lambda: database.fn("1") == {"call": 1})
    assert database.calls == 1


def test_an_invalidated_value_is_not_given_in_grace(store, redis):
    database = Database(store, grace_seconds=LONG)
    ended(redis)
    database.is_down = True
    database.fn.invalidate("1")
    with pytest.raises(ConnectionError):
        database.fn("1")


def test_after_an_outage_of_redis_no_older_value_is_given_in_grace(open_cache, own_redis):
    store = open_cache(own_redis.url, limit_ms=100)
    database = Database(store, grace_seconds=LONG)
    ended(own_redis)
    database.is_down = True
    assert database.fn("1") == {"call": 0}
    own_redis.hang()
    wait_for(lambda: not store.direct.health()["connected"])
    own_redis.go_on()
    wait_for(lambda: store.direct.client is not None)
    # Another process may have invalidated it meanwhile, and not have reached Redis.
    with pytest.raises(ConnectionError):
        database.fn("1")
    time.sleep(0.01)
    ended(own_redis)
    assert database.fn("1") == {"call": 0}


def test_values_with_grace_stay_that_much_longer(store, redis):
    Database(store, grace_seconds=600).fn("1")
    assert 640_000 < int(redis.call("PTTL", "propiq:v1:user:1")[1:]) <= 660_000


def test_a_value_that_grows_old_is_given_while_a_new_one_is_fetched(store, redis):
    database = Database(store)
    redis.call("SET", "propiq:v1:user:1", '{"of":"user:1","fresh":1,"took":2500}\n{"call":0}')
    database.gate.clear()
    assert [database.fn("1"), database.fn("1")] == [{"call": 0}] * 2
    database.gate.set()
    wait_for(lambda: database.fn("1") == {"call": 1})
    assert in_short(store)["savedSeconds"] >= 5


def test_what_the_cache_is_worth_is_counted(store, redis):
    database = Database(store)
    for user in ("1", "1", "1", "2"):
        database.fn(user)
    database.is_down = True
    database.fn.invalidate("1")
    with pytest.raises(ConnectionError):
        database.fn("1")
    counted = in_short(store)
    assert counted.pop("savedSeconds") < 1
    # The value of user 1 was invalidated.
    assert counted.pop("memoryBytes") == int(redis.call("STRLEN", "propiq:v1:user:2")[1:])
    assert counted == {
        "namespace": "user",
        "hits": 2,
        "misses": 2,
        "errors": 1,
        "loads": 3,
        "reloads": 0,
        "unchangedReloads": 0,
        "graced": 0,
        "ttlSeconds": 60,
    }
    metrics = store.direct.metrics()
    assert 'propiq_cache_hits_total{namespace="user"} 2\n' in metrics
    assert "# UNIT propiq_cache_memory_bytes bytes\n" in metrics
    assert 'propiq_cache_load_errors_total{namespace="user"} 1\n' in metrics
    assert metrics.endswith("# EOF\n")


def test_a_redis_that_is_far_has_a_longer_limit_and_is_used_for_slow_functions_only(open_cache, proxy):
    proxy.delay_seconds = 0.025
    store = open_cache(proxy.url, limit_ms=None)
    health = store.direct.health()
    assert health["roundTripMs"] >= 25
    assert 75 <= health["limitMs"] <= 100
    fast, slow = Database(store, key_prefix="fast"), Database(store, key_prefix="slow")
    slow.takes = 0.15
    for _ in range(3):
        fast.fn("1")
        slow.fn("1")
    assert fast.calls == 3
    assert slow.calls == 1
    for entry in store.direct.health()["functions"]:
        assert ("reason" in entry) is (entry["namespace"] == "fast")
    assert store.direct.health()["reason"] is None
    # As soon as it takes longer than a look-up may, it is worth one.
    fast.takes = 0.2
    wait_for(lambda: fast.fn("1") and "reason" not in store.direct.health()["functions"][0])


def test_a_redis_that_no_function_uses_says_so(open_cache, proxy):
    proxy.delay_seconds = 0.025
    store = open_cache(proxy.url, limit_ms=None)
    Database(store).fn("1")
    health = store.direct.health()
    assert health["connected"] is True
    assert "Redis is" in health["reason"]
    assert "ms away" in health["reason"]


def test_the_limit_does_not_rise_because_redis_became_slow(open_cache, proxy):
    store = open_cache(proxy.url, limit_ms=None)
    wait_for(lambda: store.direct.health()["limitMs"] == 20)
    proxy.delay_seconds = 0.06
    wait_for(lambda: store.direct.get("user:1") is None and "takes" in (store.direct.health()["reason"] or ""))
    assert store.direct.health()["limitMs"] == 20


def test_a_redis_out_of_reach_of_any_limit_is_not_used_and_that_is_said(open_cache, proxy):
    proxy.delay_seconds = 0.2
    store = open_cache(None, env={"REDIS_ENABLED": "true", "REDIS_URL": proxy.url}, limit_ms=None)
    Database(store).fn("1")
    wait_for(lambda: "takes 20" in store.direct.health()["reason"])


def test_an_operators_lifetime_and_prefix_count(open_cache, redis):
    env = {"CACHE_PREFIX": "shop-7", "CACHE_TTL_FUNCTIONS": '{"user": 1800, "other": "x"}'}
    store = open_cache(redis.url, env=env)
    Database(store).fn("1")
    assert redis.keys() == ["shop-7:v1:user:1"]
    assert 1_500_000 < int(redis.call("PTTL", "shop-7:v1:user:1")[1:]) <= 1_800_000
    health = store.direct.health()
    assert health["functions"][0]["ttlSeconds"] == 1800
    assert "CACHE_TTL_FUNCTIONS" in health["notes"][0]


def test_settings_are_read_at_the_first_use(redis, monkeypatch):
    from propiq_cache import Cache

    monkeypatch.setenv("REDIS_URL", "nonsense")
    store = Cache(limit_ms=500)
    database = Database(store)
    monkeypatch.setenv("REDIS_URL", redis.url)
    database.fn("1")
    database.fn("1")
    assert database.calls == 1
    store.direct.close()
