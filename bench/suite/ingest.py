"""Workloads that write: I1 to I5, and S1."""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Iterator

import measure
from driver import TICK_S, Load, Plan
from rivals.base import Event, Ingest, NotComparable, System
from rivals.piperoll import Piperoll
from setting import Setting, say

BATCHES_I2 = (1, 10, 100)
SHARES_I3 = (0.25, 0.5, 0.8)
OVERLOAD = 3
WINDOWS_S = (1, 10, 60)
BIG_EVENT_BYTES = 16_000


@contextlib.contextmanager
def fresh(setting: Setting, kind: type[System]) -> Iterator[System]:
    """An empty system in a folder of its own, gone afterwards."""
    folder = setting.new_folder()
    system = kind(setting.options)
    try:
        system.create(folder)
        yield system
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)


def writers(setting: Setting, workload: str) -> list[type[System]]:
    """The systems whose writing is compared; the others are named."""
    for kind in setting.kinds:
        if not kind.writing_compared:
            setting.results.skip(workload, "all", kind.name, "an anchor for questions alone")
    return [kind for kind in setting.kinds if kind.writing_compared]


def pool_of(setting: Setting) -> list[Event]:
    """The events that are sent again and again: the first of the corpus."""
    if setting.pool is None:
        walk = setting.corpus.walk()
        setting.pool = [event for event, _ in zip(walk, range(setting.pool_events), strict=False)]
        walk.close()
    return setting.pool


def drive(setting: Setting, system: System, workload: str, case: str, work: Ingest) -> Load | None:
    """One case with all its figures; None when the system cannot do it (that is noted)."""
    before = measure.cpu_seconds(system.pid)
    try:
        load = system.ingest(work)
    except NotComparable as reason:
        setting.results.skip(workload, case, system.name, str(reason))
        return None
    if load.failed:
        raise RuntimeError(f"{system.title}, {workload} {case}: {load.failed} events failed: {load.first_failure}")
    if load.refused:
        setting.results.add(workload, case, system.name, "refused events", load.refused)
    if not load.acked:
        setting.results.skip(workload, case, system.name, "no answer in time")
        return load
    cpu = measure.cpu_seconds(system.pid) - before
    own = 0.0 if system.connections_max == 1 else load.generator_cpu_s
    note = "generator-bound" if own > 0.85 * load.elapsed_s else ""
    add = setting.results.add
    add(workload, case, system.name, "events/s", load.events_per_s, higher_is_better=True, note=note)
    setting.results.add_latencies(workload, case, system.name, "ack ", load.latencies)
    add(workload, case, system.name, "server CPU µs/event", cpu / load.acked * 1e6)
    add(workload, case, system.name, "memory MiB", measure.memory_mib(system.pid))
    return load


def closed_cases(setting: Setting, workload: str, batches: tuple[int, ...],
                 connections: tuple[int, ...]) -> None:
    def one(kind: type[System], number: int) -> None:
        with fresh(setting, kind) as system:
            for batch in batches:
                for count in connections:
                    say(f"{workload} round {number + 1}: {system.title}, {batch:,} events x {count}")
                    work = Ingest(pool_of(setting), batch, count, Plan(setting.seconds))
                    load = drive(setting, system, workload, f"{batch:,} × {count:,}", work)
                    if load and workload == "I1":
                        setting.best[kind.name] = max(setting.best.get(kind.name, 0), load.events_per_s)

    measure.interleaved(writers(setting, workload), setting.rounds, one)


def bulk(setting: Setting) -> None:
    """I1: batches of 1,000, closed loop."""
    closed_cases(setting, "I1", (1000,), setting.connections((1, 8, 32, 128)))


def small(setting: Setting) -> None:
    """I2: batches of 1, 10 and 100."""
    closed_cases(setting, "I2", BATCHES_I2, setting.connections((1, 16, 64, 256, 1024, 4096)))


def best_rate(setting: Setting, kind: type[System]) -> float:
    """Events/s of I1; measured now when I1 was not asked for."""
    if kind.name not in setting.best:
        with fresh(setting, kind) as system:
            count = min(8, system.connections_max)
            load = system.ingest(Ingest(pool_of(setting), 1000, count, Plan(setting.seconds)))
            setting.best[kind.name] = load.events_per_s
    return setting.best[kind.name]


def steady(setting: Setting) -> None:
    """I3: open loop at shares of the system's own best; latency from when a batch was due."""
    def one(kind: type[System], number: int) -> None:
        rate = best_rate(setting, kind)
        with fresh(setting, kind) as system:
            for share in SHARES_I3:
                say(f"I3 round {number + 1}: {system.title}, {share:.0%} of {rate:,.0f} events/s")
                plan = Plan(setting.steady_seconds, rate_per_s=rate * share / 1000)
                work = Ingest(pool_of(setting), 1000, min(32, system.connections_max), plan)
                drive(setting, system, "I3", f"{share:.0%} of its best", work)

    measure.interleaved(writers(setting, "I3"), setting.rounds, one)


