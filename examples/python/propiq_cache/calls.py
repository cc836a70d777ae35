"""Carries out the calls of cached functions: `def` in the caller's thread, `async def` in its event loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from .flights import Abandoned, Flight, Flights
from .function import Flow, Function, Later, Load, Loaded, Outcome, Wait
from .link import Link
from .steps import Ask

_BACKGROUND = 16
"""Threads that load in the background, at most."""

_loading: contextvars.ContextVar[tuple[tuple[Calls, str], ...]] = contextvars.ContextVar(
    "propiq_cache_loading", default=()
)
"""The loads that wait for the current code: those further up in its stack, and in the tasks that started it."""


class Calls:
    def __init__(self, link: Link) -> None:
        self._link = link
        self._loads: Flights[Outcome] = Flights()
        self._refreshes: Flights[Outcome] = Flights()
        self._background = threading.Semaphore(_BACKGROUND)
        self._tasks: set[asyncio.Task[None]] = set()

    def invalidate(self, matches: Callable[[str], bool]) -> None:
        self._loads.invalidate(matches)
        self._refreshes.invalidate(matches)

    def call(self, function: Function, plain: str, load: Callable[[], Any]) -> Any:
        while True:
            flight, is_mine = self._loads.join(plain)
            if is_mine:
                outcome = self._carry_out(self._loads, flight, function.answer(plain, flight), function, load)
            elif self._waits_for_caller(plain):
                return load()
            else:
                try:
                    outcome = flight.wait()
                except Abandoned:
                    continue
            return _given(function, outcome) if is_mine or outcome.kind != "passed" else load()

    async def call_in_loop(self, function: Function, plain: str, load: Callable[[], Awaitable[Any]]) -> Any:
        while True:
            flight, is_mine = self._loads.join(plain)
            if is_mine:
                flight.loop = asyncio.get_running_loop()
                flow = function.answer(plain, flight)
                # A task of its own: others wait for it, too, where this caller is cancelled.
                task = self._start(self._carry_out_in_loop(self._loads, flight, flow, function, load))
                await asyncio.shield(task)
                outcome = flight.result.result()
            elif self._waits_for_caller(plain):
                return await load()
            else:
                try:
                    outcome = await flight.wait_in_loop()
                except Abandoned:
                    continue
            return _given(function, outcome) if is_mine or outcome.kind != "passed" else await load()

    def _waits_for_caller(self, plain: str) -> bool:
        """Whether the function calls itself for the same key. If it waited for that load, neither would ever end."""
        return (self, plain) in _loading.get()

    def _carry_out(
        self,
        flights: Flights[Outcome],
        flight: Flight[Outcome],
        flow: Flow,
        function: Function,
        load: Callable[[], Any],
    ) -> Outcome:
        def perform(step: Ask | Load | Later | Wait) -> object:
            if isinstance(step, Ask):
                return self._link.ask(step.commands, step.limit_ms)
            if isinstance(step, Load):
                return self._loaded(load, flight.plain)
            if isinstance(step, Wait):
                return step.flight.wait(step.seconds)
            return self._load_later(function, flight.plain, load)

        try:
            step = next(flow)
            while True:
                try:
                    answer = perform(step)
                except Exception as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            outcome: Outcome = end.value
        except BaseException as error:
            flights.fail(flight, error)
            raise
        flights.land(flight, outcome)
        return outcome

    async def _carry_out_in_loop(
        self,
        flights: Flights[Outcome],
        flight: Flight[Outcome],
        flow: Flow,
        function: Function,
        load: Callable[[], Awaitable[Any]],
    ) -> None:
        async def perform(step: Ask | Load | Later | Wait) -> object:
            if isinstance(step, Ask):
                return await self._link.ask_in_loop(step.commands, step.limit_ms)
            if isinstance(step, Load):
                return await self._loaded_in_loop(load, flight.plain)
            if isinstance(step, Wait):
                return await step.flight.wait_in_loop(step.seconds)
            return self._load_later_in_loop(function, flight.plain, load)

        try:
            step = next(flow)
            while True:
                try:
                    answer = await perform(step)
                except Exception as error:
                    step = flow.throw(error)
                else:
                    step = flow.send(answer)
        except StopIteration as end:
            flights.land(flight, end.value)
        except Exception as error:
            flights.fail(flight, error)
        except BaseException as error:
            flights.fail(flight, error)
            raise

    def _load_later(self, function: Function, plain: str, load: Callable[[], Any]) -> Flight[Outcome] | None:
        flight, is_mine = self._refreshes.join(plain)
        if not is_mine:
            return None if self._waits_for_caller(plain) else flight
        if not self._background.acquire(blocking=False):
            self._refreshes.fail(flight, Abandoned())
            return None
        context = contextvars.copy_context()

        def work() -> None:
            try:
                flow = function.load(plain, flight)
                context.run(self._carry_out, self._refreshes, flight, flow, function, load)
            except Exception:
                pass  # The flight has it; where nobody waits for it, the next to ask tries again.
            finally:
                self._background.release()

        threading.Thread(target=work, name="propiq-cache-load", daemon=True).start()
        return flight

    def _load_later_in_loop(
        self, function: Function, plain: str, load: Callable[[], Awaitable[Any]]
    ) -> Flight[Outcome] | None:
        flight, is_mine = self._refreshes.join(plain)
        if not is_mine:
            return None if self._waits_for_caller(plain) else flight
        flight.loop = asyncio.get_running_loop()
        flow = function.load(plain, flight)
        self._start(self._carry_out_in_loop(self._refreshes, flight, flow, function, load))
        return flight

    def _loaded(self, load: Callable[[], Any], plain: str) -> Loaded:
        outside = _loading.set((*_loading.get(), (self, plain)))
        start = time.perf_counter()
        try:
            return Loaded(load(), None, (time.perf_counter() - start) * 1000)
        except Exception as error:
            return Loaded(None, error, (time.perf_counter() - start) * 1000)
        finally:
            _loading.reset(outside)

    async def _loaded_in_loop(self, load: Callable[[], Awaitable[Any]], plain: str) -> Loaded:
        # Not reset: each load has a task of its own, whose context ends with it.
        _loading.set((*_loading.get(), (self, plain)))
        start = time.perf_counter()
        try:
            return Loaded(await load(), None, (time.perf_counter() - start) * 1000)
        except Exception as error:
            return Loaded(None, error, (time.perf_counter() - start) * 1000)

    def _start(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _given(function: Function, outcome: Outcome) -> Any:
    if outcome.kind == "hit":
        function.counts.hit(outcome.took_ms)
    elif outcome.kind != "passed":
        function.counts.miss(outcome.kind == "graced")
    return outcome.copy()
