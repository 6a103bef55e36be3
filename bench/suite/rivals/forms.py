"""The corpus in the forms that systems load: each is written once to a file and read by all who want it.

A form holds every event, in order; a line an event, but for TUPLES. Nobody's load then pays for
Python that encodes.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from events import Event, Row, rfc3339
from rivals.rows import parameters_of

TOGETHER = 1000  # events that are encoded at a time; a batch of TUPLES
NULL = r"\N"
SPECIAL = re.compile("[\\\\\t\n\r\0\b\f]")
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\b": "\\b", "\f": "\\f"})


@dataclass(frozen=True)
class Form:
    """`encode` makes the bytes of some events that follow each other."""

    file: str
    encode: Callable[[list[Event]], bytes]


def line_of(start: tuple[str, ...], row: Row, absent: str) -> str:
    """Tab-separated: `start`, and the columns after id and time."""
    texts = parameters_of(row)[2:]
    if SPECIAL.search("".join(filter(None, texts))):
        texts = [text and text.translate(ESCAPES) for text in texts]
    return "\t".join([*start, *[absent if text is None else text for text in texts]]) + "\n"


def tab_separated(row: Row, made_here: bool = False) -> str:
    """A line for ClickHouse; absent is empty. With `made_here` without id and time."""
    return line_of(() if made_here else (str(row.position), str(row.created_us)), row, absent="")


def copy_text(row: Row) -> str:
    """A line for PostgreSQL's COPY."""
    return line_of((str(row.position), rfc3339(row.created_us)), row, absent=NULL)


NDJSON = Form("events.ndjson", lambda events: b"".join(line + b"\n" for line, _ in events))
COPY = Form("rows.copy", lambda events: "".join(copy_text(row) for _, row in events).encode())
TABS = Form("rows.tsv", lambda events: "".join(tab_separated(row) for _, row in events).encode())
TUPLES = Form("rows.tuples", lambda events: marshal.dumps([parameters_of(row) for _, row in events]))


def written(events: Iterable[Event], forms: Iterable[Form], folder: Path) -> Iterator[Event]:
    """The same events, once they are in a file of every form; all is on disk at the end."""
    walk = iter(events)
    with contextlib.ExitStack() as stack:
        files = [(form, stack.enter_context(open(folder / form.file, "wb"))) for form in forms]
        while some := list(islice(walk, TOGETHER)):
            for form, file in files:
                file.write(form.encode(some))
            yield from some
        for _, file in files:  # or else it would be written while something is measured
            file.flush()
            os.fsync(file.fileno())


def line_batches(file: Path, count: int) -> Iterator[bytes]:
    """`count` whole lines at a time. REQUIRES: a form of lines."""
    with open(file, "rb") as lines:
        while batch := b"".join(islice(lines, count)):
            yield batch


def tuple_batches(file: Path) -> Iterator[list[tuple]]:
    with open(file, "rb") as batches:
        while True:
            try:
                yield marshal.load(batches)
            except EOFError:
                return
