#!/usr/bin/env python3
"""How long from the acknowledgement of a batch to its last event at a reader of GET /v1/stream.

usage: stream_delay.py [EVENTS_PER_SECOND] [SECONDS]   (PIPEROLL_BINARY names the server)

Writes batches of 100 at an even pace and prints the rate that was reached and the delays. The reader
only looks for ids: reading JSON in Python would be slower than what is measured.
"""

import json
import os
import sys
import tempfile
import threading
import time

from harness import Server, make_key, run

BATCH = 100


def read_stream(port, key, seen, ready, wanted):
    """Notes when each seq arrived."""
    from harness import Client
    client = Client(port, key)
    client.connection.request("GET", "/v1/stream", headers={"Authorization": "Bearer " + key})
    answer = client.connection.getresponse()
    rest = b""
    while len(seen) < wanted:
        piece = answer.read1(1 << 20)
        now = time.monotonic()
        ready.set()
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            if line.startswith(b"id: "):
                seen[int(line[4:])] = now
            elif line.startswith(b"event: "):
                raise SystemExit("the stream said " + line.decode())
    client.connection.sock.close()


def main():
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory(prefix="piperoll-delay-") as folder:
        data = os.path.join(folder, "data")
        run("org", "create", "--data", data, "--name", "demo")
        key = make_key(data, "demo", "admin")
        bodies = ["[" + ",".join(json.dumps({"action": "user.update", "actor": {"id": f"u-{n}", "name": "Somebody"},
                                             "target": {"id": str(n), "type": "user"}, "request": {"ip": "192.0.2.7"}})
                                  for n in range(BATCH)) + "]"]
        server = Server(data).start()
        try:
            batches = rate * seconds // BATCH
            seen, ready, acknowledged = {}, threading.Event(), []
            reader = threading.Thread(target=read_stream, args=(server.port, key, seen, ready, batches * BATCH))
            reader.start()
            ready.wait(10)
            client = server.client(key)
            began = time.monotonic()
            for number in range(batches):
                time.sleep(max(0.0, began + number * BATCH / rate - time.monotonic()))
                answer = client.request("POST", "/v1/events", body=bodies[0], params={"results": "errors"},
                                        content_type="application/json")
                acknowledged.append(time.monotonic())
                assert answer.status == 200, answer
            took = time.monotonic() - began
            reader.join(30)
        finally:
            server.kill()
    delays = sorted((seen[number * BATCH + BATCH - 1] - at) * 1000 for number, at in enumerate(acknowledged))
    at = lambda part: delays[min(len(delays) - 1, int(len(delays) * part))]  # noqa: E731
    print(f"{batches * BATCH} events in {took:.1f} s: {batches * BATCH / took:,.0f} events/s, all {len(seen)} arrived; "
          f"from acknowledgement to the reader p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, worst {delays[-1]:.1f} ms")


if __name__ == "__main__":
    main()
