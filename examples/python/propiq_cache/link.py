"""Redis behind time limits and a breaker.

Whoever asks gets an answer within the limit, or `Unavailable`. While Redis is away, slow or refuses, nobody waits for
it at all; a probe of its own finds out when it is back.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

from .settings import Server

Answer = TypeVar("Answer")

_FAILURES = 3
"""In a row, after which it is taken to be away. One alone may be chance."""
_TICK_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 0.8
"""Between two probes, at most; with what connecting takes, within two seconds of Redis' return."""
_DEAD_SECONDS = 2.0
"""A connection on which nothing comes for so long is dead."""
_CONNECTIONS = 8
"""For each process; each takes one command at a time. Small plans allow few in all."""
_MIXED = "Redis' answers were out of order"


class Unavailable(Exception):
    """There is no answer, or none in time: do without."""


class _Late(Unavailable):
    pass


class Link:
    def __init__(
        self,
        server: Server,
        *,
        limit_ms: float,
        probe_key: str,
        on_return: Callable[[Redis], Awaitable[None]],
        owes: Callable[[], bool],
    ) -> None:
        """
        :param limit_ms: what a request may wait for an answer
        :param probe_key: read to see whether Redis is well; nothing lies there
        :param on_return: done before anybody is let through again; while it raises, nobody is
        :param owes: whether that has to be done again, for what came up since
        """
        self._pool = BlockingConnectionPool(timeout=_DEAD_SECONDS, **_pool_options(server))
        self._redis = Redis(connection_pool=self._pool)
        self._limit_ms = limit_ms
        self._probe_key = probe_key
        self._on_return = on_return
        self._owes = owes
        self._waiting: set[asyncio.Future[None]] = set()
        self._tasks: set[asyncio.Future[object]] = set()
        self._usable = False
        self._failures = 0
        self._reason: str | None = "not connected yet"
        self._watch: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def usable(self) -> bool:
        """Whether commands are let through."""
        return self._usable

    @property
    def reason(self) -> str | None:
        """Why they are not, without a value of the settings; None while they are."""
        return None if self._usable else self._reason

    def start(self) -> None:
        """Begins to connect, if it has not begun; an event loop must run."""
        if self._watch is None and not self._usable and not self._closed:
            self._watch = asyncio.ensure_future(self._until_usable())

    async def ask(
        self, command: Callable[[Redis], Awaitable[Answer]], limit_ms: float | None = None
    ) -> Answer:
        """:raises Unavailable: or what Redis says against it"""
        if not self._usable:
            self.start()
            raise Unavailable(self._reason)
        try:
            answer = await self._within(command, limit_ms or self._limit_ms)
        except (RedisError, Unavailable, OSError) as error:
            self._count(error)
            raise
        self._failures = 0
        return answer

    def doubt(self, why: str) -> None:
        """Lets nobody through until Redis has been seen to be well, and `on_return` done."""
        if self._usable:
            self._leave(why)

    def renew(self) -> None:
        """Gives all connections up, whose answers cannot be trusted."""
        self._leave(_MIXED)

    async def ready(self, within_seconds: float) -> bool:
        """Resolves once commands are let through, or with False."""
        self.start()
        end = time.monotonic() + within_seconds
        while not self._usable and time.monotonic() < end:
            await asyncio.sleep(_TICK_SECONDS)
        return self._usable

    async def close(self) -> None:
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
        self._leave("closed")
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._pool.disconnect()

    async def _within(self, command: Callable[[Redis], Awaitable[Answer]], limit_ms: float) -> Answer:
        """A late answer is dropped, but never its command cut short: the connection would be lost with it, or, in
        some versions of the client, its answer be given to the next who asks."""
        loop = asyncio.get_running_loop()
        task = asyncio.ensure_future(command(self._redis))
        self._keep(task)
        free: asyncio.Future[None] = loop.create_future()
        task.add_done_callback(lambda _: free.done() or free.set_result(None))
        timer = loop.call_later(limit_ms / 1000, self._late, free, 5)
        self._waiting.add(free)
        try:
            await free
        finally:
            timer.cancel()
            self._waiting.discard(free)
        if not task.done():
            raise _Late(f"no answer in {limit_ms} ms") if self._usable else Unavailable(self._reason)
        return task.result()

    def _late(self, free: asyncio.Future[None], turns: int) -> None:
        """After a pause of this process the timer comes before what has arrived is read, which takes some turns."""
        if free.done():
            return
        if turns > 0:
            asyncio.get_running_loop().call_soon(self._late, free, turns - 1)
        else:
            free.set_result(None)

    def _keep(self, task: asyncio.Future[object]) -> None:
        self._tasks.add(task)

        def ended(done: asyncio.Future[object]) -> None:
            self._tasks.discard(done)
            if not done.cancelled():
                done.exception()

        task.add_done_callback(ended)

    def _count(self, error: Exception) -> None:
        if isinstance(error, ReadOnlyError):
            # After a failover the name leads to the new primary.
            self._leave(in_words(error))
        # Of one key or of writing only; those who want to read are served all the same.
        if isinstance(error, OutOfMemoryError | NoPermissionError) or re.match("WRONGTYPE|MISCONF", str(error)):
            return
        self._failures += 1
        if self._failures >= _FAILURES:
            self.doubt(in_words(error))

    def _leave(self, why: str) -> None:
        if self._usable:
            self._reason = why
        self._usable = False
        self._failures = 0
        for free in self._waiting:
            if not free.done():
                free.set_result(None)
        self.start()

    async def _until_usable(self) -> None:
        pause = _TICK_SECONDS
        while True:
            trouble = await self._examine()
            if trouble is None and not self._owes():
                self._usable, self._reason, self._watch = True, None, None
                return
            if trouble is not None:
                self._reason = trouble
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    async def _examine(self) -> str | None:
        """:returns: what is wrong with Redis, if anything"""
        try:
            async with asyncio.timeout(_DEAD_SECONDS):
                # Connections that hang would be waited for. Whoever gave them up has gone on already.
                await self._pool.disconnect()
                # All at once, so that the pool is full and no request has to wait for a new connection.
                await asyncio.gather(*(self._redis.ping() for _ in range(_CONNECTIONS)))
                start = time.monotonic()
                if await self._redis.get(self._probe_key) is not None:
                    return _MIXED
                took_ms = (time.monotonic() - start) * 1000
                if took_ms > self._limit_ms:
                    return f"Redis takes {round(took_ms)} ms to answer"
            await self._on_return(self._redis)
            return None
        except TimeoutError:
            return "Redis does not answer"
        except (RedisError, OSError) as error:
            return in_words(error)


