"""Decorators that keep what a function is: `def` or `async def`, its signature, its place in a class."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

from .annotations import UNKNOWN, annotations_of
from .arguments import Arguments
from .codec import Codec
from .core import Core, Registered
from .function import Function
from .keys import plain_name
from .lost import Pattern

P = ParamSpec("P")
R = TypeVar("R", covariant=True)


class Cached(Protocol, Generic[P, R]):
    """The function, now with a memory."""

    @property
    def invalidate(self) -> Callable[..., Any]:
        """Forgets the value for these arguments, after their data changed. Of an `async def` it is awaited."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Cached[P, R]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> Cached[..., R]: ...


def codec_of(fn: Callable[..., Any], names: dict[str, Any]) -> Callable[[], Codec]:
    """Made at the first use: by then classes are defined that were not when the function was decorated."""
    return functools.cache(lambda: Codec(annotations_of(fn, names).get("return", UNKNOWN)))


def full_name(fn: Callable[..., Any]) -> str:
    return f"{getattr(fn, '__module__', '?')}.{getattr(fn, '__qualname__', repr(fn))}"


def check_function(fn: Any, decorator: str) -> None:
    """:raises TypeError: for what cannot be decorated"""
    if isinstance(fn, classmethod | staticmethod):
        raise TypeError(f"put @{type(fn).__name__} above @{decorator}")
    if inspect.isgeneratorfunction(fn) or inspect.isasyncgenfunction(fn):
        raise TypeError(f"@{decorator} cannot be used on a generator: {full_name(fn)}")


def is_async(fn: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(fn) or inspect.iscoroutinefunction(type(fn).__call__)


def remembering(
    fn: Callable[P, R], arguments: Arguments, core: Callable[[], Core], registered: Registered
) -> Cached[P, R]:
    """:param core: that of the function's cache"""
    namespace = registered.namespace
    made: list[Function] = []

    def function(owner: Core) -> Function | None:
        if not made:
            link = owner.link
            if link is None:
                return None
            made.append(owner.function_of(registered, link))
        return made[0]

    def pattern(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Pattern:
        return Pattern(plain_name(namespace, arguments.of(args, kwargs)), True)

    if is_async(fn):
        load: Any = fn

        @functools.wraps(fn)
        async def call_in_loop(*args: Any, **kwargs: Any) -> Any:
            plain = plain_name(namespace, arguments.of_call(args, kwargs))
            owner = core()
            known = function(owner)
            if known is None or owner.calls is None:
                return await load(*args, **kwargs)
            return await owner.calls.call_in_loop(known, plain, lambda: load(*args, **kwargs))

        async def invalidate_in_loop(*args: Any, **kwargs: Any) -> None:
            owner, which = core(), pattern(args, kwargs)
            if owner.link is not None:
                await owner.link.run_in_loop(owner.forget(which))

        call_in_loop.invalidate = invalidate_in_loop  # type: ignore[attr-defined]
        return call_in_loop  # type: ignore[return-value]

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        plain = plain_name(namespace, arguments.of_call(args, kwargs))
        owner = core()
        known = function(owner)
        if known is None or owner.calls is None:
            return fn(*args, **kwargs)
        return owner.calls.call(known, plain, lambda: fn(*args, **kwargs))

    def invalidate(*args: Any, **kwargs: Any) -> None:
        owner, which = core(), pattern(args, kwargs)
        if owner.link is not None:
            owner.link.run(owner.forget(which))

    call.invalidate = invalidate  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]
