"""What all workloads of one run share."""

from __future__ import annotations

import gc
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from events import Corpus, Event, Survey, survey
from measure import Results
from rivals.base import Options, System
from rivals.forms import written

SAID_EVERY = 500_000
BRUTE_FORCE_MOST = 1_000_000  # rows that are kept in memory to be asked by brute force
_began = time.monotonic()


def say(text: str) -> None:
    """Progress, on standard error."""
    print(f"[{time.monotonic() - _began:7.1f} s] {text}", file=sys.stderr, flush=True)


def watched(events: Iterator[Event], what: str) -> Iterator[Event]:
    """The same, with a word now and then."""
    for number, event in enumerate(events, start=1):
        if number % SAID_EVERY == 0:
            say(f"{what}: {number:,} events")
        yield event


@dataclass
class Setting:
    corpus: Corpus
    options: Options
    results: Results
    kinds: list[type[System]]
    work: Path
    rounds: int = 3
    seconds: float = 5.0  # of one closed-loop case
    steady_seconds: float = 30.0  # of one open-loop case
    repeats: int = 100  # questions of every case in a round
    case_seconds: float = 20.0  # after which slow ones are not repeated
    connections_most: int = 4096
    pool_events: int = 20_000
    organisations: int = 1000
    kills: int = 50
    seed: int = 1
    survey: Survey | None = None
    written: Path | None = None  # the corpus in the forms that systems load, until all have it
    pool: list[Event] | None = None
    best: dict[str, float] = field(default_factory=dict)  # events/s of I1 by system
    loaded: dict[str, System] = field(default_factory=dict)  # with the whole corpus, running
    folders: int = 0

    def new_folder(self) -> Path:
        self.folders += 1
        folder = self.work / str(self.folders)
        folder.mkdir()
        return folder

    def survey_of_all(self) -> Survey:
        """Walks the corpus, once a run: what is in it, and a file of each form that is loaded.

        Not before somebody asks: rows in memory and files that go to the disk are in nobody's way then.
        """
        if self.survey is None:
            say(f"reading {self.corpus.size:,} events ({self.corpus.name})")
            self.written = self.new_folder()
            events = written(watched(self.corpus.walk(), "reading"),
                             dict.fromkeys(kind.form for kind in self.kinds), self.written)
            gc.disable()  # rows are no garbage, and a collector would look at all of them again and again
            found = survey(events, keep=self.corpus.size <= BRUTE_FORCE_MOST)
            gc.enable()
            gc.freeze()
            if found.rows < self.corpus.size:
                raise RuntimeError(f"{self.corpus.name} has {found.rows} events, not {self.corpus.size}")
            self.survey = found
            self.results.settings["bytes_an_event"] = round(found.bytes / found.rows, 1)
        return self.survey

    def forget_files(self) -> None:
        if self.written:
            shutil.rmtree(self.written, ignore_errors=True)
            self.written = None

    def unload(self) -> None:
        while self.loaded:
            self.loaded.popitem()[1].stop()

    def connections(self, wanted: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(count for count in wanted if count <= self.connections_most)
