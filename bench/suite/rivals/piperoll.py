"""piperoll itself, over its native API with a key."""

from __future__ import annotations

import json
import re
import time
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import processes
from events import NATIVE_FIELDS, compact, microseconds, rfc3339
from queries import DAY_US, Answer, Query
from rivals.base import Event, Server
from rivals.forms import NDJSON
from rivals.http_frame import HttpFramer, body_of, request_bytes

SETTLE_TIMEOUT_S = 600


class Piperoll(Server):
    name = "piperoll"
    title = "piperoll"
    promise = "after fdatasync, indexed, in the tree"
    log_folders = ("journal",)
    form = NDJSON
    flags: tuple[str, ...] = ()

    def missing(self) -> str | None:
        if Path(self.options.binary).is_file():
            return None
        return f"{self.options.binary} is not there: scripts/build, or --binary"

    def version(self) -> str:
        return processes.run([self.options.binary, "version"]).strip()

    def create(self, folder: Path) -> None:
        self.folder = folder / "data"
        self.organisation = json.loads(self.command("org", "create", "--name", "bench"))["id"]
        self.key = self.command("key", "create", "--org", "bench", "--role", "admin").strip()
        self.start()

    def command(self, *arguments: str) -> str:
        return processes.run([self.options.binary, *arguments, "--data", str(self.folder)])

    def start(self) -> None:
        log = self.folder.parent / "piperoll.log"
        seen = log.stat().st_size if log.exists() else 0
        self.child = processes.Child(self.traced(
            [self.options.binary, "serve", "--data", str(self.folder), "--listen", "127.0.0.1:0",
             "--log-format", "json", *self.flags, *self.options.server_flags]), log)

        def serving() -> bool:
            found = re.search(rb'"serving".*?127\.0\.0\.1:(\d+)', log.read_bytes()[seen:])
            if found:
                self.port = int(found[1])
            return bool(found)

        self.child.wait_until(serving, timeout_s=300)

    def settings(self) -> dict:
        return {**super().settings(), "flags": " ".join([*self.flags, *self.options.server_flags])}

    def headers(self, content_type: str | None = None) -> dict[str, str]:
        named = {"Authorization": f"Bearer {self.key}"}
        return {**named, "Content-Type": content_type} if content_type else named

    def framer(self) -> HttpFramer:
        return HttpFramer()

    def message(self, events: list[Event]) -> bytes:
        lines = [anonymous(line) for line, _ in events]
        if len(lines) == 1:
            return request_bytes("POST", "/v1/events", self.headers("application/json"), lines[0])
        return self.loading(b"\n".join(lines))

    def loading(self, lines: bytes) -> bytes:
        # Atomic: one bad event would be a 422, so that 200 is an acknowledgement of all.
        return request_bytes("POST", "/v1/events?results=errors&atomic=true",
                             self.headers("application/x-ndjson"), lines)

    def get(self, path: str, parameters: dict[str, object] | None = None) -> bytes:
        target = f"{path}?{urlencode(parameters)}" if parameters else path
        return request_bytes("GET", target, self.headers())

    def request(self, query: Query) -> bytes:
        parameters = filters_of(query)
        if query.kind == "get":
            return self.get(f"/v1/events/{query.row[1]}")
        if query.kind == "count":
            return self.get("/v1/events", {**parameters, "count": "exact", "limit": 1})
        if query.kind == "facet":
            return self.get("/v1/facets", {**parameters, "field": NATIVE_FIELDS[query.facet],
                                           "limit": query.limit})
        if query.kind == "histogram":
            return self.get("/v1/histogram", {**parameters, "interval": "day"})
        field = "occurred_at" if query.sort == "created_us" else NATIVE_FIELDS[query.sort]
        parameters |= {"sort": ("-" if query.descending else "") + field, "limit": query.limit}
        if query.offset:
            parameters["offset"] = query.offset
        if query.after_row:
            parameters["cursor"] = self.answer(self.get("/v1/events", parameters))["next_cursor"]
        return self.get("/v1/events", parameters)

    def answer(self, request: bytes) -> dict:
        return decoded(self.exchange(request))

    def call(self, method: str, path: str, body: dict | bytes, key: str | None = None) -> dict:
        """One request with JSON (a dict) or NDJSON (bytes), with this key or our own."""
        lines = isinstance(body, bytes)
        headers = {**self.headers("application/x-ndjson" if lines else "application/json"),
                   "Authorization": f"Bearer {key or self.key}"}
        sent = body if lines else json.dumps(body).encode()
        return self.answer(request_bytes(method, path, headers, sent))

    def decode(self, query: Query, raw: bytes) -> Answer:
        found = decoded(raw)
        if query.kind == "get":
            return Answer(ids=(found["id"],))
        if query.kind == "count":
            return Answer(count=found["count"])
        if query.kind == "facet":
            return Answer(table=tuple((v["value"], v["count"]) for v in found["values"]))
        if query.kind == "histogram":
            days = {str(microseconds(b["start"]) // DAY_US): b["count"] for b in found["buckets"]}
            return Answer(table=tuple(sorted((d, n) for d, n in days.items() if n)))
        return Answer(ids=tuple(event["id"] for event in found["events"]))

    def metric(self, name: str) -> float:
        text = body_of(self.exchange(self.get("/metrics"))).decode()
        found = re.search(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    def settle(self) -> None:
        deadline = time.monotonic() + SETTLE_TIMEOUT_S
        while self.metric("piperoll_index_lag_records") > 0 and time.monotonic() < deadline:
            time.sleep(0.1)


class PiperollWithoutEvidence(Piperoll):
    """What the tree costs: the same without leaves and proofs. Rivals offer none either."""

    name = "piperoll-without-evidence"
    title = "piperoll without evidence"
    promise = "after fdatasync, indexed, no tree"
    flags = ("--evidence", "false")


@lru_cache(maxsize=1 << 16)  # every case sends the same pool
def anonymous(line: bytes) -> bytes:
    """The event without id and time: the server makes them."""
    event = json.loads(line)
    event.pop("id", None)
    event.pop("occurred_at", None)
    return compact(event).encode()


def filters_of(query: Query) -> dict[str, object]:
    suffixes = {"eq": "", "neq": ".ne", "contains": ".contains"}
    found: dict[str, object] = {NATIVE_FIELDS[f.field] + suffixes[f.op]: f.value for f in query.filters}
    if query.after_us is not None:
        found["occurred_after"] = rfc3339(query.after_us)
    if query.before_us is not None:
        found["occurred_before"] = rfc3339(query.before_us)
    return found


def decoded(raw: bytes) -> dict:
    if not raw.startswith(b"HTTP/1.1 2"):
        raise RuntimeError(f"piperoll answered {raw[:600]!r}")
    return json.loads(body_of(raw))
