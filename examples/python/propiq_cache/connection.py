"""One blocking connection to Redis, for one thread at a time."""

from __future__ import annotations

import functools
import select
import socket
import ssl
import time
from collections.abc import Sequence

from .settings import Server
from .wire import Command, Garbage, Late, Refused, Replies, Reply, pack

_READ_SIZE = 64 * 1024


def handshake(server: Server) -> list[Command]:
    """What a new connection sends first. The older protocol needs no HELLO, which some proxies do not know."""
    commands: list[Command] = []
    if server.password is not None:
        user = () if server.username is None else (server.username,)
        commands.append(("AUTH", *user, server.password))
    if server.db != 0:
        commands.append(("SELECT", server.db))
    # Its reply comes after all that TLS sends by itself: whatever arrives later was not asked for.
    commands.append(("PING",))
    return commands


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Verifies certificate and host name, whatever the environment or the URL says."""
    context = ssl.create_default_context()
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class Connection:
    def __init__(self, server: Server, within_seconds: float) -> None:
        """:raises OSError, Late, Refused, Garbage: where there is no connection that can be used"""
        deadline = time.monotonic() + within_seconds
        plain = socket.create_connection((server.host, server.port), timeout=within_seconds)
        self._socket: socket.socket = plain
        self._replies = Replies()
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            if server.tls:
                self._socket = tls_context().wrap_socket(plain, server_hostname=server.host)
            self.ask(handshake(server), deadline)
        except BaseException:
            self.close()
            raise

    def ask(self, commands: Sequence[Command], deadline: float) -> list[Reply]:
        """
        :param deadline: of time.monotonic
        :raises Late, OSError, Garbage: after which the connection must be closed
        :raises Refused: when Redis answered one of them with an error
        """
        self._socket.settimeout(_left(deadline))
        try:
            self._socket.sendall(pack(commands))
            replies: list[Reply] = []
            while len(replies) < len(commands):
                # At least a moment: after a pause of this process the reply has arrived, and is only to be read.
                self._socket.settimeout(_left(deadline))
                data = self._socket.recv(_READ_SIZE)
                if not data:
                    raise ConnectionResetError("the connection was closed")
                self._replies.feed(data)
                replies += self._replies.take()
        except TimeoutError:
            raise Late("no answer within the limit") from None
        if len(replies) > len(commands):
            raise Garbage
        for reply in replies:
            if isinstance(reply, Refused):
                raise reply
        return replies

    @property
    def disturbed(self) -> bool:
        """Whether something arrived that nobody asked for: the end, or a reply to an earlier question."""
        if not hasattr(select, "poll"):
            return bool(select.select([self._socket], [], [], 0)[0])
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        try:
            self._socket.close()
        except OSError:
            pass


def _left(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())
