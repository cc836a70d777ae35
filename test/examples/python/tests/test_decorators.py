from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from enum import Enum
from uuid import UUID

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient
from pydantic import BaseModel

import propiq_cache
from propiq_cache.invalidation import Invalidation


class User(BaseModel):
    id: int
    name: str


class Session:
    pass


def counting(store, **options):
    calls = []

    @store.cached(**{"ttl": 60, "key_prefix": "user", **options})
    def fn(*args, **kwargs):
        calls.append((args, kwargs))
        return {"call": len(calls)}

    return fn, calls


def test_def_stays_def_and_async_def_stays_async_def(store):
    @store.cached(ttl=60, key_prefix="one")
    def one(user_id: str) -> str:
        """Its own words."""
        return user_id

    @store.cached(ttl=60, key_prefix="two")
    async def two(user_id: str) -> str:
        return user_id

    assert not inspect.iscoroutinefunction(one)
    assert inspect.iscoroutinefunction(two)
    assert (one.__name__, one.__doc__, str(inspect.signature(one))) == (
        "one",
        "Its own words.",
        "(user_id: 'str') -> 'str'",
    )


def test_positional_keyword_and_default_arguments_share_a_key(store, redis):
    calls = []

    @store.cached(ttl=60, key_prefix="list")
    def fn(user_id: str, page: int = 1, *, order: str = "new"):
        calls.append(user_id)
        return user_id

    for call in (
        lambda: fn("7"),
        lambda: fn(user_id="7"),
        lambda: fn("7", 1),
        lambda: fn(page=1, order="new", user_id="7"),
    ):
        assert call() == "7"
    assert calls == ["7"]
    assert redis.keys() == ["propiq:v1:list:7:1:new"]


def test_self_is_no_part_of_the_key(store, redis):
    calls = []

    class Service:
        @store.cached(ttl=60, key_prefix="one")
        def one(self, user_id: str) -> str:
            calls.append(self)
            return user_id

        @store.cached(ttl=60, key_prefix="two")
        async def two(self, user_id: str) -> str:
            calls.append(self)
            return user_id

        @classmethod
        @store.cached(ttl=60, key_prefix="three")
        def three(cls, user_id: str) -> str:
            calls.append(cls)
            return user_id

        @staticmethod
        @store.cached(ttl=60, key_prefix="four")
        def four(user_id: str) -> str:
            calls.append(user_id)
            return user_id

    async def both():
        return [await Service().two("7"), await Service().two(user_id="7")]

    assert [Service().one("7"), Service().one(user_id="7"), Service.three("7"), Service.four("7")] == ["7"] * 4
    assert asyncio.run(both()) == ["7", "7"]
    assert len(calls) == 4
    assert redis.keys() == [f"propiq:v1:{name}:7" for name in ("four", "one", "three", "two")]
    Service().one.invalidate("7")
    asyncio.run(Service().two.invalidate("7"))
    assert len(redis.keys()) == 2


@pytest.mark.parametrize("annotation", [Request, Session, "Session | None", list[Session], dict[str, Session]])
def test_an_argument_that_no_key_can_be_made_of_is_refused_at_decoration(store, annotation):
    def fn(user_id: str, it):
        return user_id

    fn.__annotations__["it"] = annotation
    with pytest.raises(TypeError, match='argument it .*ignore=\\("it",\\)'):
        store.cached(ttl=60, key_prefix="user")(fn)


def test_an_argument_without_annotation_that_no_key_can_be_made_of_is_refused_at_the_call(store):
    fn, calls = counting(store)
    with pytest.raises(TypeError, match="no key can be made of the argument args \\(Session\\)"):
        fn(Session())
    assert calls == []


def test_arguments_are_left_out_by_name(store):
    calls = []

    @store.cached(ttl=60, key_prefix="user", ignore=("db",))
    def fn(user_id: str, db: Session):
        calls.append(db)
        return user_id

    assert [fn("7", Session()), fn("7", db=Session())] == ["7", "7"]
    assert len(calls) == 1
    with pytest.raises(TypeError, match="no argument session"):
        store.cached(ttl=60, key_prefix="other", ignore=("session",))(lambda user_id: user_id)


def test_key_says_what_the_value_depends_on(store, redis):
    @store.cached(ttl=60, key_prefix="user", key=lambda db, user_id: [user_id])
    def fn(db: Session, user_id: str):
        return user_id

    fn(Session(), "7")
    assert redis.keys() == ["propiq:v1:user:7"]
    fn.invalidate(None, "7")
    assert redis.keys() == []


class Order(str, Enum):
    NEW = "new"


