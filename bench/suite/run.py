#!/usr/bin/env python3
"""Measures piperoll beside PostgreSQL, SQLite, ClickHouse and chdb on the same events and questions.

Starts each system on loopback in a temporary folder and ends it again. README.md of this folder says
what the workloads are and how to read the page that comes out.
"""

from __future__ import annotations

import argparse
import os
import resource
import shlex
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

SUITE = Path(__file__).resolve().parent
ROOT = SUITE.parent.parent
sys.path.insert(0, str(SUITE))

import asking  # noqa: E402
import ingest  # noqa: E402
import install  # noqa: E402
import measure  # noqa: E402
import native  # noqa: E402
import processes  # noqa: E402
import recovery  # noqa: E402
import report  # noqa: E402
import syncs  # noqa: E402
from events import Corpus  # noqa: E402
from rivals.base import Options, System  # noqa: E402
from rivals.chdb import Chdb  # noqa: E402
from rivals.clickhouse import ClickHouse  # noqa: E402
from rivals.piperoll import Piperoll, PiperollWithoutEvidence  # noqa: E402
from rivals.postgres import Postgres, PostgresComposite  # noqa: E402
from rivals.sqlite import Sqlite  # noqa: E402
from setting import Setting, say  # noqa: E402
from shapes import SHAPES  # noqa: E402

SYSTEMS: dict[str, type[System]] = {kind.name: kind for kind in (
    Piperoll, PiperollWithoutEvidence, Postgres, PostgresComposite, Sqlite, ClickHouse, Chdb)}
WORKLOADS: dict[str, Callable[[Setting], None]] = {
    "I1": ingest.bulk, "I2": ingest.small, "I3": ingest.steady, "I4": ingest.sustained,
    "I5": ingest.many_organisations, "S1": ingest.overload, "L": native.own_generator, "R1": recovery.kills,
    # From here on what was loaded stays; M1 adds to it, so it is the last.
    "Q": asking.questions, "C1": asking.cold, "M1": asking.beside}
DURABLE_ACKS = 50


def size(text: str) -> int:
    """20000, 20k, 1M."""
    factor = {"k": 10**3, "m": 10**6}.get(text[-1:].lower(), 1)
    value = int(text[:-1] if factor > 1 else text) * factor
    if not 1000 <= value <= 10**9:
        raise argparse.ArgumentTypeError("from 1000 to 1000M")
    return value


def names(known: dict[str, object]) -> Callable[[str], list[str]]:
    def chosen(text: str) -> list[str]:
        found = list(known) if text == "all" else text.split(",")
        for name in found:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name}: there are {', '.join(known)}")
        return found

    return chosen


def parser() -> argparse.ArgumentParser:
    out = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = out.add_argument
    add("--size", type=size, default=size("20k"), help="events: 20k (a trial, the default), 1M, 10M, 100M")
    add("--data", default=os.environ.get("PIPEROLL_BENCH_DATA"), metavar="FILE",
        help="recorded events (NDJSON, plain or .zst) instead of generated ones; repeated when too few "
             "(environment: PIPEROLL_BENCH_DATA)")
    add("--shape", choices=list(SHAPES), help="adversarial events: all values unique; one value only; 250 "
        "characters with a shared prefix; one in twenty five years late")
    add("--systems", type=names(SYSTEMS), default=list(SYSTEMS), metavar="A,B", help=", ".join(SYSTEMS))
    add("--workloads", type=names(WORKLOADS), default=list(WORKLOADS), metavar="A,B",
        help="I1 to I5, Q (Q1 to Q14), M1, R1, C1, S1, L")
    add("--rounds", type=int, default=3, help="times that everything is measured (3)")
    add("--once", type=names(WORKLOADS), default=[], metavar="A,B", help="workloads of one round alone: I4 and C1 take long")
    add("--seconds", type=float, default=5, help="length of one closed-loop case (5)")
    add("--steady-seconds", type=float, default=30, help="length of one open-loop case (30; 600 for I3 in full)")
    add("--repeats", type=int, default=100, help="questions of every case in a round (100)")
    add("--case-seconds", type=float, default=20, help="slow questions are repeated no longer than that (20)")
    add("--connections-most", type=int, default=256, help="leave out cases with more (256; 4096 for all)")
    add("--kills", type=int, default=5, help="of R1 (5; 50 in full)")
    add("--organisations", type=int, default=100, help="of I5 (100; 1000 in full)")
    add("--seed", type=int, default=1)
    add("--output", type=Path, default=ROOT / "build" / "bench-suite", help="folder of the page and the pictures")
    add("--work", default=None, metavar="DIR", help="where the systems keep their data; the disk that is measured")
    add("--binary", default=os.environ.get("PIPEROLL_BINARY"), help="piperoll (build/bench, build/release, build/dev)")
    add("--cache", type=Path, default=ROOT / "build" / "bench-suite-cache", help="where downloaded engines are kept")
    add("--install", action="store_true", help="install what is missing (apt-get, as root or with sudo; npm)")
    add("--note", default="", help="a sentence for the head of the page")
    return out


