"""L: piperoll under its own generator in C++ (piperoll_load), where Python's would be the limit.

No rival stands beside these figures: they say how much of I1 and I2 is the generator's doing. It also
measures the roofline, the cost of the steps that no event can do without, on this machine.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import processes
from rivals.piperoll import Piperoll
from setting import Setting, say

CASES = ((1000, 8), (100, 16), (1, 64))
FIGURES = {"events_per_second": ("events/s", True), "ack_p50_ms": ("ack p50 ms", False),
           "ack_p99_ms": ("ack p99 ms", False), "server_cpu_us_per_event": ("server CPU µs/event", False),
           "client_cpu_us_per_event": ("generator CPU µs/event", False),
           "resident_mib_max": ("memory MiB", False), "share_of_roofline_percent": ("% of the roofline", True)}


def generator(binary: str) -> str | None:
    """Built beside the server it is to load."""
    return processes.find("piperoll_load", str(Path(binary).parent))


def own_generator(setting: Setting) -> None:
    ours = [kind for kind in setting.kinds if issubclass(kind, Piperoll)]
    program = generator(setting.options.binary)
    if not program:
        for kind in ours:
            setting.results.skip("L", "all", kind.name, "piperoll_load is not built (the bench preset)")
        return
    for number in range(setting.rounds):
        for kind in ours:
            for batch, connections in CASES:
                say(f"L round {number + 1}: {kind.title}, {batch:,} events x {connections}")
                one(setting, program, kind, batch, connections)


def one(setting: Setting, program: str, kind: type[Piperoll], batch: int, connections: int) -> None:
    folder = setting.new_folder()
    flags = [f"--flag={'='.join(kind.flags)}"] if kind.flags else []
    try:
        told = json.loads(processes.run(
            [program, "--binary", setting.options.binary, "--directory", str(folder), "--batch", str(batch),
             "--connections", str(connections), "--seconds", str(setting.seconds), *flags],
            timeout_s=setting.seconds + 300))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for name, (metric, more) in FIGURES.items():
        setting.results.add("L", f"{batch:,} × {connections}", kind.name, metric, told[name], higher_is_better=more)
    setting.results.settings["roofline_events_per_s_of_one_processor"] = round(told["roofline_events_per_core"])