def _pool_options(server: Server) -> dict[str, object]:
    tls = {"ssl_cert_reqs": "required", "ssl_check_hostname": True} if server.tls else {}
    return {
        "connection_class": SSLConnection if server.tls else Connection,
        "max_connections": _CONNECTIONS,
        "host": server.host,
        "port": server.port,
        "db": server.db,
        "username": server.username,
        "password": server.password,
        # The older protocol needs no HELLO, which not all that stands before a Redis knows.
        "protocol": 2,
        "driver_info": None,
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": _DEAD_SECONDS,
        "socket_connect_timeout": _DEAD_SECONDS,
        "socket_keepalive": True,
        **tls,
    }


def in_words(error: Exception) -> str:
    """For the health document, which anybody may read: codes, no addresses and no texts of others."""
    if isinstance(error, _Late):
        return "Redis does not answer in time"
    if re.search("limit exceeded|quota", str(error), re.I):
        return "Redis' quota is used up"
    codes = {
        AuthenticationError: "WRONGPASS",
        BusyLoadingError: "LOADING",
        NoPermissionError: "NOPERM",
        OutOfMemoryError: "OOM",
        ReadOnlyError: "READONLY",
    }
    code = next((code for kind, code in codes.items() if isinstance(error, kind)), None)
    if code is None and isinstance(error, ResponseError):
        match = re.match(r"[A-Z]{2,20}\b", str(error))
        code = match[0] if match else "ERR"
    return "Redis cannot be reached" if code is None else f"Redis answers {code}"
