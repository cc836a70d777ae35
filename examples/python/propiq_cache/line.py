"""The connection of one event loop. Many tasks ask over it at once; replies arrive in the order of the commands."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from .connection import handshake, tls_context
from .settings import Server
from .wire import Command, Garbage, Late, Refused, Replies, Reply, Unavailable, pack

_READ_SIZE = 64 * 1024
_TURNS = 5


class Line:
    def __init__(self, server: Server, connect_seconds: float, lost: Callable[[BaseException], None]) -> None:
        """:param lost: called when the connection ends by itself, or cannot be made"""
        self._server = server
        self._connect_seconds = connect_seconds
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._task: asyncio.Task[None] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._unsent: list[tuple[Sequence[Command], asyncio.Future[list[Reply]]]] = []
        self._sent: deque[tuple[int, asyncio.Future[list[Reply]]]] = deque()
        self._early: list[Reply] = []
        """Replies to the first commands of a batch whose last ones have not arrived."""

    async def ask(self, commands: Sequence[Command], limit_ms: float) -> list[Reply]:
        """A late reply is dropped when it arrives; its command is never cut short.

        :raises Unavailable, OSError, Garbage: where there is no reply in time
        :raises Refused: when Redis answered one of them with an error
        """
        answer: asyncio.Future[list[Reply]] = self._loop.create_future()
        if self._writer is not None:
            self._send(self._writer, commands, answer)
        else:
            self._unsent.append((commands, answer))
            if self._task is None:
                self._task = self._loop.create_task(self._live())
        timer = self._loop.call_later(limit_ms / 1000, self._late, answer, _TURNS)
        try:
            replies = await answer
        finally:
            timer.cancel()
        for reply in replies:
            if isinstance(reply, Refused):
                raise reply
        return replies

    def end(self, why: str) -> None:
        """Closes the connection; who waits stops waiting. May be called from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._end, Unavailable(why))
        except RuntimeError:
            pass  # The loop is closed, and with it the connection.

    async def closed(self) -> None:
        self._end(Unavailable("closed"))
        await asyncio.sleep(0)

    def _send(
        self, writer: asyncio.StreamWriter, commands: Sequence[Command], answer: asyncio.Future[list[Reply]]
    ) -> None:
        self._sent.append((len(commands), answer))
        writer.write(pack(commands))

    def _late(self, answer: asyncio.Future[list[Reply]], turns: int) -> None:
        """After a pause of this process the timer comes before what has arrived is read, which takes some turns."""
        if answer.done():
            return
        if turns > 0:
            self._loop.call_soon(self._late, answer, turns - 1)
        else:
            answer.set_exception(Late("no answer within the limit"))

    async def _live(self) -> None:
        task = asyncio.current_task()
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(self._connect_seconds):
                tls = tls_context() if self._server.tls else None
                reader, writer = await asyncio.open_connection(self._server.host, self._server.port, ssl=tls)
                replies = Replies()
                await self._greet(reader, writer, replies)
            self._writer = writer
            unsent, self._unsent = self._unsent, []
            for commands, answer in unsent:
                if not answer.done():
                    self._send(writer, commands, answer)
            while data := await reader.read(_READ_SIZE):
                replies.feed(data)
                self._hand_out(replies)
            raise ConnectionResetError("the connection was closed")
        except Exception as error:
            if self._task is task:
                self._end(error)
                self._lost(error)
        finally:
            if writer is not None:
                writer.transport.abort()
            if self._task is task:
                self._task = self._writer = None

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, replies: Replies) -> None:
        commands = handshake(self._server)
        writer.write(pack(commands))
        answers: list[Reply] = []
        while len(answers) < len(commands):
            data = await reader.read(_READ_SIZE)
            if not data:
                raise ConnectionResetError("the connection was closed")
            replies.feed(data)
            answers += replies.take()
        for answer in answers:
            if isinstance(answer, Refused):
                raise answer

    def _hand_out(self, replies: Replies) -> None:
        arrived = self._early + replies.take()
        while self._sent and len(arrived) >= self._sent[0][0]:
            count, answer = self._sent.popleft()
            if not answer.done():
                answer.set_result(arrived[:count])
            del arrived[:count]
        if arrived and not self._sent:
            raise Garbage
        self._early = arrived

    def _end(self, error: BaseException) -> None:
        task, self._task, self._writer, self._early = self._task, None, None, []
        waiting = [answer for _, answer in self._unsent] + [answer for _, answer in self._sent]
        self._unsent, self._sent = [], deque()
        for answer in waiting:
            if not answer.done():
                answer.set_exception(error)
        if task is not None and task is not _current():
            task.cancel()


def _current() -> asyncio.Task[object] | None:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None
