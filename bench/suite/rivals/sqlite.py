"""SQLite in a process of its own: WAL, synchronous=FULL, the seven indexes of BloodHound's table."""

from __future__ import annotations

import sqlite3
import time
from itertools import cycle
from pathlib import Path

import measure
import sql
from driver import TICK_S, Load, Plan
from events import Row
from queries import Answer, Query
from rivals.base import Ingest, NotComparable, System
from rivals.forms import TUPLES, tuple_batches
from rivals.rows import answer_of, parameters_of
from rivals.worker import Worker, command

INDEXED = ("created_at", "actor_id", "actor_email", "action", "source_ip_address", "status", "source")
INSERT = (f"INSERT INTO audit_logs ({', '.join(sql.COLUMNS)}) "
          f"VALUES ({', '.join('?' * len(sql.COLUMNS))})")


def tuning() -> dict[str, int]:
    """As PostgreSQL has it: memory for pages (KiB, as a negative number), and a log of more than one batch (pages)."""
    gib = measure.machine()["memory_gib"]
    return {"cache_size": -2 * 2**20 if gib >= 8 else -128 * 2**10, "wal_autocheckpoint": 20_000}


class Engine:
    """The child's side: one connection, one writer."""

    def __init__(self, folder: Path):
        self.database = sqlite3.connect(folder / "audit.db", isolation_level=None)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        for name, value in tuning().items():
            self.database.execute(f"PRAGMA {name}={value}")
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS audit_logs (id INTEGER PRIMARY KEY, created_at INTEGER NOT NULL,"
            " action TEXT NOT NULL, actor_id TEXT, actor_name TEXT, actor_email TEXT, request_id TEXT,"
            " source_ip_address TEXT, status TEXT NOT NULL, commit_id TEXT, fields TEXT, source TEXT)")
        for column in INDEXED:
            self.database.execute(
                f"CREATE INDEX IF NOT EXISTS by_{column} ON audit_logs ({column})")

    def append(self, rows: list[tuple]) -> None:
        """One transaction: durable when it returns."""
        self.database.execute("BEGIN IMMEDIATE")
        self.database.executemany(INSERT, rows)
        self.database.execute("COMMIT")

    def analyze(self) -> None:
        self.database.execute("ANALYZE")

    def timed(self, statement: str) -> tuple[float, list[tuple]]:
        began = time.perf_counter()
        rows = self.database.execute(statement).fetchall()
        return time.perf_counter() - began, rows

    def ingest(self, pool: list[Row], batch: int, plan: Plan) -> Load:
        """Its own closed loop: ids by SQLite, times of now."""
        shapes = [parameters_of(row)[2:] for row in pool]
        batches = cycle([shapes[at:at + batch] for at in range(0, len(shapes), batch)])
        load, began, cpu = Load(), time.perf_counter(), time.thread_time()
        sent = 0
        while time.perf_counter() < began + plan.seconds and sent != plan.messages_max:
            due = began + sent / plan.rate_per_s if plan.rate_per_s else 0.0
            time.sleep(max(0.0, due - time.perf_counter()))
            asked = due or time.perf_counter()
            chosen, now_us = next(batches), time.time_ns() // 1000
            self.append([(None, now_us, *shape) for shape in chosen])
            done = time.perf_counter()
            sent += 1
            load.acked += len(chosen)
            load.messages += 1
            load.latencies.append(done - asked)
            tick = int((done - began) / TICK_S)
            load.timeline.extend([0] * (tick + 1 - len(load.timeline)))
            load.timeline[tick] += len(chosen)
        load.elapsed_s = time.perf_counter() - began
        load.generator_cpu_s = time.thread_time() - cpu
        return load

    def close(self) -> None:
        self.database.close()


def open_engine(folder: Path) -> Engine:
    return Engine(folder)


class Sqlite(System):
    name = "sqlite"
    title = "SQLite, WAL, synchronous=FULL"
    promise = "after fdatasync of the WAL; in the writer's process, no network"
    connections_max = 1
    form = TUPLES

    def missing(self) -> str | None:
        return None  # Python has it

    def version(self) -> str:
        return f"SQLite {sqlite3.sqlite_version} (Python's)"

    def settings(self) -> dict:
        return {**super().settings(), "indexes": INDEXED, "journal_mode": "WAL", "synchronous": "FULL", **tuning()}

    def create(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.folder.mkdir()
        self.start()

    def start(self) -> None:
        self.child = Worker(self.traced(command("sqlite", self.folder)),
                            self.folder.parent / "sqlite.log")

    def load(self, file: Path) -> None:
        for batch in tuple_batches(file):
            self.child.call("append", batch)

    def settle(self) -> None:
        self.child.call("analyze")

    def prepare(self, query: Query) -> str:
        return sql.statement(query, sql.SQLITE)

    def timed(self, prepared: str) -> tuple[float, list[tuple]]:
        return self.child.call("timed", prepared)

    def decode(self, query: Query, raw: list[tuple]) -> Answer:
        return answer_of(query, raw)

    def ingest(self, work: Ingest) -> Load:
        if work.connections > 1:
            raise NotComparable("one writer")
        return self.child.call("ingest", [row for _, row in work.pool], work.batch, work.plan)
