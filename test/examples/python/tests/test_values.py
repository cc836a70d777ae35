from __future__ import annotations

import dataclasses
import logging
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypedDict
from uuid import UUID

import pytest
from pydantic import BaseModel, Field, computed_field


class Colour(Enum):
    RED = "red"


class User(BaseModel):
    id: int
    name: str = Field(alias="fullName")
    since: datetime
    balance: Decimal = Decimal("0.10")
    colours: set[Colour] = set()

    model_config = {"populate_by_name": True}

    @computed_field
    @property
    def initial(self) -> str:
        return self.name[0]


class Admin(User):
    rights: list[str] = []


@dataclasses.dataclass
class Point:
    x: float
    y: Decimal


class Row(TypedDict):
    at: datetime


class Picture(BaseModel):
    png: bytes
    colour: Colour = Colour.RED
    taken: datetime | None = None
    sizes: dict[int, tuple[int, int]] = {}


@dataclasses.dataclass
class Signed:
    by: Picture
    signature: bytes


NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ANN = User(id=1, name="Ann", since=NOW, colours={Colour.RED})

ANNOTATED: list[tuple[Any, Any]] = [
    (User, ANN),
    (list[User], [ANN, ANN]),
    (dict[int, User], {7: ANN}),
    (User | None, None),
    (Point, Point(1.5, Decimal("2.50"))),
    (list[Point], [Point(1.5, Decimal("2.50"))]),
    (datetime, NOW),
    (date, date(2026, 1, 2)),
    (Decimal, Decimal("1.10")),
    (UUID, UUID(int=7)),
    (Colour, Colour.RED),
    (set[int], {1, 2}),
    (frozenset[str], frozenset({"a"})),
    (tuple[int, str], (1, "a")),
    (bytes, b"\xff\x00"),
    (list[bytes], [b"\xff"]),
    (Picture, Picture(png=b"\x89PNG\xff", taken=NOW, sizes={1: (2, 3)})),
    (list[Picture], [Picture(png=b"\xff"), Picture(png=b"text")]),
    (Signed, Signed(Picture(png=b"\xff"), b"\xfe")),
    (Row, {"at": NOW}),
    (dict, {"at": NOW, "nested": [{"ids": {1, 2}}]}),
    (dict[str, Any], {"price": Decimal("1.10"), "pair": (1, 2)}),
    (Any, {"price": Decimal("1.10")}),
]


@pytest.mark.parametrize(("annotation", "value"), ANNOTATED, ids=lambda each: str(each)[:40])
def test_a_hit_gives_the_type_of_the_return_annotation_as_a_miss_does(store, annotation, value):
    calls = []

    def fn():
        calls.append(1)
        return value

    fn.__annotations__["return"] = annotation
    cached = store.cached(ttl=60, key_prefix="user")(fn)
    miss, hit = cached(), cached()
    assert calls == [1]
    assert miss == hit == value
    assert type(miss) is type(hit) is type(value)


UNANNOTATED = [value for annotation, value in ANNOTATED if annotation in (dict, dict[str, Any], Any)] + [
    NOW,
    time(1, 2),
    timedelta(days=1, microseconds=7),
    Decimal("1.10"),
    UUID(int=7),
    b"\xff",
    {1: "a", (1, 2): {date(2026, 1, 2)}},
    [(), set(), frozenset({1})],
    "\ud800",
    "",
    0,
    False,
]


@pytest.mark.parametrize("value", UNANNOTATED, ids=str)
def test_without_an_annotation_pythons_own_types_come_back_too(store, value):
    calls = []

    @store.cached(ttl=60, key_prefix="user")
    def fn():
        calls.append(1)
        return value

    miss, hit = fn(), fn()
    assert calls == [1]
    assert miss == hit == value
    assert type(miss) is type(hit) is type(value)


UNKEEPABLE: dict[str, Callable[[], Any]] = {
    "a class of one's own": object,
    "a model without an annotation": lambda: ANN,
    "a generator": lambda: (each for each in [1]),
    "what is no number": lambda: float("nan"),
    "a subclass that may have more": lambda: OrderedDict(a=1),
    "more than a million bytes": lambda: "x" * 1_000_001,
}