def shown_command(arguments: list[str]) -> str:
    """The command as another machine could run it: of absolute paths the last name alone."""
    return shlex.join(["bench/suite/run.py",
                       *(Path(a).name if a.startswith("/") else a for a in arguments)])


def piperoll_binary(given: str | None) -> str:
    found = [given] if given else [str(ROOT / "build" / kind / "piperoll") for kind in ("bench", "release", "dev")]
    for path in found:
        if os.access(path, os.X_OK):
            return os.path.abspath(path)
    raise SystemExit(f"run.py: no piperoll at {', '.join(found)}: scripts/build makes it")


def present(chosen: list[str], options: Options, results: measure.Results) -> list[type[System]]:
    """Those that can run; the others are named on the page."""
    kinds = []
    for name in chosen:
        system = SYSTEMS[name](options)
        why = system.missing()
        if not why:
            try:
                results.systems[name] = system.settings()
            except RuntimeError as error:
                why = f"does not tell its version: {error}"
        if why:
            say(f"left out: {name}: {why}")
            results.left_out[name] = why
        else:
            kinds.append(SYSTEMS[name])
    return kinds


def prove_durability(setting: Setting) -> None:
    """Starts each system for the first time; what does not start is left out, not the end of the run."""
    unseen = syncs.missing()
    for kind in list(setting.kinds):
        say(f"counting the syncs of {kind.title}")
        why = unseen
        if not why:
            try:
                count_syncs(setting, kind)
                continue
            except (RuntimeError, OSError) as error:
                why = f"not under strace: {error}"
        say(f"its durability is not shown: {why}")
        setting.results.skip("Durability", "all", kind.name, why)
        try:
            with ingest.fresh(setting, kind):
                pass
        except (RuntimeError, OSError) as error:
            say(f"left out: {kind.name}: {error}")
            setting.results.leave_out(kind.name, str(error))
            setting.kinds.remove(kind)


def count_syncs(setting: Setting, kind: type[System]) -> None:
    folder = setting.work / f"syncs-{kind.name}"
    proof = syncs.count_syncs(kind, setting.options, folder, ingest.pool_of(setting), DURABLE_ACKS)
    setting.results.durability.append({
        "system": kind.name, "promise": kind.promise, "acknowledgements": proof.acknowledgements,
        "proved": proof.proved, "syncs": proof.syncs, "calls": list(proof.calls)})


def measured(setting: Setting, wanted: argparse.Namespace) -> bool:
    """Runs the workloads, one failing or not, and writes the page after each; were all good?"""
    def disk(when: str) -> None:
        setting.results.disk.append({"when": when, **measure.fdatasync_latency(setting.work)})

    disk("before")
    good = True
    chosen = {name: work for name, work in WORKLOADS.items() if name in wanted.workloads}
    for name, work in {"Durability": prove_durability, **chosen}.items():
        say(f"workload {name}")
        setting.rounds = 1 if name in wanted.once else wanted.rounds
        began = time.perf_counter()
        try:
            work(setting)
        except (RuntimeError, OSError) as error:
            good = False
            say(f"{name} failed: {error}")
            setting.results.check(name, "all", False, f"{type(error).__name__}: {error}")
        setting.results.settings["took_s"][name] = round(time.perf_counter() - began, 1)
        disk(f"after {name}")
        report.write(setting.results, wanted.output)
    return good


def allow_many_connections() -> None:
    """As many open files as this user may have; the systems inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main(arguments: list[str]) -> int:
    wanted = parser().parse_args(arguments)
    allow_many_connections()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    binary = piperoll_binary(wanted.binary)
    corpus = Corpus(wanted.size, wanted.seed, wanted.data, binary, SHAPES.get(wanted.shape))
    options = Options(binary, wanted.cache)
    if wanted.install:
        install.everything([SYSTEMS[name](options) for name in wanted.systems])
    settings = {"command": shown_command(arguments), "events": wanted.size, "data": corpus.name,
                "rounds": wanted.rounds, "once": wanted.once, "seed": wanted.seed, "note": wanted.note,
                "took_s": {}}
    results = measure.Results(settings, measure.machine())
    with processes.WorkFolder(wanted.work) as work:
        setting = Setting(
            corpus, options, results, present(wanted.systems, options, results), work, rounds=wanted.rounds,
            seconds=wanted.seconds, steady_seconds=wanted.steady_seconds, repeats=wanted.repeats, case_seconds=wanted.case_seconds,
            connections_most=wanted.connections_most, organisations=wanted.organisations, kills=wanted.kills,
            seed=wanted.seed)
        try:
            good = measured(setting, wanted)
        finally:
            setting.unload()
    say(f"written: {wanted.output}/README.md, results.json and pictures")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
