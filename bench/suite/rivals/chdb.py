"""Today's ClickHouse engine as a library (npm @chdb/lib-linux-x64-gnu) in a process of its own.

An anchor for questions: no server, so no network and no many writers. MergeTree syncs each insert here
(fsync_after_insert), which a ClickHouse server does not by default.
"""

from __future__ import annotations

import ctypes
import json
import shutil
import time
from itertools import cycle
from pathlib import Path

import processes
import sql
from driver import TICK_S, Load, Plan
from queries import Answer, Query
from rivals.base import Ingest, System
from rivals.clickhouse import insertion, lines_of, schema, table_of
from rivals.forms import TABS, line_batches
from rivals.rows import answer_of
from rivals.worker import Worker, command

PACKAGE = Path(__file__).resolve().parent.parent / "chdb"
LIBRARY = "node_modules/@chdb/lib-linux-x64-gnu/libchdb.so"
SYNCED = " SETTINGS fsync_after_insert = 1, fsync_part_directory = 1"
LOAD_BATCH = 50_000


class Engine:
    """The child's side: one connection."""

    def __init__(self, folder: Path):
        library = ctypes.CDLL((folder.parent / "library").read_text())
        library.chdb_connect.restype = ctypes.POINTER(ctypes.c_void_p)
        library.chdb_connect.argtypes = [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]
        library.chdb_query_n.restype = ctypes.c_void_p
        library.chdb_query_n.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t,
                                         ctypes.c_char_p, ctypes.c_size_t]
        for name, result in (("buffer", ctypes.c_void_p), ("length", ctypes.c_size_t),
                             ("error", ctypes.c_char_p)):
            function = getattr(library, f"chdb_result_{name}")
            function.restype, function.argtypes = result, [ctypes.c_void_p]
        library.chdb_destroy_query_result.argtypes = [ctypes.c_void_p]
        library.chdb_close_conn.argtypes = [ctypes.POINTER(ctypes.c_void_p)]
        library.chdb_close_conn.restype = None
        self.library = library
        arguments = [b"clickhouse", f"--path={folder}".encode()]
        self.connection = library.chdb_connect(2, (ctypes.c_char_p * 2)(*arguments))
        if not self.connection:
            raise RuntimeError("chdb did not open its folder")
        self.query(schema(SYNCED))

    def query(self, text: str | bytes) -> bytes:
        data, form = text if isinstance(text, bytes) else text.encode(), b"TabSeparated"
        result = self.library.chdb_query_n(self.connection[0], data, len(data), form, len(form))
        try:
            if error := self.library.chdb_result_error(result):
                raise RuntimeError(f"chdb: {error.decode(errors='replace')[:500]}")
            length = self.library.chdb_result_length(result)
            return ctypes.string_at(self.library.chdb_result_buffer(result), length) if length else b""
        finally:
            self.library.chdb_destroy_query_result(result)

    def optimize(self) -> None:
        self.query("OPTIMIZE TABLE audit_logs")

    def version(self) -> str:
        return self.query("SELECT version()").decode().strip()

    def timed(self, statement: str) -> tuple[float, bytes]:
        began = time.perf_counter()
        answer = self.query(statement)
        return time.perf_counter() - began, answer

    def ingest(self, bodies: list[tuple[bytes, int]], plan: Plan) -> Load:
        """Its own closed loop over texts made before."""
        load, began, sent = Load(), time.perf_counter(), 0
        for body, events in cycle(bodies):
            asked = time.perf_counter()
            if asked >= began + plan.seconds or sent == plan.messages_max:
                break
            self.query(body)
            done = time.perf_counter()
            sent += 1
            load.acked += events
            load.messages += 1
            load.latencies.append(done - asked)
            tick = int((done - began) / TICK_S)
            load.timeline.extend([0] * (tick + 1 - len(load.timeline)))
            load.timeline[tick] += events
        load.elapsed_s = time.perf_counter() - began
        return load

    def close(self) -> None:
        self.library.chdb_close_conn(self.connection)


def open_engine(folder: Path) -> Engine:
    return Engine(folder)


class Chdb(System):
    name = "chdb"
    title = "chdb (ClickHouse today), in process"
    promise = "fsync_after_insert; in the writer's process, no network"
    connections_max = 1
    form = TABS
    writing_compared = False

    @property
    def library(self) -> Path:
        return (self.options.cache / "chdb" / LIBRARY).absolute()

    def missing(self) -> str | None:
        return None if self.library.is_file() else "chdb is not downloaded: --install (npm, about 600 MB)"

    def download(self) -> None:
        folder = self.options.cache / "chdb"
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(PACKAGE / name, folder / name)
        processes.run(["npm", "ci", "--no-audit", "--no-fund"], folder=folder, timeout_s=1800)

    def version(self) -> str:
        package = self.library.parent / "package.json"
        return f"npm @chdb/lib-linux-x64-gnu {json.loads(package.read_text())['version']}"

    def settings(self) -> dict:
        return {**super().settings(), "table": schema(SYNCED)}

    def create(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.folder.mkdir()
        (folder / "library").write_text(str(self.library))
        self.start()

    def start(self) -> None:
        self.child = Worker(self.traced(command("chdb", self.folder)), self.folder.parent / "chdb.log")
        self.child.call("version")

    def load(self, file: Path) -> None:
        for lines in line_batches(file, LOAD_BATCH):
            self.child.call("query", insertion(lines))

    def settle(self) -> None:
        self.child.call("optimize")

    def prepare(self, query: Query) -> str:
        return sql.statement(query, sql.CHDB)

    def timed(self, prepared: str) -> tuple[float, bytes]:
        return self.child.call("timed", prepared)

    def decode(self, query: Query, raw: bytes) -> Answer:
        return answer_of(query, table_of(raw.decode()))

    def ingest(self, work: Ingest) -> Load:
        """Only to count its syncs: one batch, again and again."""
        rows = [row for _, row in work.pool]
        return self.child.call("ingest", [(lines_of(rows[:work.batch]), work.batch)], work.plan)
