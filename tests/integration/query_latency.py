#!/usr/bin/env python3
"""Latencies of every query class over a directory of events, through the native API.

usage: query_latency.py DATA_DIR KEY [REPEATS]

Prints one line a class: p50, p99 and the largest, in milliseconds, client and socket included. Values
for filters are drawn from the log itself: the most frequent actors and actions, rare ones, and pairs.
"""

import random
import sys
import time

from harness import Server


def main():
    directory, key = sys.argv[1], sys.argv[2]
    repeats = int(sys.argv[3]) if len(sys.argv) > 3 else 60
    chance = random.Random(1)
    server = Server(directory).start()
    client = server.client(key)
    try:
        actors = [v["value"] for v in client.get("/v1/facets", field="actor.id", limit=1000).json()["values"]]
        actions = [v["value"] for v in client.get("/v1/facets", field="action", limit=20).json()["values"]]
        sources = [v["value"] for v in client.get("/v1/facets", field="source", limit=20).json()["values"]]
        days = [b["start"] for b in client.get("/v1/histogram", interval="hour").json()["buckets"]]
        page = lambda **more: ("/v1/events", {"limit": 50, **more})  # noqa: E731
        hour = lambda: (lambda start: {"occurred_after": start, "occurred_before": start.replace(":00:00Z", ":59:59Z")})(chance.choice(days))  # noqa: E731
        classes = {
            "newest 50": lambda: page(),
            "eq rare actor": lambda: page(**{"actor.id": chance.choice(actors[-200:])}),
            "eq common actor": lambda: page(**{"actor.id": chance.choice(actors[:20])}),
            "eq absent actor": lambda: page(**{"actor.id": "nobody"}),
            "action and source": lambda: page(action=chance.choice(actions[:8]), source=chance.choice(sources[:8])),
            "two frequent, few together": lambda: page(**{"action": chance.choice(actions), "actor.id": chance.choice(actors[:40])}),
            "one hour": lambda: page(**hour()),
            "eq and one hour": lambda: page(action=chance.choice(actions[:8]), **hour()),
            "count eq": lambda: page(action=chance.choice(actions), count="exact", limit=1),
            "count two fields": lambda: page(action=chance.choice(actions), source=chance.choice(sources), count="exact", limit=1),
            "count all": lambda: page(count="exact", limit=1),
            "offset 50,000": lambda: page(offset=50000),
            "eq and offset 50,000": lambda: page(action=actions[0], offset=50000),
            "top 10 actions": lambda: ("/v1/facets", {"field": "action"}),
            "substring page": lambda: page(**{"target.id.contains": chance.choice(["lsass", "svchost", "System32", "172.18", "powershell"])}),
            "substring count": lambda: page(**{"target.id.contains": chance.choice(["lsass", "svchost", "System32", "172.18"]), "count": "exact", "limit": 1}),
            "sorted by actor name": lambda: page(sort="actor.name"),
        }
        print(f"{'class':<28} {'p50':>8} {'p99':>8} {'max':>8}   ms")
        for name, make in classes.items():
            times = []
            for number in range(repeats + 3):
                path, params = make()
                began = time.perf_counter()
                answer = client.get(path, **params)
                took = (time.perf_counter() - began) * 1000
                assert answer.status == 200, answer
                if number >= 3:
                    times.append(took)
            times.sort()
            print(f"{name:<28} {times[len(times) // 2]:8.2f} {times[min(len(times) - 1, len(times) * 99 // 100)]:8.2f} {times[-1]:8.2f}")
    finally:
        client.close()
        server.kill()


if __name__ == "__main__":
    main()
