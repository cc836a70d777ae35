"""Redis fails in every way: no call fails or waits for long, and the cache is used again afterwards."""

from __future__ import annotations

import asyncio
import os
import threading
import time

import pytest
from conftest import LIMIT_MS
from servers import Server, free_port, wait_for


def functions(store):
    @store.cached(ttl=60, key_prefix="thread")
    def in_thread(user_id: str) -> str:
        return user_id

    @store.cached(ttl=60, key_prefix="loop")
    async def in_loop(user_id: str) -> str:
        return user_id

    async def many():
        return await asyncio.gather(*(in_loop(f"{at}") for at in range(20)))

    def both():
        for at in range(20):
            assert in_thread(f"{at}") == f"{at}"
        assert asyncio.run(many()) == [f"{at}" for at in range(20)]

    return both


def is_used(store, both) -> bool:
    before = store.direct.stats()["hits"]
    both()
    both()
    return store.direct.client is not None and store.direct.stats()["hits"] >= before + 40


def full(redis):
    redis.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
    redis.call("CONFIG", "SET", "maxmemory", "1")


def other_password(redis):
    redis.call("CONFIG", "SET", "requirepass", "other")
    cut_connections(redis)


def cut_connections(redis):
    import socket

    with socket.create_connection(("127.0.0.1", redis.port), 5) as connection:
        connection.sendall(b"AUTH other\r\nCLIENT KILL TYPE normal SKIPME yes\r\n")
        connection.recv(1000)


def own_password(redis):
    import socket

    with socket.create_connection(("127.0.0.1", redis.port), 5) as connection:
        connection.sendall(b'AUTH other\r\nCONFIG SET requirepass ""\r\n')
        connection.recv(1000)