@pytest.mark.parametrize(
    ("one", "same"),
    [
        (1, "1"),
        (Order.NEW, "new"),
        (UUID(int=1), str(UUID(int=1))),
        ([1, 2], (1, 2)),
        ({"a": 1, "b": [2]}, {"b": [2], "a": 1}),
        ({3, 1}, {1, 3}),
        (2.0, 2),
    ],
)
def test_arguments_of_one_meaning_share_a_key(store, one, same):
    fn, calls = counting(store)
    assert fn(one) == fn(same)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("one", "other"), [(1.5, 1.25), ([1], "[1]"), (None, "None"), (True, "True"), ([1, 2], [2, 1])]
)
def test_other_arguments_have_another_key(store, one, other):
    fn, calls = counting(store)
    assert fn(one) != fn(other)


def test_none_is_a_value(store):
    calls = []

    @store.cached(ttl=60, key_prefix="user")
    def fn(user_id: str) -> str | None:
        calls.append(user_id)

    assert [fn("7"), fn("7"), fn("7")] == [None] * 3
    assert calls == ["7"]


def test_each_caller_gets_a_copy(store):
    fn, _ = counting(store)
    fn("7")["call"] = "changed"
    assert fn("7") == {"call": 1}


def test_forty_threads_that_ask_at_the_same_time_cost_one_load(store):
    calls, all_here = [], threading.Barrier(40)

    @store.cached(ttl=60, key_prefix="user")
    def fn(user_id: str):
        calls.append(user_id)
        time.sleep(0.2)
        return user_id

    def ask(_):
        all_here.wait()
        return fn("7")

    with ThreadPoolExecutor(40) as threads:
        assert list(threads.map(ask, range(40))) == ["7"] * 40
    assert calls == ["7"]


def test_tasks_of_several_event_loops_cost_one_load(store):
    calls, all_here = [], threading.Barrier(4)

    @store.cached(ttl=60, key_prefix="user")
    async def fn(user_id: str):
        calls.append(user_id)
        await asyncio.sleep(0.2)
        return user_id

    async def many():
        return await asyncio.gather(*(fn("7") for _ in range(50)))

    def loop(_):
        all_here.wait()
        return asyncio.run(many())

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(loop, range(4))) == [["7"] * 50] * 4
    assert calls == ["7"]


def test_a_caller_that_is_cancelled_takes_the_load_from_nobody(store):
    calls = []

    @store.cached(ttl=60, key_prefix="user")
    async def fn(user_id: str):
        calls.append(user_id)
        await asyncio.sleep(0.1)
        return user_id

    async def main():
        first = asyncio.ensure_future(fn("7"))
        second = asyncio.ensure_future(fn("7"))
        await asyncio.sleep(0.05)
        first.cancel()
        return await second

    assert asyncio.run(main()) == "7"
    assert calls == ["7"]


def test_who_waits_for_a_load_of_a_loop_that_was_stopped_loads_again(store):
    started, calls = threading.Event(), []

    @store.cached(ttl=60, key_prefix="user")
    async def fn(user_id: str):
        calls.append(user_id)
        started.set()
        await asyncio.sleep(30 if len(calls) == 1 else 0)
        return user_id

    async def given_up():
        task = asyncio.ensure_future(fn("7"))
        await asyncio.sleep(0.3)
        task.cancel()

    stopped = threading.Thread(target=lambda: asyncio.run(given_up()))
    stopped.start()
    started.wait()
    assert asyncio.run(fn("7")) == "7"
    stopped.join()
    assert calls == ["7", "7"]


def test_an_error_is_handed_on_to_all_who_wait_and_kept_for_nobody(store):
    calls, all_here = [], threading.Barrier(5)

    @store.cached(ttl=60, key_prefix="user")
    def fn(user_id: str):
        calls.append(user_id)
        time.sleep(0.2)
        raise LookupError(f"call {len(calls)}")

    def ask(_):
        all_here.wait()
        with pytest.raises(LookupError, match="call 1"):
            fn("7")

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(ask, range(5)))
    with pytest.raises(LookupError, match="call 2"):
        fn("7")


def test_a_function_may_call_itself_and_others(store):
    @store.cached(ttl=60, key_prefix="sum")
    def total(number: int) -> int:
        return number + (total(number - 1) if number else 0)

    assert total(5) == 15


@pytest.mark.parametrize("path", ["a miss", "a value in grace"])
@pytest.mark.parametrize("kind", ["async def", "def"])
def test_a_function_that_calls_itself_for_the_same_key_is_run(store, kind, path):
    depths = []
    grace = {"grace_seconds": 60, "load_limit_ms": 60_000} if path == "a value in grace" else {}
    depth = contextvars.ContextVar("depth", default=0)

    def below() -> bool:
        depths.append(depth.get())
        depth.set(depth.get() + 1)
        return depth.get() < 3

    @store.cached(ttl=0.3, key_prefix="own", **grace)
    def in_thread(user_id: str) -> str:
        return in_thread(user_id) if below() else user_id

    @store.cached(ttl=0.3, key_prefix="own_in_loop", **grace)
    async def in_loop(user_id: str) -> str:
        # Also by way of a task of its own, and beside others.
        return (await asyncio.gather(in_loop(user_id)))[0] if below() else user_id

    async def call() -> str:
        return await asyncio.wait_for(in_loop("7"), 10)

    def ask() -> str:
        return asyncio.run(call()) if kind == "async def" else contextvars.copy_context().run(in_thread, "7")

    assert ask() == "7"
    assert depths == [0, 1, 2]
    if grace:
        depths.clear()
        time.sleep(0.4)
        assert ask() == "7"
        assert depths[:1] == [0]


