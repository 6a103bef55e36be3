"""The load generator: ready-made bytes over many connections of one thread, with epoll.

It knows nothing of what it sends. A `Framer` says when an answer is complete and whether it is an
acknowledgement. Closed loop: a connection sends again when it is answered, perhaps after a pause.
Open loop: messages are due at a fixed rate, and a latency counts from when its message was due,
whether or not a connection was free (no coordinated omission).
"""

from __future__ import annotations

import heapq
import random
import select
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

RECEIVE_BYTES = 1 << 18
PATIENCE_S = 60  # for answers that are missing at the end
TICK_S = 0.1  # resolution of `timeline`


class Framer(Protocol):
    """Of one connection; no state is left when an answer is complete."""

    def complete(self, received: bytearray) -> bool: ...

    def verdict(self, received: bytearray) -> str:
        """`ok`, `refused` (told to come again later) or `failed`."""
        ...


@dataclass(frozen=True)
class Message:
    data: bytes | memoryview
    events: int
    tag: object = None  # given back with the answer


@dataclass
class Load:
    """What happened. Latencies in seconds, of acknowledged messages."""

    acked: int = 0  # events
    refused: int = 0
    failed: int = 0
    messages: int = 0
    elapsed_s: float = 0.0
    generator_cpu_s: float = 0.0
    latencies: list[float] = field(default_factory=list)
    timeline: list[int] = field(default_factory=list)  # events acknowledged in each TICK_S
    first_failure: str = ""
    backlog_most: int = 0  # due and not sent, open loop

    @property
    def events_per_s(self) -> float:
        return self.acked / self.elapsed_s if self.elapsed_s else 0.0


@dataclass(frozen=True)
class Plan:
    """How to drive: REQUIRES seconds > 0; rate_per_s is of messages, pause_s a mean (exponential)."""

    seconds: float
    rate_per_s: float | None = None
    pause_s: float | None = None
    messages_max: int | None = None
    seed: int = 1


class _Connection:
    def __init__(self, plain: socket.socket, framer: Framer):
        self.socket, self.framer = plain, framer
        self.received = bytearray()
        self.message: Message | None = None
        self.unsent = memoryview(b"")
        self.since = 0.0
        self.writing = False


