"""PostgreSQL 15 with BloodHound's audit table: as shipped, and with the best indexes for our queries.

Spoken to with the simple query protocol over TCP on loopback, as piperoll is with HTTP.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import measure
import processes
import sql
from queries import Answer, Query
from rivals.base import Event, Server
from rivals.forms import COPY
from rivals.rows import answer_of

PROGRAMS = "/usr/lib/postgresql/15/bin"
READY = b"Z\x00\x00\x00\x05"  # and one byte: ReadyForQuery ends every answer
USER = "postgres"
SINGLE = ("created_at", "actor_id", "actor_email", "action", "source_ip_address", "status", "source")
COMPOSITE = ("created_at, id", "actor_id, created_at, id", "action, created_at, id",
             "action, actor_id, created_at, id", "source, created_at, id", "actor_name, id",
             "action, actor_name, id")
SCHEMA = """
CREATE TABLE audit_logs (
  id bigserial PRIMARY KEY, created_at timestamptz NOT NULL DEFAULT now(), action text NOT NULL,
  actor_id text, actor_name text, actor_email text, request_id text, source_ip_address text,
  status varchar(15) NOT NULL DEFAULT 'intent' CHECK (status IN ('intent', 'success', 'failure')),
  commit_id text, fields jsonb, source text);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'audit rows stay as they are'; END $$;