def test_invalidation_follows_the_success_of_the_function(store):
    fn, calls = counting(store)
    fn("7")
    pattern = Invalidation(lambda: store._core, "user:*")

    @pattern
    def fails():
        raise LookupError

    @pattern
    def works() -> str:
        return "done"

    @pattern
    async def works_too() -> str:
        return "done"

    with pytest.raises(LookupError):
        fails()
    assert fn("7") == {"call": 1}
    assert works() == "done"
    assert fn("7") == {"call": 2}
    assert asyncio.run(works_too()) == "done"
    assert fn("7") == {"call": 3}


def test_an_invalidation_that_is_forgotten_warns():
    with pytest.warns(RuntimeWarning, match="neither awaited nor used"):
        propiq_cache.cache_invalidate("user:*")
        gc.collect()


def test_an_invalidation_without_a_pattern_is_refused_before_anything_is_written():
    with pytest.raises(TypeError, match="not a list"):
        propiq_cache.cache_invalidate(key_pattern=["user:*"])


def test_below_a_key_all_is_forgotten_whatever_its_parts_hold(store, redis):
    fn, _ = counting(store)
    for user in ("*", "Ann B", "7"):
        fn(user, 1)
    store.direct.invalidate_below("user", "*")
    assert redis.keys() == ["propiq:v1:user:7:1", "propiq:v1:user:Ann%20B:1"]
    store.direct.invalidate_below("user", "Ann B")
    assert redis.keys() == ["propiq:v1:user:7:1"]


def test_a_namespace_belongs_to_one_function(store):
    counting(store)
    with pytest.raises(TypeError, match="user already belongs to .*counting"):

        @store.cached(ttl=60, key_prefix="user")
        def other():
            pass


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"key_prefix": "user_session"}, "must not be cached"),
        ({"key_prefix": "User"}, "not a namespace"),
        ({"ttl": 0}, "above 0"),
        ({"ttl": "hour"}, "short, medium, long, day, not 'hour'"),
        ({"ttl": timedelta(hours=1)}, "not a timedelta"),
        ({"stale_seconds": 61}, "stale_seconds from 0 to ttl"),
        ({"grace_seconds": -1}, "grace_seconds"),
    ],
)
def test_mistakes_are_refused_at_decoration(store, options, error):
    with pytest.raises((TypeError, ValueError), match=error):
        counting(store, **options)


def test_what_is_not_a_function_is_refused(store):
    with pytest.raises(TypeError, match="put @classmethod above @cached"):

        class Service:
            @store.cached(ttl=60, key_prefix="user")
            @classmethod
            def fn(cls):
                pass

    with pytest.raises(TypeError, match="generator"):

        @store.cached(ttl=60, key_prefix="user")
        def fn():
            yield 1


def test_under_a_route_signature_validation_and_dependencies_stay(store):
    app, calls = FastAPI(), []

    def who(request: Request) -> str:
        return request.headers["x-user"]

    @app.get("/users/{user_id}")
    @store.cached(ttl=60, key_prefix="user")
    def user(user_id: int, name: str = Depends(who)) -> User:
        calls.append(user_id)
        return User(id=user_id, name=name)

    @app.get("/async/{user_id}", response_model=list[User])
    @store.cached(ttl=60, key_prefix="users", ignore=("request",))
    async def users(request: Request, user_id: int):
        calls.append(user_id)
        return [User(id=user_id, name=request.headers["x-user"])]

    with TestClient(app, headers={"x-user": "Ann"}) as client:
        assert [client.get("/users/7").json() for _ in range(2)] == [{"id": 7, "name": "Ann"}] * 2
        assert client.get("/users/7", headers={"x-user": "Bob"}).json() == {"id": 7, "name": "Bob"}
        assert client.get("/users/seven").status_code == 422
        assert [client.get("/async/7").json() for _ in range(2)] == [[{"id": 7, "name": "Ann"}]] * 2
        schema = client.get("/openapi.json").json()["paths"]
    assert calls == [7, 7, 7, 7]
    assert [each["name"] for each in schema["/users/{user_id}"]["get"]["parameters"]] == ["user_id"]
    assert schema["/users/{user_id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/User"
    }
