"""What a system must be able to do to be measured, and what servers and in-process engines share."""

from __future__ import annotations

import os
import select
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import processes
from driver import Driver, Framer, Load, Message, Plan
from events import Event
from queries import Answer, Query
from rivals.forms import Form, line_batches

LOAD_BATCH = 1000


@dataclass
class Options:
    """How systems are started; the same for all."""

    binary: str  # piperoll
    cache: Path  # where what was downloaded is kept
    trace: Path | None = None  # strace writes the syncs there
    server_flags: tuple[str, ...] = ()


class NotComparable(RuntimeError):
    """This system cannot do that workload; the text is printed in place of a figure."""


@dataclass
class Ingest:
    """A pool of events sent again and again in batches; ids and times are made by the system."""

    pool: list[Event]
    batch: int
    connections: int
    plan: Plan = field(default_factory=lambda: Plan(seconds=5))


class System(ABC):
    """One system over a folder of its own. Single-threaded: one caller."""

    name: str
    title: str
    promise: str  # what its acknowledgement means
    connections_max = 4096
    writing_compared = True  # or is it an anchor for questions alone?
    form: Form  # of the file that it loads
    packages: tuple[str, ...] = ()  # of Debian
    log_folders: tuple[str, ...] = ()  # of write-ahead logs, below `folder`

    def __init__(self, options: Options):
        self.options = options
        self.folder = Path()
        self.child: processes.Child | None = None

    @abstractmethod
    def missing(self) -> str | None:
        """Why it cannot run here and what to install, or None."""

    def download(self) -> None:
        """Fetches what is no Debian package; nothing, for most."""

    @abstractmethod
    def version(self) -> str: ...

    @abstractmethod
    def create(self, folder: Path) -> None:
        """An empty log in a new folder, running."""

    @abstractmethod
    def start(self) -> None:
        """Over the folder of `create`, until it answers."""

    @abstractmethod
    def load(self, file: Path) -> None:
        """All events of a file of `form`, with their ids and times, in this order."""

    @abstractmethod
    def prepare(self, query: Query) -> object:
        """The question as `timed` takes it; nothing of this is measured."""

    @abstractmethod
    def timed(self, prepared: object) -> tuple[float, object]:
        """Seconds until the whole answer is here, and the answer as it came."""

    @abstractmethod
    def decode(self, query: Query, raw: object) -> Answer: ...

    @abstractmethod
    def ingest(self, work: Ingest) -> Load: ...

    def settle(self) -> None:
        """After loading: lets background work end, so that queries are measured alone."""

    def stop(self) -> None:
        if self.child:
            self.child.stop()
            self.child = None

    def ask(self, query: Query) -> Answer:
        return self.decode(query, self.timed(self.prepare(query))[1])

    def settings(self) -> dict:
        """What a reader must know to repeat it."""
        return {"title": self.title, "version": self.version(), "acknowledged": self.promise}

    @property
    def pid(self) -> int:
        return self.child.pid

    def traced(self, command: list[str]) -> list[str]:
        """The command, under strace when syncs are counted."""
        if not self.options.trace:
            return command
        return ["strace", "-D", "-f", "-ttt", "-T", "-q", "-q", "-e", "signal=none", "-e",
                "trace=fsync,fdatasync,sync_file_range,msync,syncfs,sync", "-o", str(self.options.trace),
                *command]

    def cool(self) -> None:
        """Drops its files from the page cache. REQUIRES: stopped."""
        for base, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(base, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    descriptor = os.open(path, os.O_RDONLY)
                    try:
                        os.fsync(descriptor)
                        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
                    finally:
                        os.close(descriptor)



class Server(System):
    """Speaks over a socket: requests are bytes that were made before."""

    port = 0
    load_batch = LOAD_BATCH
    _asked: socket.socket | None = None

    @abstractmethod
    def framer(self) -> Framer: ...

    @abstractmethod
    def message(self, events: list[Event]) -> bytes:
        """A request that appends them with ids and times of the system's own."""

    @abstractmethod
    def loading(self, lines: bytes) -> bytes:
        """A request that appends these lines of `form`."""

    @abstractmethod
    def request(self, query: Query) -> bytes: ...

    def connect(self) -> socket.socket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return plain

    def prepare(self, query: Query) -> bytes:
        return self.request(query)

    def _asking(self) -> socket.socket:
        """The connection for questions; a new one where the server ended it while nobody asked."""
        if self._asked and select.select([self._asked], [], [], 0)[0]:
            self._asked.close()
            self._asked = None
        if self._asked is None:
            self._asked = self.connect()
        return self._asked

    def exchange(self, request: bytes, plain: socket.socket | None = None) -> bytes:
        """Sends and waits for the whole answer."""
        plain = plain or self._asking()
        plain.sendall(request)
        received, framer = bytearray(), self.framer()
        while not framer.complete(received):
            piece = plain.recv(1 << 18)
            if not piece:
                raise RuntimeError(f"{self.title} closed the connection: {bytes(received[:300])!r}")
            received += piece
        return bytes(received)

    def timed(self, prepared: bytes) -> tuple[float, bytes]:
        plain = self._asking()
        began = time.perf_counter()
        raw = self.exchange(prepared, plain)
        return time.perf_counter() - began, raw

    def stop(self) -> None:
        if self._asked:
            self._asked.close()
            self._asked = None
        super().stop()

    def load(self, file: Path) -> None:
        plain = self.connect()
        for lines in line_batches(file, self.load_batch):
            raw = self.exchange(self.loading(lines), plain)
            if self.framer().verdict(bytearray(raw)) != "ok":
                raise RuntimeError(f"{self.title} did not take the events: {raw[:500]!r}")
        plain.close()

    def messages(self, work: Ingest) -> Iterator[Message]:
        """For ever; every body is made before the first is sent."""
        bodies = [Message(self.message(work.pool[at:at + work.batch]), len(work.pool[at:at + work.batch]))
                  for at in range(0, len(work.pool), work.batch)]
        return cycle(bodies)

    def ingest(self, work: Ingest) -> Load:
        if work.connections > self.connections_max:
            raise NotComparable(f"at most {self.connections_max} connections")
        messages = self.messages(work)
        connections = [(self.connect(), self.framer()) for _ in range(work.connections)]
        return Driver(connections, messages).run(work.plan)

    def users(self, requests: list[bytes], count: int, plan: Plan) -> Load:
        """`count` users who ask the requests in turn."""
        connections = [(self.connect(), self.framer()) for _ in range(count)]
        return Driver(connections, cycle(Message(r, 1) for r in requests)).run(plan)