@pytest.mark.parametrize("make", UNKEEPABLE.values(), ids=UNKEEPABLE)
def test_what_cannot_be_kept_is_passed_on_and_reported_once(store, redis, caplog, make):
    given = []

    @store.cached(ttl=60, key_prefix="user:thing")
    def find_thing():
        given.append(make())
        return given[-1]

    with caplog.at_level(logging.WARNING, "propiq_cache"):
        taken = [find_thing(), find_thing()]
    if isinstance(given[0], str):
        assert taken == given
    else:
        assert taken[0] is given[0]
        assert taken[1] is given[1]
    assert redis.keys() == []
    [record] = caplog.records
    for part in ("find_thing", "user:thing", type(given[0]).__name__):
        assert part in record.getMessage()


@pytest.mark.parametrize("value", [object(), "x" * 1_000_001], ids=["no JSON", "too long"])
def test_a_direct_value_that_cannot_be_kept_is_reported_once_without_the_rest_of_its_key(store, redis, caplog, value):
    with caplog.at_level(logging.WARNING, "propiq_cache"):
        assert [store.direct.set(f"user:{user}", value, ttl=60) for user in ("ann", "bob")] == [False, False]
    assert redis.keys() == []
    [record] = caplog.records
    for part in ("user", type(value).__name__):
        assert part in record.getMessage()
    assert "ann" not in record.getMessage()


def test_a_subclass_is_not_cut_down_to_what_the_annotation_names(store, caplog):
    admin = Admin(id=1, name="Ann", since=NOW, rights=["all"])

    @store.cached(ttl=60, key_prefix="user")
    def fn() -> User:
        return admin

    assert [fn(), fn()] == [admin, admin]
    assert "does not describe it" in caplog.text


def test_a_value_that_is_not_what_the_annotation_says_comes_back_as_it_is(store):
    @store.cached(ttl=60, key_prefix="user")
    def fn() -> User:
        return {"id": 1}  # type: ignore[return-value]

    assert [fn(), fn()] == [{"id": 1}, {"id": 1}]
    assert store.direct.stats()["hits"] == 1


def test_a_value_of_another_shape_is_a_miss(store, redis):
    calls = []

    @store.cached(ttl=60, key_prefix="user")
    def fn(user_id: str) -> User:
        calls.append(user_id)
        return ANN

    redis.call("SET", "propiq:v1:user:1", '{"of":"user:1","fresh":9999999999999}\n{"id":"of before"}')
    assert fn("1") == ANN
    assert calls == ["1"]


def test_a_class_that_is_defined_later_is_found(store):
    @store.cached(ttl=60, key_prefix="user")
    def fn() -> list[Later]:
        return [Later(1)]

    assert [fn(), fn()] == [[Later(1)], [Later(1)]]
    assert store.direct.stats()["hits"] == 1


@dataclasses.dataclass
class Later:
    x: int


def test_a_class_of_the_surrounding_function_is_found(store):
    class Local(BaseModel):
        x: int

    @store.cached(ttl=60, key_prefix="user")
    def fn() -> Local:
        return Local(x=1)

    assert [fn(), fn()] == [Local(x=1)] * 2
    assert store.direct.stats()["hits"] == 1


def test_direct_values_come_back_too(store):
    direct = store.direct
    for value in [{"at": NOW, "ids": {1}}, None, (1, 2), b"\xff"]:
        assert direct.set("a key: with *anything*", value, ttl=60)
        assert direct.get("a key: with *anything*", "missing") == value
    assert direct.set("user:1", ANN, ttl=60)
    assert direct.get("user:1")["id"] == 1
    assert direct.get("user:1", type=User) == ANN
    assert direct.get("other", "missing") == "missing"
    assert direct.set("user:2", object(), ttl=60) is False
    with pytest.raises(ValueError, match="must not be cached"):
        direct.set("session:1", 1, ttl=60)
    with pytest.raises(ValueError, match="above 0"):
        direct.set("user:1", 1, ttl=0)
    with pytest.raises(ValueError, match="not 'hour'"):
        direct.set("user:1", 1, ttl="hour")


def test_a_direct_value_is_what_the_decorated_function_gives(store):
    @store.cached(ttl=60, key_prefix="user")
    def get_user(user_id: str) -> User:
        raise AssertionError("not from the cache")

    store.direct.set("user:Ann B", ANN, ttl=60)
    assert get_user("Ann B") == ANN
    store.direct.delete("user:Ann B")
    with pytest.raises(AssertionError):
        get_user("Ann B")
