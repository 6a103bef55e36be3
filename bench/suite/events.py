"""The events that every system gets: where they come from, and their columns.

An event is one line of native JSON (bytes) and a Row, the columns of the rivals' tables. Both hold
the same values; `position`, counted from 1 in the order of loading, is the tie-break of every order.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import subprocess
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import lru_cache
from typing import NamedTuple

COPY_GAP_US = 3_600_000_000  # between two copies of a recording that is played again
NEWEST = 50  # rows of each action that a survey knows: a page
HEAPS_EXPONENT = 0.7  # how fast new actors come when a recording is repeated
COUNTED = ("action", "actor_id", "actor_name", "source", "status")
NATIVE_FIELDS = {"action": "action", "actor_id": "actor.id", "actor_name": "actor.name",
                 "actor_email": "actor.email", "request_id": "request.id",
                 "source_ip_address": "request.ip", "status": "status", "source": "source"}


decode = json.JSONDecoder().decode
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Row(NamedTuple):
    """One event as BloodHound's table has it; `fields` is JSON text of all that has no column."""

    position: int
    id: str
    created_us: int
    action: str
    actor_id: str | None
    actor_name: str | None
    actor_email: str | None
    request_id: str | None
    source_ip_address: str | None
    status: str
    source: str | None
    fields: str


Event = tuple[bytes, Row]


def microseconds(text: str) -> int:
    """RFC 3339 as microseconds since 1970, exactly."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"no time zone: {text}")
    since = at - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


@lru_cache(maxsize=1 << 14)
def _minute(minutes: int) -> str:
    """Years to minutes: times that follow each other share them."""
    return datetime.fromtimestamp(minutes * 60, timezone.utc).strftime("%Y-%m-%dT%H:%M")


def rfc3339(us: int) -> str:
    minutes, rest = divmod(us, 60_000_000)
    return f"{_minute(minutes)}:{rest // 1_000_000:02d}.{rest % 1_000_000:06d}Z"


def without_empty(members: dict) -> dict:
    """Absent and empty text are one thing in some rivals: nothing is compared that could differ."""
    return {name: value for name, value in members.items() if value not in ("", None, {})}


def native_of_recorded(recorded: dict) -> dict:
    """An event of the recorded data sets (audit shape) as a native event."""
    request = {"id": recorded.get("request_id"), "ip": recorded.get("source_ip_address"),
               "user_agent": recorded.get("user_agent")}
    event = {name: recorded.get(name)
             for name in ("id", "source", "action", "status", "summary", "error", "context")}
    event["occurred_at"] = recorded["created_at"]
    event["actor"] = without_empty(recorded.get("actor", {}))
    event["target"] = without_empty(recorded.get("target", {}))
    event["request"] = without_empty(request)
    event["metadata"] = {"domain": recorded["org_id"]}
    return without_empty(event)


def moved(event: dict, copy: int, span_us: int) -> dict:
    """The copy-th repetition of a recorded event: later, another id, and now and then other actors."""
    if copy == 0:
        return event
    digest = hashlib.blake2b(f"{event['id']}/{copy}".encode(), digest_size=16).digest()
    again = {**event, "id": str(uuid.UUID(bytes=digest)),
             "occurred_at": rfc3339(microseconds(event["occurred_at"]) + copy * span_us)}
    generation = int(copy**HEAPS_EXPONENT)
    if generation and "id" in event.get("actor", {}):
        again["actor"] = {**event["actor"], "id": f"{event['actor']['id']}~{generation}"}
    return again


def row_of(event: dict, position: int) -> Row:
    actor, request = event.get("actor", {}), event.get("request", {})
    rest = {name: value for name, value in event.items()
            if name not in ("id", "occurred_at", "action", "status", "source", "actor", "request")}
    rest["request"] = {name: value for name, value in request.items() if name not in ("id", "ip")}
    if "type" in actor:
        rest["actor_type"] = actor["type"]
    status = event.get("status") or ("failure" if event.get("error") else "success")
    return Row(position, event["id"], microseconds(event["occurred_at"]), event["action"],
               actor.get("id"), actor.get("name"), actor.get("email"), request.get("id"),
               request.get("ip"), status, event.get("source"),
               compact(without_empty(rest)))


@dataclass(frozen=True)
class Corpus:
    """`size` events, the same on every walk. REQUIRES: `path` or `binary`."""

    size: int
    seed: int = 1
    path: str | None = None  # recorded events, NDJSON, plain or .zst
    binary: str | None = None  # piperoll, whose `generate` makes events otherwise
    shape: Callable[[dict, int], dict] | None = None  # changes each event (shapes.py)

    @property
    def name(self) -> str:
        source = os.path.basename(self.path) if self.path else f"generated, seed {self.seed}"
        return f"{source}, {self.shape.__name__}" if self.shape else source

    def walk(self) -> Iterator[Event]:
        """Every event once, in the order of loading."""
        events = self._recorded() if self.path else self._generated()
        for position, (event, line) in enumerate(events, start=1):
            if self.shape:
                event, line = self.shape(event, position), None
            yield line or compact(event).encode(), row_of(event, position)
            if position == self.size:
                return

    def _generated(self) -> Iterator[tuple[dict, bytes | None]]:
        """Each event, and its line where that is as it came: encoding is what a walk spends its time with."""
        command = [self.binary, "generate", "--events", str(self.size), "--seed", str(self.seed)]
        for line in _lines_of(command):
            event = decode(line.decode())
            kept = without_empty(event)
            yield kept, line.rstrip() if len(kept) == len(event) else None

    def _recorded(self) -> Iterator[tuple[dict, None]]:
        copy, span_us = 0, 0
        while True:
            first = last = None
            for line in self._file_lines():
                event = native_of_recorded(json.loads(line))
                at = microseconds(event["occurred_at"])
                first, last = at if first is None else first, at
                yield moved(event, copy, span_us), None
            if first is None:
                raise ValueError(f"{self.path} holds no events")
            copy, span_us = copy + 1, last - first + COPY_GAP_US

    def _file_lines(self) -> Iterator[bytes]:
        if self.path.endswith(".zst"):
            yield from _lines_of(["zstd", "-dc", "--long=27", self.path])
        else:
            with open(self.path, "rb") as file:
                yield from file


def _lines_of(command: list[str]) -> Iterator[bytes]:
    """Standard output of a program, line by line; it is ended when nobody reads on."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        try:
            yield from child.stdout
        except GeneratorExit:
            child.kill()
            raise
        if child.wait() != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")