FAULTS = {
    "is killed": (Server.stop, Server.start, "cannot be reached"),
    "hangs": (Server.hang, Server.go_on, "does not answer"),
    "cuts connections": (cut_connections, lambda redis: None, None),
    "has another password": (other_password, own_password, "AUTH"),
    "is full": (full, lambda redis: redis.call("CONFIG", "SET", "maxmemory", "0"), None),
    "is read-only": (
        lambda redis: redis.call("REPLICAOF", "127.0.0.1", str(free_port())),
        lambda redis: redis.call("REPLICAOF", "NO", "ONE"),
        None,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_while_redis_fails_all_calls_are_answered_and_then_it_is_used_again(open_cache, own_redis, fault):
    store = open_cache(own_redis.url)
    both = functions(store)
    assert is_used(store, both)
    break_it, mend, reason = FAULTS[fault]
    break_it(own_redis)
    end = time.monotonic() + 1
    while time.monotonic() < end:
        both()
    if reason is not None:
        assert store.direct.client is None
        assert reason in store.direct.health()["reason"]
    mend(own_redis)
    wait_for(lambda: is_used(store, both))


def test_nobody_asks_a_redis_that_was_given_up(open_cache, proxy, own_redis):
    store = open_cache(proxy.url, limit_ms=50)
    both = functions(store)
    both()
    proxy.delay_seconds = 0.5
    wait_for(lambda: store.direct.get("user:1") is None and not store.direct.health()["connected"])
    before = own_redis.commands()
    for _ in range(20):
        both()
    # Only the probe of its own, and this test's.
    assert own_redis.commands() - before < 30
    assert "takes" in store.direct.health()["reason"] or "in time" in store.direct.health()["reason"]
    proxy.delay_seconds = 0
    wait_for(lambda: is_used(store, both))


def test_one_thread_alone_gives_up_a_redis_that_hangs_after_three_limits(open_cache, own_redis):
    store = open_cache(own_redis.url, limit_ms=50)
    assert store.direct.set("user:1", 1, ttl=60)
    own_redis.hang()
    for _ in range(3):
        store.direct.get("user:1")
    assert store.direct.health()["connected"] is False


def test_a_call_that_waited_for_its_look_up_does_not_wait_again_to_store(open_cache, own_redis, monkeypatch):
    store = open_cache(own_redis.url, limit_ms=50)
    link, asked = store._core.link, []
    in_thread, in_loop = link.ask, link.ask_in_loop

    def ask(commands, limit_ms=None):
        asked.append(commands[0][0])
        return in_thread(commands, limit_ms)

    async def ask_in_loop(commands, limit_ms=None):
        asked.append(commands[0][0])
        return await in_loop(commands, limit_ms)

    monkeypatch.setattr(link, "ask", ask)
    monkeypatch.setattr(link, "ask_in_loop", ask_in_loop)

    @store.cached(ttl=60, key_prefix="thread")
    def of_thread(user_id: str) -> str:
        return user_id

    @store.cached(ttl=60, key_prefix="loop")
    async def of_loop(user_id: str) -> str:
        return user_id

    async def twice():
        return [await of_loop("2"), await of_loop("3")]

    asyncio.run(of_loop("1"))
    assert asked == ["GET", "SET"]
    own_redis.hang()
    asked.clear()
    assert of_thread("1") == "1"
    assert asyncio.run(twice()) == ["2", "3"]
    assert asked == ["GET", "GET", "GET"]


def test_client_is_none_as_soon_as_redis_is_gone(open_cache, own_redis):
    store = open_cache(own_redis.url)
    assert store.direct.client.ping() is True
    own_redis.stop()
    time.sleep(1.1)
    assert store.direct.client is None
    own_redis.start()
    wait_for(lambda: store.direct.client is not None)


def test_an_invalidation_that_could_not_be_sent_is_made_up_for(open_cache, own_redis):
    store = open_cache(own_redis.url, limit_ms=100)
    direct = store.direct
    direct.set("user:1", "old", ttl=60)
    direct.set("list:1", "old", ttl=60)
    own_redis.hang()
    for _ in range(5):
        direct.get("other")
    direct.delete("user:1")
    direct.invalidate("list:*")
    own_redis.go_on()
    seen = set()

    def connected():
        seen.update([direct.get("user:1", "a miss"), direct.get("list:1", "a miss")])
        return direct.client is not None

    wait_for(connected)
    seen.update([direct.get("user:1", "a miss"), direct.get("list:1", "a miss")])
    assert seen == {"a miss"}


def test_an_app_that_starts_before_redis_uses_it_later(open_cache):
    redis = Server()
    redis.stop()
    store = open_cache(None, env={"REDIS_ENABLED": "true", "REDIS_URL": redis.url})
    both = functions(store)
    both()
    assert store.direct.client is None
    redis.start()
    try:
        wait_for(lambda: is_used(store, both))
    finally:
        redis.close()


def test_replies_that_are_not_redis_are_never_a_value(open_cache):
    import socket

    listener = socket.create_server(("127.0.0.1", 0))

    def answer():
        while True:
            try:
                client, _ = listener.accept()
                with client:
                    client.recv(1000)
                    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            except OSError:
                return

    threading.Thread(target=answer, daemon=True).start()
    url = f"redis://127.0.0.1:{listener.getsockname()[1]}"
    store = open_cache(None, env={"REDIS_ENABLED": "true", "REDIS_URL": url})
    functions(store)()
    assert store.direct.client is None
    wait_for(lambda: store.direct.health()["reason"] == "what answers is not Redis")
    listener.close()


def test_a_reply_to_another_question_is_never_given(open_cache, own_redis):
    store = open_cache(own_redis.url)
    own_redis.call("SET", "propiq:v1:user:Ann", '{"of":"user:Bob","fresh":9999999999999}\n"of Bob"')
    assert store.direct.get("user:Ann", "a miss") == "a miss"
    own_redis.call("DEL", "propiq:v1:user:Ann")
    wait_for(lambda: store.direct.client is not None)


def test_forty_threads_share_eight_connections(open_cache, own_redis):
    store = open_cache(own_redis.url)

    def work():
        for at in range(50):
            store.direct.set(f"user:{at}", at, ttl=60)
            assert store.direct.get(f"user:{at}") == at

    threads = [threading.Thread(target=work) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    clients = own_redis.call("CLIENT", "LIST").decode().count(" addr=")
    # One is this test's own.
    assert clients <= 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_worker_has_connections_of_its_own(store):
    store.direct.set("user:1", "before", ttl=60)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        found = store.direct.get("user:1", "a miss")
        os.write(write, str(found).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100) == b"before"
    assert store.direct.get("user:1") == "before"


def test_limits_hold_for_those_who_ask_first(open_cache, own_redis):
    own_redis.hang()
    store = open_cache(None, env={"REDIS_ENABLED": "true", "REDIS_URL": own_redis.url}, limit_ms=LIMIT_MS)
    functions(store)()
    assert store.direct.client is None
    own_redis.go_on()
    wait_for(lambda: store.direct.client is not None)