def sustained(setting: Setting) -> None:
    """I4: until as many events as the size says; the slowest windows against the mean."""
    batches = max(1, setting.corpus.size // 1000)

    def one(kind: type[System], number: int) -> None:
        with fresh(setting, kind) as system:
            say(f"I4 round {number + 1}: {system.title}, {batches * 1000:,} events")
            plan = Plan(seconds=max(60.0, batches / 2), messages_max=batches)
            work = Ingest(pool_of(setting), 1000, min(8, system.connections_max), plan)
            load = drive(setting, system, "I4", "sustained", work)
            if not load or not load.acked:
                return
            behind(setting, system)
            add = setting.results.add
            for seconds in WINDOWS_S:
                least = measure.slowest_window(load.timeline, round(seconds / TICK_S))
                if least is not None:
                    add("I4", f"slowest {seconds} s", system.name, "events/s", least / TICK_S,
                        higher_is_better=True)
            system.settle()
            at_rest(setting, system, "I4", load.acked)

    measure.interleaved(writers(setting, "I4"), setting.rounds, one)


def at_rest(setting: Setting, system: System, workload: str, events: int) -> None:
    """Space an event, with the logs ahead of the tables and without: those are reserved, and used again.

    Stopped meanwhile: what a running system still has in its memory would be counted nowhere.
    """
    system.stop()
    for case, folders in (("on disk, all", ()), ("on disk, without write-ahead logs", system.log_folders)):
        setting.results.add(workload, case, system.name, "bytes/event",
                            measure.bytes_on_disk(system.folder, folders) / events)
    system.start()


def behind(setting: Setting, system: System) -> None:
    """How much is acknowledged and not searchable yet, at the end of the load, and for how long."""
    if not isinstance(system, Piperoll):
        return
    began = time.perf_counter()
    setting.results.add("I4", "backlog at the end", system.name, "events",
                        system.metric("piperoll_index_lag_records"))
    system.settle()
    setting.results.add("I4", "backlog at the end", system.name, "seconds until none",
                        time.perf_counter() - began)


def overload(setting: Setting) -> None:
    """S1: three times what I1 reached, open loop; what is refused must be told so (429, 503)."""
    def one(kind: type[System], number: int) -> None:
        rate = best_rate(setting, kind)
        with fresh(setting, kind) as system:
            count = min(128, system.connections_max)
            say(f"S1 round {number + 1}: {system.title}, {OVERLOAD * rate:,.0f} events/s offered")
            plan = Plan(setting.seconds, rate_per_s=rate * OVERLOAD / 1000)
            load = drive(setting, system, "S1", "3 × its best", Ingest(pool_of(setting), 1000, count, plan))
            if load is None:
                return
            add = setting.results.add
            add("S1", "3 × its best", system.name, "goodput % of best", 100 * load.events_per_s / rate,
                higher_is_better=True)
            add("S1", "3 × its best", system.name, "batches due and not sent, most", load.backlog_most)

    measure.interleaved(writers(setting, "S1"), setting.rounds, one)


def mixed_batch(pool: list[Event], start: int, number: int, size: int) -> tuple[bytes, dict[str, int]]:
    """A batch with new, repeated, invalid and large events, and what must be said of it."""
    lines, expected = [], {"stored": 0, "duplicate": 0, "rejected": 0}
    for at in range(size):
        event = json.loads(pool[(start + at) % len(pool)][0])
        event["id"] = f"mix-{number}-{at}"
        if at % 20 == 7:
            event["severity"] = "no-such-severity"
            expected["rejected"] += 1
        elif at % 10 == 3:
            event = json.loads(lines[at - 3])  # one of this very batch again, unchanged
            expected["duplicate"] += 1
        else:
            if at % 100 == 50:
                event["context"] = {"blob": "x" * BIG_EVENT_BYTES}
            expected["stored"] += 1
        lines.append(json.dumps(event, ensure_ascii=False))
    return "\n".join(lines).encode(), expected


def many_organisations(setting: Setting) -> None:
    """I5: many organisations in turn; 10 % replays, 5 % invalid, some of 16 kB. piperoll alone: the
    rivals' table has no organisations, no ids to be recognised by, and refuses a batch as a whole."""
    def one(kind: type[System], number: int) -> None:
        with fresh(setting, kind) as system:
            key, organisations = server_key(system), setting.organisations
            names = [f"org-{n}" for n in range(organisations)]
            for name in names:
                system.call("POST", "/v1/orgs", {"name": name}, key)
            say(f"I5 round {number + 1}: {system.title}, {organisations} organisations")
            began, events, batches = time.perf_counter(), 0, 0
            while time.perf_counter() < began + setting.seconds:
                body, expected = mixed_batch(pool_of(setting), batches * 100, batches, 100)
                told = system.call("POST", f"/v1/events?results=errors&org={names[batches % organisations]}",
                                   body, key)
                said = {name: told[name] for name in expected}
                if said != expected:
                    raise RuntimeError(f"I5: {said} where {expected} was right")
                events, batches = events + 100, batches + 1
            took = time.perf_counter() - began
            setting.results.add("I5", "100 × 1, one client that also makes the bodies", system.name,
                                "events/s", events / took, higher_is_better=True)
            setting.results.check("I5", system.name, True, f"{batches} batches, counts of stored, "
                                  "duplicate and rejected as sent")

    ours = [kind for kind in setting.kinds if issubclass(kind, Piperoll)]
    measure.interleaved(ours, setting.rounds, one)
    for kind in setting.kinds:
        if kind not in ours:
            setting.results.skip("I5", "mixed", kind.name, "no organisations and no replays")


def server_key(system: Piperoll) -> str:
    """A credential of no organisation. The directory must be free for that."""
    system.stop()
    key = system.command("key", "create", "--org", "*", "--role", "admin").strip()
    system.start()
    return key
