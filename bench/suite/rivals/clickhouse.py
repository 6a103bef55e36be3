"""ClickHouse 18.16, Debian's: a fair anchor for scans, not a picture of today's ClickHouse.

It acknowledges from the page cache (it has no setting for more), has no skip indexes, no column codecs
and does not read in order; pages are asked in two steps, keys first, which is best for it.
"""

from __future__ import annotations

from pathlib import Path

import processes
import sql
from events import Row
from queries import Answer, Query
from rivals.base import Event, Server
from rivals.forms import TABS, tab_separated
from rivals.http_frame import HttpFramer, body_of, request_bytes
from rivals.rows import answer_of

UNESCAPES = {"t": "\t", "n": "\n", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}
TYPES = {"id": "UInt64 DEFAULT rand64()", "created_at": "UInt64 DEFAULT toUInt64(now()) * 1000000",
         "action": "LowCardinality(String)", "status": "LowCardinality(String)", "source": "LowCardinality(String)"}
COME_AGAIN = (b"Too many parts", b"Too many simultaneous queries")  # merges or queries are behind

SERVER = """<yandex>
  <logger><level>warning</level><log>{folder}/server.log</log><errorlog>{folder}/errors.log</errorlog></logger>
  <listen_host>127.0.0.1</listen_host><http_port>{http}</http_port><tcp_port>{tcp}</tcp_port>
  <path>{folder}/data/</path><tmp_path>{folder}/tmp/</tmp_path><users_config>{folder}/users.xml</users_config>
  <default_profile>default</default_profile><default_database>default</default_database>
  <mark_cache_size>1073741824</mark_cache_size><timezone>UTC</timezone>
  <keep_alive_timeout>3600</keep_alive_timeout><max_connections>5000</max_connections>
  <max_concurrent_queries>2000</max_concurrent_queries>
</yandex>
"""
USERS = """<yandex>
  <profiles><default>
    <allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type>
    <max_concurrent_queries_for_user>0</max_concurrent_queries_for_user>
  </default></profiles>
  <users><default><password></password><networks><ip>127.0.0.1</ip></networks>
    <profile>default</profile><quota>default</quota></default></users>
  <quotas><default></default></quotas>
</yandex>
"""


def schema(settings: str = "") -> str:
    columns = ", ".join(f"{name} {TYPES.get(name, 'String')}" for name in sql.COLUMNS)
    return (f"CREATE TABLE IF NOT EXISTS audit_logs ({columns}) ENGINE = MergeTree"
            " PARTITION BY toYYYYMM(toDateTime(intDiv(created_at, 1000000))) ORDER BY (created_at, id)" + settings)


def insertion(lines: bytes, made_here: bool = False) -> bytes:
    """INSERT … FORMAT TabSeparated with its data."""
    columns = sql.COLUMNS[2:] if made_here else sql.COLUMNS
    return f"INSERT INTO audit_logs ({', '.join(columns)}) FORMAT TabSeparated\n".encode() + lines


def lines_of(rows: list[Row]) -> bytes:
    """The insertion of rows that get their id and time from the table."""
    return insertion("".join(tab_separated(row, made_here=True) for row in rows).encode(), made_here=True)


def unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    parts = iter(text)
    return "".join(UNESCAPES.get(after := next(parts), after) if c == "\\" else c for c in parts)


def table_of(text: str) -> list[list[str]]:
    """Rows of TabSeparated."""
    return [[unescaped(value) for value in line.split("\t")] for line in text.split("\n")[:-1]]


class ClickHouseFramer(HttpFramer):
    def verdict(self, received: bytearray) -> str:
        told = super().verdict(received)
        return "refused" if told == "failed" and any(w in received for w in COME_AGAIN) else told


class ClickHouse(Server):
    name = "clickhouse"
    title = "ClickHouse 18.16, MergeTree"
    promise = "from the page cache: no sync before the answer"
    packages = ("clickhouse-server",)
    connections_max = 1024
    form = TABS
    load_batch = 50_000  # a part each: a thousand would be too many parts

    def missing(self) -> str | None:
        if not self.program():
            return "ClickHouse is not installed: apt-get install clickhouse-server"
        return None

    @staticmethod
    def program() -> str | None:
        return processes.find("clickhouse-server", "/usr/sbin")

    def version(self) -> str:
        """The package's: the program has no option that tells."""
        return "ClickHouse " + processes.run(["dpkg-query", "-W", "-f", "${Version}", *self.packages])

    def settings(self) -> dict:
        return {**super().settings(), "table": schema()}

    def create(self, folder: Path) -> None:
        self.folder = folder / "data"
        for part in (self.folder, folder / "tmp"):
            part.mkdir()
        (folder / "users.xml").write_text(USERS)
        self.start()
        self.execute(schema())

    def start(self) -> None:
        folder = self.folder.parent
        self.port = processes.free_port()
        (folder / "config.xml").write_text(
            SERVER.format(folder=folder, http=self.port, tcp=processes.free_port()))
        self.child = processes.Child(
            self.traced([self.program(), f"--config-file={folder}/config.xml"]), folder / "output.log")
        self.child.wait_until(lambda: processes.accepts(self.port))

    def framer(self) -> ClickHouseFramer:
        return ClickHouseFramer()

    def post(self, text: str | bytes) -> bytes:
        return request_bytes("POST", "/", {}, text if isinstance(text, bytes) else text.encode())

    def execute(self, text: str) -> list[list[str]]:
        return rows_of(self.exchange(self.post(text)))

    def message(self, events: list[Event]) -> bytes:
        return self.post(lines_of([row for _, row in events]))

    def loading(self, lines: bytes) -> bytes:
        return self.post(insertion(lines))

    def settle(self) -> None:
        """Parts are joined, as they would be in time."""
        self.execute("OPTIMIZE TABLE audit_logs")

    def request(self, query: Query) -> bytes:
        return self.post(sql.statement(query, sql.CLICKHOUSE))

    def decode(self, query: Query, raw: bytes) -> Answer:
        return answer_of(query, rows_of(raw))


def rows_of(raw: bytes) -> list[list[str]]:
    body = body_of(raw).decode()
    if not raw.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"ClickHouse: {body[:500]}")
    return table_of(body)
