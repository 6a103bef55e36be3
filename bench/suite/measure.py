"""Statistics of runs, and what the machine was like while they were made."""

from __future__ import annotations

import math
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
BUSY_LOAD = 0.5  # running programs per processor before we begin, above which figures are marked


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest rank: the smallest value that `share` of all do not exceed. REQUIRES: values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def growth_exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """n^alpha that fits best on logarithmic scales. REQUIRES: two different sizes, all above 0."""
    return statistics.linear_regression([math.log(n) for n in sizes], [math.log(t) for t in times]).slope


def slowest_window(counts: Sequence[int], window: int) -> float | None:
    """The least mean of `window` neighbours; None when there are not so many."""
    if window < 1 or len(counts) < window:
        return None
    current = least = sum(counts[:window])
    for number in range(window, len(counts)):
        current += counts[number] - counts[number - window]
        least = min(least, current)
    return least / window


def interleaved(names: Sequence[T], rounds: int, run: Callable[[T, int], None]) -> None:
    """a b, b a, a b …: whatever drifts while we measure meets every system alike."""
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            run(name, number)


@dataclass
class Record:
    """One measured line: values of every round, in the order of the rounds."""

    workload: str
    case: str
    system: str
    metric: str  # with its unit
    values: list[float]
    higher_is_better: bool = False
    note: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    def as_json(self) -> dict:
        return {**asdict(self), "median": self.median, "low": min(self.values), "high": max(self.values)}


@dataclass
class Results:
    """All that one run found out; report.py writes it."""

    settings: dict
    machine: dict
    systems: dict[str, dict] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
    checks: list[dict] = field(default_factory=list)
    durability: list[dict] = field(default_factory=list)
    disk: list[dict] = field(default_factory=list)  # fdatasync of the disk, during the run
    records: list[Record] = field(default_factory=list)
    skipped: list[dict] = field(default_factory=list)

    def add_latencies(self, workload: str, case: str, system: str, what: str, seconds: Sequence[float]) -> None:
        """p50, p99 and, of a thousand, p99.9 in milliseconds; few values have a worst one, no p99."""
        few = f"worst of {len(seconds)}" if len(seconds) < 100 else ""
        for name, share, enough in (("p50", 0.5, 1), ("p99", 0.99, 1), ("p99.9", 0.999, 1000)):
            if len(seconds) >= enough:
                self.add(workload, case, system, f"{what}{name} ms", percentile(seconds, share) * 1000,
                         note=few if name == "p99" else "")

    def skip(self, workload: str, case: str, system: str, reason: str) -> None:
        """Shown in place of a figure, once."""
        line = {"workload": workload, "case": case, "system": system, "reason": reason}
        if line not in self.skipped:
            self.skipped.append(line)

    def leave_out(self, system: str, why: str) -> None:
        self.systems.pop(system, None)
        self.left_out[system] = why

    def check(self, workload: str, system: str, good: bool, text: str) -> None:
        self.checks.append({"workload": workload, "system": system, "good": good, "text": text})

    def add(self, workload: str, case: str, system: str, metric: str, value: float, *,
            higher_is_better: bool = False, note: str = "") -> None:
        """Adds the value of one more round."""
        for known in self.records:
            if (known.workload, known.case, known.system, known.metric) == (workload, case, system, metric):
                known.values.append(value)
                known.note = note or known.note
                return
        self.records.append(Record(workload, case, system, metric, [value], higher_is_better, note))


def fdatasync_latency(folder: Path, repeats: int = 200) -> dict[str, float]:
    """Milliseconds of fdatasync after appending 4 KiB to a file there."""
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(repeats):
            os.write(file.fileno(), b"x" * 4096)
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return {"p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99), "max_ms": max(took)}


def machine() -> dict:
    load = os.getloadavg()[0]
    cpus = os.cpu_count() or 1
    return {"processor": _processor(), "processors": cpus, "memory_gib": round(_memory_gib(), 1),
            "kernel": platform.release(), "python": platform.python_version(), "load_before": load,
            "busy": load / cpus > BUSY_LOAD,
            "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def process_tree(root: int) -> list[int]:
    """The process and all that it started."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue  # it has ended since
            parent = int(stat.rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found, open_ = [], [root]
    while open_:
        pid = open_.pop()
        found.append(pid)
        open_ += children.get(pid, [])
    return found


def cpu_seconds(root: int) -> float:
    """User and system time of the tree, with that of its children that were waited for."""
    ticks = 0
    for pid in process_tree(root):
        try:
            ticks += sum(int(t) for t in
                         Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_mib(root: int) -> float:
    """Proportional share of memory of the tree; resident memory where the kernel hides shares."""
    total = 0
    for pid in process_tree(root):
        for name, key in (("smaps_rollup", "Pss:"), ("status", "VmRSS:")):
            try:
                lines = Path(f"/proc/{pid}/{name}").read_text().splitlines()
            except OSError:
                continue
            found = [int(line.split()[1]) for line in lines if line.startswith(key)]
            if found:
                total += found[0]
                break
    return total / 1024


def bytes_on_disk(folder: Path, without: Sequence[str] = ()) -> int:
    """Blocks that files take, not their lengths: what was reserved counts, holes do not."""
    total = 0
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in without]
        for name in names:
            try:
                total += os.lstat(os.path.join(base, name)).st_blocks * 512
            except OSError:
                continue  # removed since
    return total
