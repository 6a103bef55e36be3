"""Is an acknowledgement durable? Counts the syncs between a request and its answer.

The system runs under strace, which writes when each fsync, fdatasync, sync_file_range, msync, syncfs
and sync began and how long it took. One event after the other is sent on one connection; an
acknowledgement is proved when at least one sync began after its request and ended before its answer.
What it cannot see: syncs through io_uring and files opened O_SYNC or O_DSYNC, which no system here uses.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import time
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

import processes
from driver import Plan
from rivals.base import Event, Ingest, System

LINE = re.compile(r"^(?P<pid>\d+)\s+(?P<at>\d+\.\d+) (?P<rest>.*)$")
WHOLE = re.compile(r"^(?P<call>\w+)\(.*= 0 <(?P<took>[\d.]+)>$")
UNFINISHED = re.compile(r"^(?P<call>\w+)\(.*<unfinished \.\.\.>$")
RESUMED = re.compile(r"^<\.\.\. (?P<call>\w+) resumed>.*= 0 <(?P<took>[\d.]+)>$")


@dataclass(frozen=True)
class Sync:
    """One that succeeded; seconds since 1970."""

    call: str
    began: float
    ended: float


def read_trace(text: str) -> list[Sync]:
    """Successful syncs of an strace -f -ttt -T, by their end."""
    found, open_ = [], {}
    for line in text.splitlines():
        parts = LINE.match(line)
        if not parts:
            continue
        at, rest = float(parts["at"]), parts["rest"]
        if whole := WHOLE.match(rest):
            found.append(Sync(whole["call"], at, at + float(whole["took"])))
        elif begun := UNFINISHED.match(rest):
            open_[parts["pid"], begun["call"]] = at
        elif resumed := RESUMED.match(rest):
            began = open_.pop((parts["pid"], resumed["call"]), None)
            if began is not None:
                found.append(Sync(resumed["call"], began, began + float(resumed["took"])))
    return sorted(found, key=lambda sync: sync.ended)


@dataclass(frozen=True)
class Proof:
    acknowledgements: int
    proved: int  # had a whole sync between request and answer
    syncs: int  # between the first request and the last answer
    calls: tuple[str, ...]

    @property
    def durable(self) -> bool:
        return self.acknowledgements > 0 and self.proved == self.acknowledgements


def prove(syncs: list[Sync], acks: list[tuple[float, float]]) -> Proof:
    """`acks`: when each request went and its answer came, one after the other."""
    ends = [sync.ended for sync in syncs]
    proved = 0
    for sent, answered in acks:
        number = bisect_left(ends, sent)
        while number < len(syncs) and syncs[number].ended <= answered:
            if syncs[number].began >= sent:
                proved += 1
                break
            number += 1
    inside = [s for s in syncs if acks and acks[0][0] <= s.began and s.ended <= acks[-1][1]]
    return Proof(len(acks), proved, len(inside), tuple(sorted({s.call for s in inside})))


def count_syncs(kind: type[System], options, folder: Path, pool: list[Event], acks: int) -> Proof:
    """Starts a system under strace, appends `acks` single events, stops it. REQUIRES: strace."""
    folder.mkdir(mode=0o777)
    trace = folder / "syncs.trace"
    system = kind(dataclasses.replace(options, trace=trace))
    times = []
    try:
        system.create(folder)
        for number in range(acks):
            one = [pool[number % len(pool)]]
            sent = time.time()
            load = system.ingest(Ingest(one, 1, 1, Plan(seconds=60, messages_max=1)))
            times.append((sent, time.time()))
            if load.acked != 1:
                raise RuntimeError(f"{system.title} did not take an event: {load.first_failure}")
        system.stop()
        return prove(read_trace(_whole_text(trace)), times)
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _whole_text(trace: Path, timeout_s: float = 10) -> str:
    """strace ends a moment after what it traces: waits until the file grows no more."""
    size, deadline = -1, time.monotonic() + timeout_s
    while trace.stat().st_size != size and time.monotonic() < deadline:
        size = trace.stat().st_size
        time.sleep(0.1)
    return trace.read_text()


def missing() -> str | None:
    return None if processes.find("strace") else "strace is not installed: apt-get install strace"