@dataclass
class Survey:
    """What is in a corpus: how often each value occurs, when, and, if asked for, every row."""

    rows: int = 0
    first_us: int = 0
    last_us: int = 0
    counts: dict[str, Counter] = field(default_factory=lambda: {name: Counter() for name in COUNTED})
    pairs: Counter = field(default_factory=Counter)  # (action, actor_id)
    sample: list[Row] = field(default_factory=list)  # some rows, for what needs one that exists
    newest: dict[str, list[tuple[int, int]]] = field(default_factory=dict)  # (time, position) by action
    kept: list[Row] | None = None  # without request ids and `fields`
    texts: dict[str | None, str | None] = field(default_factory=dict)  # of what is kept
    bytes: int = 0

    def add(self, line: bytes, row: Row) -> None:
        self.rows += 1
        self.bytes += len(line)
        self.first_us = min(self.first_us or row.created_us, row.created_us)
        self.last_us = max(self.last_us, row.created_us)
        for counted, value in zip(self.counts.values(), (
                row.action, row.actor_id, row.actor_name, row.source, row.status), strict=True):
            if value is not None:
                counted[value] += 1
        if row.actor_id is not None:
            self.pairs[row.action, row.actor_id] += 1
        newest = self.newest.setdefault(row.action, [])
        if len(newest) < NEWEST:
            heapq.heappush(newest, (row.created_us, row.position))
        else:
            heapq.heappushpop(newest, (row.created_us, row.position))
        if row.position % 997 == 1 and len(self.sample) < 1000:
            self.sample.append(row)
        if self.kept is not None:
            self.kept.append(self._slim(row))

    def _slim(self, row: Row) -> Row:
        """Without what no question asks for; texts that come again and again are one object."""
        same = self.texts.setdefault
        action, actor_id, actor_name, actor_email = (same(text, text) for text in row[3:7])
        return Row(row.position, row.id, row.created_us, action, actor_id, actor_name, actor_email, None,
                   same(row.source_ip_address, row.source_ip_address), same(row.status, row.status),
                   same(row.source, row.source), "")

    def end_of_page(self, action: str | None) -> tuple[int, int]:
        """(time, position) of the last of the newest 50 of an action, or of all."""
        heaps = [self.newest[action]] if action else self.newest.values()
        return heapq.nlargest(NEWEST, (row for heap in heaps for row in heap))[-1]

    def ranked(self, name: str) -> list[str]:
        """Values from the most frequent to the rarest; equal ones by value."""
        return [value for value, _ in sorted(self.counts[name].items(), key=lambda c: (-c[1], c[0]))]


def survey(events: Iterator[Event], keep: bool) -> Survey:
    """REQUIRES: memory for all rows when `keep` (about 0.5 kB each)."""
    found = Survey(kept=[] if keep else None)
    for line, row in events:
        found.add(line, row)
    found.texts.clear()
    return found