CREATE TRIGGER rows_stay BEFORE UPDATE OR DELETE ON audit_logs FOR EACH ROW EXECUTE FUNCTION refuse();
"""


def messages_of(raw: bytes | bytearray) -> Iterator[tuple[bytes, bytes]]:
    """(type, content) of each message of the protocol (version 3)."""
    at = 0
    while at + 5 <= len(raw):
        (length,) = struct.unpack_from("!I", raw, at + 1)
        yield bytes(raw[at:at + 1]), bytes(raw[at + 5:at + 1 + length])
        at += 1 + length


def row_values(content: bytes) -> list[str | None]:
    """Columns of a DataRow, as text."""
    (columns,) = struct.unpack_from("!H", content)
    at, values = 2, []
    for _ in range(columns):
        (length,) = struct.unpack_from("!i", content, at)
        at += 4
        if length < 0:
            values.append(None)
        else:
            values.append(content[at:at + length].decode())
            at += length
    return values


def simple_query(text: str) -> bytes:
    content = text.encode() + b"\0"
    return b"Q" + struct.pack("!I", len(content) + 4) + content


class PostgresFramer:
    """One query at a time: the answer is whole when ReadyForQuery is its end."""

    def complete(self, received: bytearray) -> bool:
        return received[-6:-1] == READY

    def verdict(self, received: bytearray) -> str:
        return "failed" if any(kind == b"E" for kind, _ in messages_of(received)) else "ok"


class Postgres(Server):
    name = "postgres"
    title = "PostgreSQL 15, BloodHound's indexes"
    promise = "synchronous_commit on: after fdatasync of the log"
    connections_max = 512
    log_folders = ("pg_wal",)
    form = COPY
    packages = ("postgresql-15",)
    more_indexes: tuple[str, ...] = ()

    def missing(self) -> str | None:
        if not os.access(f"{PROGRAMS}/postgres", os.X_OK):
            return "PostgreSQL 15 is not installed: apt-get install postgresql-15"
        return None

    def version(self) -> str:
        return processes.run([f"{PROGRAMS}/postgres", "--version"]).strip()

    @property
    def user(self) -> str | None:
        """The server refuses to run as root."""
        return USER if os.geteuid() == 0 else None

    def create(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.folder.mkdir(mode=0o700)
        if self.user:
            shutil.chown(folder, self.user)
            shutil.chown(self.folder, self.user)
        processes.run([f"{PROGRAMS}/initdb", "-D", str(self.folder), "-A", "trust", "-U", USER,
                       "--locale=C", "-E", "UTF8"], user=self.user, folder=folder)
        self.start()
        for statement in (SCHEMA, *self.indexes()):
            self.execute(statement)
        self.trigrams()

    def indexes(self) -> list[str]:
        return [f"CREATE INDEX ON audit_logs ({columns})" for columns in (*SINGLE, *self.more_indexes)]

    def trigrams(self) -> None:
        """An index for substrings, where a variant has one."""

    def tuning(self) -> dict[str, str]:
        gib = measure.machine()["memory_gib"]
        return {"shared_buffers": "2GB" if gib >= 8 else "128MB", "max_wal_size": "4GB",
                "synchronous_commit": "on", "fsync": "on"}

    def settings(self) -> dict:
        return {**super().settings(), **self.tuning(), "indexes": self.indexes()}

    def start(self) -> None:
        self.port = processes.free_port()
        options = {**self.tuning(), "listen_addresses": "127.0.0.1", "port": str(self.port),
                   "unix_socket_directories": "", "max_connections": str(self.connections_max + 20)}
        flags = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self.child = processes.Child(
            self.traced([f"{PROGRAMS}/postgres", "-D", str(self.folder), *flags]),
            self.folder.parent / "postgres.log", user=self.user, stop_signal=signal.SIGINT)
        self.child.wait_until(self._answers)

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except (OSError, RuntimeError):
            return False
        return True

    def connect(self) -> socket.socket:
        plain = super().connect()
        content = struct.pack("!I", 196608) + f"user\0{USER}\0database\0postgres\0\0".encode()
        plain.sendall(struct.pack("!I", len(content) + 4) + content)
        received = bytearray()
        while not PostgresFramer().complete(received):
            piece = plain.recv(65536)
            if not piece or received[:1] == b"E":
                plain.close()
                raise RuntimeError(f"PostgreSQL refused the connection: {bytes(received + piece)!r}")
            received += piece
        return plain

    def framer(self) -> PostgresFramer:
        return PostgresFramer()

    def execute(self, text: str) -> list[list[str | None]]:
        """Rows of the last statement."""
        return rows_of(self.exchange(simple_query(text)))

    def message(self, events: list[Event]) -> bytes:
        return simple_query(sql.insert([row for _, row in events], sql.POSTGRES))

    def loading(self, lines: bytes) -> bytes:
        """One COPY with its data: the server needs no word from us in between."""
        return (simple_query(f"COPY audit_logs ({', '.join(sql.COLUMNS)}) FROM STDIN")
                + b"d" + struct.pack("!I", len(lines) + 4) + lines + b"c\x00\x00\x00\x04")

    def load(self, file: Path) -> None:
        super().load(file)
        self.execute("SELECT setval('audit_logs_id_seq', (SELECT max(id) FROM audit_logs))")

    def settle(self) -> None:
        self.execute("VACUUM ANALYZE audit_logs")

    def request(self, query: Query) -> bytes:
        return simple_query(sql.statement(query, sql.POSTGRES))

    def decode(self, query: Query, raw: bytes) -> Answer:
        return answer_of(query, rows_of(raw))


class PostgresComposite(Postgres):
    name = "postgres-composite"
    title = "PostgreSQL 15, composite and trigram indexes"
    more_indexes = COMPOSITE

    def trigrams(self) -> None:
        self.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        self.execute("CREATE INDEX ON audit_logs USING gin (actor_name gin_trgm_ops)")

    def settings(self) -> dict:
        return {**super().settings(), "trigrams": "GIN on actor_name (pg_trgm)"}


def rows_of(raw: bytes) -> list[list[str | None]]:
    rows = []
    for kind, content in messages_of(raw):
        if kind == b"E":
            said = [part.decode(errors="replace") for part in content.split(b"\0")]
            raise RuntimeError(f"PostgreSQL: {' '.join(said)}")
        if kind == b"D":
            rows.append(row_values(content))
    return rows
