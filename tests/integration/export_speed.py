#!/usr/bin/env python3
"""How fast GET /v1/export is, and what memory it takes.

usage: export_speed.py DATA_DIR KEY [FORMAT...]   (PIPEROLL_BINARY names the server)

Prints for each format events a second, events a second of the server's own processor time, the bytes,
and how far resident memory rose above what it was before.
"""

import os
import re
import sys
import time

from harness import Server


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) / 1024


def main():
    directory, key, *formats = sys.argv[1:]
    server = Server(directory).start()
    pid = server.process.pid
    try:
        total = server.client(key).get("/v1/events", limit="1", count="exact").json()["count"]
        for form in formats or ["ndjson", "csv", "jsonl.zst"]:
            client = server.client(key)
            before, cpu, began, size, most = resident_mib(pid), cpu_seconds(pid), time.monotonic(), 0, 0.0
            client.connection.request("GET", "/v1/export?format=" + form, headers={"Authorization": "Bearer " + key})
            answer = client.connection.getresponse()
            while piece := answer.read(1 << 22):
                size += len(piece)
                most = max(most, resident_mib(pid))
            wall, cpu = time.monotonic() - began, cpu_seconds(pid) - cpu
            print(f"{form}: {total} events, {size / 1e6:.0f} MB in {wall:.2f} s: {total / wall:,.0f} events/s, "
                  f"{total / cpu:,.0f} a second of processor, {cpu / total * 1e6:.2f} us an event; resident {before:.0f} MiB, most {most:.0f}")
            client.close()
    finally:
        server.kill()


if __name__ == "__main__":
    main()