class Driver:
    """Drives `connections` (owned, blocking mode is switched off) until the plan ends."""

    def __init__(self, connections: list[tuple[socket.socket, Framer]], messages: Iterator[Message],
                 on_ack: Callable[[Message, bytearray], None] | None = None):
        self.connections = {}
        self.epoll = select.epoll()
        for plain, framer in connections:
            plain.setblocking(False)
            self.connections[plain.fileno()] = _Connection(plain, framer)
            self.epoll.register(plain.fileno(), select.EPOLLIN)
        self.messages, self.on_ack = messages, on_ack
        self.load = Load()

    def run(self, plan: Plan) -> Load:
        self.plan, self.chance = plan, random.Random(plan.seed)
        self.began = time.perf_counter()
        self.end = self.began + plan.seconds
        self.sent = 0
        self.idle = [(self.began, number) for number in self.connections]  # (ready from, descriptor)
        heapq.heapify(self.idle)
        cpu = time.thread_time()
        try:
            while self._step():
                pass
            for connection in self.connections.values():
                if connection.message:
                    self._failed(connection.message, f"no answer in {PATIENCE_S} s")
        finally:
            self.load.elapsed_s = time.perf_counter() - self.began
            self.load.generator_cpu_s = time.thread_time() - cpu
            self._close()
        return self.load

    def _close(self) -> None:
        self.epoll.close()
        for connection in self.connections.values():
            connection.socket.close()

    def _step(self) -> bool:
        """Sends what is due, takes what came; False at the end, when all answers are in."""
        now = time.perf_counter()
        running = now < self.end and not self._all_sent() and bool(self.connections)
        if running:
            running = self._send_due(now)
        waiting = len(self.connections) - len(self.idle)
        if not running and (waiting == 0 or now > self.end + PATIENCE_S):
            return False
        for descriptor, happened in self.epoll.poll(self._patience(now) if running else 0.5):
            connection = self.connections.get(descriptor)
            if connection is None:
                continue
            if happened & select.EPOLLOUT:
                self._write(connection)
            if happened & (select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR):
                self._read(connection)
        return True

    def _all_sent(self) -> bool:
        return self.plan.messages_max is not None and self.sent >= self.plan.messages_max

    def _due(self) -> float:
        """When the next message of an open loop is meant to go."""
        return self.began + self.sent / self.plan.rate_per_s

    def _patience(self, now: float) -> float:
        wake = self.end
        if self.plan.rate_per_s and self.idle:
            wake = min(wake, self._due())
        elif self.idle:
            wake = min(wake, self.idle[0][0])
        return max(0.0, min(wake - now, 0.5))

    def _send_due(self, now: float) -> bool:
        if self.plan.rate_per_s:
            behind = int((now - self.began) * self.plan.rate_per_s) - self.sent
            self.load.backlog_most = max(self.load.backlog_most, behind)
        while self.idle and self.idle[0][0] <= now and not self._all_sent():
            if self.plan.rate_per_s and self._due() > now:
                break
            message = next(self.messages, None)
            if message is None:
                self.plan = Plan(self.plan.seconds, messages_max=self.sent)
                return False
            connection = self.connections[heapq.heappop(self.idle)[1]]
            connection.since = self._due() if self.plan.rate_per_s else time.perf_counter()
            connection.message, connection.unsent = message, memoryview(message.data)
            self.sent += 1
            self._write(connection)
        return True

    def _write(self, connection: _Connection) -> None:
        try:
            while connection.unsent:
                connection.unsent = connection.unsent[connection.socket.send(connection.unsent):]
        except BlockingIOError:
            self._want_write(connection, True)
            return
        except OSError as error:
            self._drop(connection, str(error))
            return
        self._want_write(connection, False)

    def _want_write(self, connection: _Connection, wanted: bool) -> None:
        if connection.writing != wanted:
            connection.writing = wanted
            self.epoll.modify(connection.socket.fileno(),
                              select.EPOLLIN | (select.EPOLLOUT if wanted else 0))

    def _read(self, connection: _Connection) -> None:
        try:
            piece = connection.socket.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            self._drop(connection, str(error))
            return
        if not piece:
            self._drop(connection, "the server closed the connection")
            return
        connection.received += piece
        if connection.message and connection.framer.complete(connection.received):
            self._answered(connection, time.perf_counter())

    def _answered(self, connection: _Connection, now: float) -> None:
        message, load = connection.message, self.load
        load.messages += 1
        verdict = connection.framer.verdict(connection.received)
        if verdict == "ok":
            load.acked += message.events
            load.latencies.append(now - connection.since)
            tick = int((now - self.began) / TICK_S)
            load.timeline.extend([0] * (tick + 1 - len(load.timeline)))
            load.timeline[tick] += message.events
            if self.on_ack:
                self.on_ack(message, connection.received)
        elif verdict == "refused":
            load.refused += message.events
        else:
            self._failed(message, bytes(connection.received[:500]).decode(errors="replace"))
        connection.received.clear()
        connection.message = None
        pause = self.chance.expovariate(1 / self.plan.pause_s) if self.plan.pause_s else 0.0
        heapq.heappush(self.idle, (now + pause, connection.socket.fileno()))

    def _failed(self, message: Message | None, why: str) -> None:
        self.load.failed += message.events if message else 0
        self.load.first_failure = self.load.first_failure or why

    def _drop(self, connection: _Connection, why: str) -> None:
        """A connection that broke is not opened again; what it carried was not acknowledged."""
        descriptor = connection.socket.fileno()
        self._failed(connection.message, why)
        self.epoll.unregister(descriptor)
        del self.connections[descriptor]
        self.idle = [item for item in self.idle if item[1] != descriptor]
        heapq.heapify(self.idle)
        connection.socket.close()
