#!/usr/bin/env python3
"""How long after an acknowledgement a signed checkpoint covers the event: p50, p99 and the most, in milliseconds.

usage: checkpoint_delay.py SERVER KEY [COUNT]     (http://127.0.0.1:8080, an admin key of one organisation)

Reads the checkpoint every two milliseconds, as a reader would who waits; run it beside a load to see it under load.
"""

import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from harness import Client  # noqa: E402


def main():
    client = Client(int(sys.argv[1].rsplit(":", 1)[1]), sys.argv[2])
    delays = []
    for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 200):
        told = client.post("/v1/events", {"action": "checkpoint.delay"}).json()
        began = time.monotonic()
        while int(client.get(f"/v1/logs/{told['org_id']}/checkpoint").body.split(b"\n")[1]) <= told["seq"]:
            time.sleep(0.002)
        delays.append(1000 * (time.monotonic() - began))
    delays.sort()
    print(f"p50 {delays[len(delays) // 2]:.0f} ms, p99 {delays[len(delays) * 99 // 100]:.0f} ms, most {delays[-1]:.0f} ms")


if __name__ == "__main__":
    main()
