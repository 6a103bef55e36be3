#!/usr/bin/env python3
"""Exports in every form, going on where one broke off, the live stream, and `piperoll tail`."""

import csv
import io
import json
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BINARY, ServerTest, run  # noqa: E402

EVENTS = 3000


def lines_of(answer):
    return [json.loads(line) for line in answer.body.decode().splitlines()]


class Stream:
    """A live stream, read line by line."""

    def __init__(self, test, path, headers=None):
        self.client = test.server.client(test.key)
        test.addCleanup(self.client.close)
        self.client.connection.request("GET", path, headers={"Authorization": "Bearer " + test.key, **(headers or {})})
        self.answer = self.client.connection.getresponse()
        test.addCleanup(self.answer.close)
        test.assertEqual(self.answer.status, 200)

    def next(self):
        """(id, event) of the next message."""
        found = {}
        while True:
            line = self.answer.readline().rstrip(b"\r\n").decode()
            if line == "" and "data" in found:
                return int(found["id"]), json.loads(found["data"])
            name, colon, value = line.partition(": ")
            if colon and name:
                found[name] = value


class Exports(ServerTest):
    @classmethod
    def prepare(cls):
        generated = run("generate", "--events", str(EVENTS), "--seed", "5")[1]
        odd = [{"id": "odd-1", "action": "=cmd()", "summary": 'a "b", c\nd', "metadata": {"plan": "pro", "n": 1}},
               {"id": "odd-2", "action": "plain", "context": {"a": [1]}}]
        run("import", "--data", cls.data, "--org", "demo", "-",
            stdin=generated + "\n".join(json.dumps(event) for event in odd) + "\n")
        cls.total = EVENTS + len(odd)

    def export(self, **params):
        answer = self.client.get("/v1/export", **params)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def test_ndjson_is_in_order_and_says_that_it_is_whole(self):
        *events, end = lines_of(self.export(to_seq=str(self.total)))
        self.assertEqual([event["seq"] for event in events], list(range(self.total)))
        self.assertEqual(end["piperoll_export"]["count"], self.total)
        self.assertTrue(end["piperoll_export"]["complete"])

    def test_an_export_goes_on_where_one_broke_off(self):
        *first, _ = lines_of(self.export(to_seq="1200"))
        *rest, end = lines_of(self.export(from_seq=str(first[-1]["seq"] + 1), to_seq=str(self.total)))
        self.assertEqual([event["seq"] for event in first + rest], list(range(self.total)))
        self.assertEqual(end["piperoll_export"]["count"], len(rest))
        *none, end = lines_of(self.export(from_seq="1000000"))
        self.assertEqual((none, end["piperoll_export"]["count"]), ([], 0))

    def test_compressed_is_the_same_bytes(self):
        answer = self.export(format="jsonl.zst", to_seq=str(self.total))
        self.assertEqual(answer.headers["Content-Type"], "application/zstd")
        plain = subprocess.run(["zstd", "-dc"], input=answer.body, capture_output=True, check=True).stdout
        self.assertEqual(plain.splitlines()[:-1], self.export(to_seq=str(self.total)).body.splitlines()[:-1])
        self.assertLess(len(answer.body), len(plain) / 3)

    def test_csv_has_the_columns_that_were_asked_for_in_their_order(self):
        text = self.export(format="csv", columns="id,metadata.plan,action,metadata,org_id,summary",
                           **{"id.prefix": "odd-"}).body.decode()
        rows = list(csv.reader(io.StringIO(text, newline="")))
        self.assertEqual(rows[0], ["id", "metadata.plan", "action", "metadata", "org_id", "summary"])
        self.assertEqual(rows[1], ["odd-1", "pro", "'=cmd()", '{"n":1,"plan":"pro"}', self.org, 'a "b", c\nd'])
        self.assertEqual(rows[2], ["odd-2", "", "plain", "", self.org, ""])

    def test_csv_without_columns_has_all_of_them(self):
        rows = list(csv.reader(io.StringIO(self.export(format="csv", to_seq=str(self.total)).body.decode(), newline="")))
        self.assertEqual(len(rows), self.total + 1)
        self.assertEqual(rows[0][:3], ["seq", "id", "occurred_at"])
        self.assertEqual(rows[0][-4:], ["org_id", "context", "params", "metadata"])

    def test_wrong_columns_and_places_are_named(self):
        for params, pointer in (({"format": "csv", "columns": "id,actoin"}, "columns"),
                                ({"columns": "id"}, "columns"), ({"format": "csv", "columns": ""}, "columns"),
                                ({"from_seq": "-1"}, "from_seq"), ({"format": "xml"}, "format")):
            answer = self.client.get("/v1/export", **params)
            self.assertEqual(answer.status, 400)
            self.assertEqual(answer.json()["errors"][0]["pointer"], pointer)

    def test_the_command_exports_the_same(self):
        env = {"PIPEROLL_KEY": self.key}
        address = f"http://127.0.0.1:{self.server.port}"
        path = os.path.join(self.temporary.name, "out.csv")
        run("export", "--server", address, "--org", "demo", "--format", "csv", "--columns", "seq,action",
            "--output", path, "from_seq=10", "to_seq=13", env=env)
        with open(path, encoding="utf-8") as file:
            self.assertEqual([row.split(",")[0] for row in file.read().splitlines()], ["seq", "10", "11", "12"])

    def test_a_stream_resumes_without_loss_or_repeat(self):
        start = self.client.get("/v1/events", limit="1").json()["tree_size"]
        stored = self.client.post("/v1/events", [{"action": "stream.a"}, {"action": "other"}, {"action": "stream.b"}])
        self.assertEqual(stored.json()["stored"], 3)
        stream = Stream(self, "/v1/stream?action.prefix=stream.&after_seq=" + str(start - 1))
        self.assertEqual(stream.next()[1]["action"], "stream.a")
        again = Stream(self, "/v1/stream?action.prefix=stream.&after_seq=0", {"Last-Event-ID": str(start)})
        seq, event = again.next()
        self.assertEqual((seq, event["action"]), (start + 2, "stream.b"))
        self.client.post("/v1/events", {"action": "stream.c"})
        self.assertEqual(again.next()[1]["action"], "stream.c")
        self.assertEqual([stream.next()[1]["action"] for _ in range(2)], ["stream.b", "stream.c"])
        self.assertEqual(self.client.get("/v1/stream", after_seq="x").status, 400)

    def test_what_is_acknowledged_reaches_a_stream_soon(self):
        """Printed, not asserted: the delay is of the machine."""
        stream = Stream(self, "/v1/stream?action=delay.probe")
        delays = []
        for _ in range(20):
            self.client.post("/v1/events", {"action": "delay.probe"})
            acknowledged = time.monotonic()
            stream.next()
            delays.append((time.monotonic() - acknowledged) * 1000)
        print(f"from acknowledgement to the reader: median {sorted(delays)[10]:.1f} ms, worst {max(delays):.1f} ms")

    def tail(self, *arguments):
        return [BINARY, "tail", "--server", f"http://127.0.0.1:{self.server.port}", *arguments]

    def test_tail_shows_the_newest_and_then_what_comes(self):
        self.client.post("/v1/events", [{"action": f"tail.{n}", "actor": {"name": "Zoë"}} for n in range(5)])
        shown = subprocess.run(self.tail("-n", "2", "action.prefix=tail."), capture_output=True, text=True, check=True,
                               timeout=60, env={**os.environ, "PIPEROLL_KEY": self.key}).stdout.splitlines()
        self.assertEqual(len(shown), 2)
        self.assertRegex(shown[1], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  success  low       tail\.4  Zoë$")
        with subprocess.Popen(self.tail("-f", "--json", "-n", "1", "action.prefix=tail."), stdout=subprocess.PIPE, text=True,
                              env={**os.environ, "PIPEROLL_KEY": self.key}) as following:
            self.assertEqual(json.loads(following.stdout.readline())["action"], "tail.4")
            self.client.post("/v1/events", {"action": "tail.later"})
            self.assertEqual(json.loads(following.stdout.readline())["action"], "tail.later")
            following.kill()

    def test_following_a_directory_is_wrong_usage(self):
        code, _, said = run("tail", "-f", "--data", self.data, "--org", "demo", check=False)
        self.assertEqual(code, 2)
        self.assertIn("--server", said)


if __name__ == "__main__":
    unittest.main()
