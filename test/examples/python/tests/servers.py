"""Real redis-servers, and a proxy in front of one that delays or swallows its replies."""

from __future__ import annotations

import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, *args: str) -> None:
        self.port = free_port()
        self._args = args
        self._folder = tempfile.TemporaryDirectory()
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", *self._args]
        log = Path(self._folder.name, "log")
        self._process = subprocess.Popen([*command, "--dir", self._folder.name, "--logfile", str(log)])
        wait_for(lambda: log.exists() and "Ready to accept connections" in log.read_text().split("\x00")[-1])
        wait_for(lambda: self.call("PING") == b"+PONG\r\n")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()
        Path(self._folder.name, "log").unlink(missing_ok=True)

    def close(self) -> None:
        self.go_on()
        self.stop()
        self._folder.cleanup()

    def hang(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def call(self, *words: str) -> bytes:
        """:returns: the raw reply, as far as it fits into one read"""
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            parts = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
            connection.sendall(f"*{len(words)}\r\n{parts}".encode())
            return connection.recv(1_000_000)

    def keys(self) -> list[str]:
        return sorted(self.call("KEYS", "*").decode().split("\r\n")[2::2])

    def commands(self) -> int:
        """Commands so far, of everyone."""
        info = self.call("INFO", "stats").decode()
        return int(info.split("total_commands_processed:")[1].split("\r")[0])


class Proxy:
    """Passes on what is said, each reply `delay_seconds` after it came."""

    def __init__(self, to: int) -> None:
        self.delay_seconds = 0.0
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._accepts = threading.Thread(target=self._accept, daemon=True)
        self._accepts.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"

    def cut(self) -> None:
        for end in self._ends:
            end.close()
        self._ends.clear()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepts.join()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._to))
            except OSError:
                client.close()
                continue
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._ends += [client, server]
            threading.Thread(target=self._pass_on, args=(client, server, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, client, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, late: bool) -> None:
        try:
            while data := source.recv(65536):
                if late:
                    time.sleep(self.delay_seconds)
                sink.sendall(data)
        except OSError:
            pass
        finally:
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass


def wait_for(holds, within_seconds: float = 15.0) -> None:
    end = time.monotonic() + within_seconds
    while True:
        try:
            if holds():
                return
        except OSError:
            pass
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_seconds} s")
        time.sleep(0.01)
