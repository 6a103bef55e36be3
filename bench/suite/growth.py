#!/usr/bin/env python3
"""How latencies grow with the number of events: n^alpha, fitted over results of several sizes.

usage: growth.py RESULTS.json RESULTS.json...   (one of each size; prints Markdown)

0 means that the size does not matter, 1 that ten times the events take ten times as long.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from measure import growth_exponent  # noqa: E402

METRIC = "p50 ms"


def exponents(results: list[dict]) -> dict[str, dict[str, float]]:
    """Case to system to alpha, for what was measured at two sizes or more."""
    points: dict[tuple[str, str], dict[int, float]] = {}
    for result in results:
        for record in result["records"]:
            if record["metric"] == METRIC and record["workload"].startswith("Q") and record["median"] > 0:
                case = f"{record['workload']} {plain(record['case'])}"
                points.setdefault((case, record["system"]), {})[result["settings"]["events"]] = record["median"]
    found: dict[str, dict[str, float]] = {}
    for (case, system), medians in points.items():
        if len(medians) > 1:
            found.setdefault(case, {})[system] = growth_exponent(list(medians), list(medians.values()))
    return found


def plain(case: str) -> str:
    """The case without a number that depends on the size."""
    return "skip" if case.startswith("skip ") else case


def to_markdown(found: dict[str, dict[str, float]]) -> str:
    systems = list(dict.fromkeys(system for of_case in found.values() for system in of_case))
    lines = [f"| alpha of {METRIC} | " + " | ".join(systems) + " |", "| --- |" + " --- |" * len(systems)]
    for case, of_case in found.items():
        cells = [f"{of_case[system]:.2f}" if system in of_case else "–" for system in systems]
        lines.append(f"| {case} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    if len(arguments) < 2 or arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    print(to_markdown(exponents([json.loads(Path(name).read_text()) for name in arguments])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
