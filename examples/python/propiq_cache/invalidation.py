"""`cache_invalidate`: on the function that writes, or by itself."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Generator
from typing import Any, ParamSpec, TypeVar

from .core import Core
from .decorate import check_function, is_async
from .lost import Pattern

P = ParamSpec("P")
R = TypeVar("R")


class Invalidation:
    """Forgets what fits a pattern: after a function that it decorates has succeeded, or when it is awaited."""

    def __init__(self, core: Callable[[], Core], pattern: str) -> None:
        """:raises TypeError: for a pattern that is not a text"""
        self._used = True
        if not isinstance(pattern, str):
            raise TypeError(f"key_pattern must be a text such as 'user:*', not a {type(pattern).__name__}")
        self._core = core
        self._pattern = pattern
        self._used = False

    def __call__(self, fn: Callable[P, R]) -> Callable[P, R]:
        self._used = True
        check_function(fn, "cache_invalidate")
        if is_async(fn):
            write: Any = fn

            @functools.wraps(fn)
            async def call_in_loop(*args: Any, **kwargs: Any) -> Any:
                result = await write(*args, **kwargs)
                await self._forget_in_loop()
                return result

            return call_in_loop  # type: ignore[return-value]

        @functools.wraps(fn)
        def call(*args: P.args, **kwargs: P.kwargs) -> R:
            result = fn(*args, **kwargs)
            core = self._core()
            if core.link is not None:
                core.link.run(core.forget(Pattern(self._pattern, False)))
            return result

        return call

    def __await__(self) -> Generator[Any, None, None]:
        self._used = True
        return self._forget_in_loop().__await__()

    def __del__(self) -> None:
        if not self._used:
            text = f"cache_invalidate({self._pattern!r}) was neither awaited nor used as a decorator"
            warnings.warn(text, RuntimeWarning, stacklevel=2)

    async def _forget_in_loop(self) -> None:
        core = self._core()
        if core.link is not None:
            await core.link.run_in_loop(core.forget(Pattern(self._pattern, False)))
