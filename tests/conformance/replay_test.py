#!/usr/bin/env python3
"""The recorded cases of every surface, sent to a real server over a socket.

A case that the surface answers by itself (no reply of the service is recorded) must come back as
recorded, but for request ids and times. A case that the service answered with success must succeed
with the same members at the top; what is in them depends on the events that are there.
"""

import glob
import json
import os
import re
import socket
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from harness import SOURCE, ServerTest, make_key, run  # noqa: E402

SURFACES = ("native", "frontier", "bloodhound", "nirvana", "antidote", "runai")


def cases_of(path):
    """(title, {part: text}) of a case file; see src/dialect/testing/case_file.h."""
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    for block in re.split(r"^=== ", text, flags=re.M)[1:]:
        title, _, rest = block.partition("\n")
        parts = {}
        for piece in re.split(r"^--- ", rest, flags=re.M)[1:]:
            name, _, content = piece.partition("\n")
            parts[name.strip()] = content.rstrip("\n")
        yield title, parts


def request_bytes(text, key):
    head, separator, body = text.partition("\n\n")
    body = body.encode()
    lines = [re.sub(r"\bkey-\w+|\bserver-key\b", key, line) for line in head.split("\n") if line]
    lines[0] = lines[0] if lines[0].endswith("HTTP/1.1") else lines[0] + " HTTP/1.1"
    lines += ["Host: localhost", "Connection: close", f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def exchange(port, sent):
    """(status, headers, body) of one request on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        got = b""
        while piece := connection.recv(65536):
            got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if headers.get("transfer-encoding") == "chunked":
        body = dechunked(body)
    return int(lines[0].split(" ")[1]), headers, body


def dechunked(body):
    out = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        count = int(size, 16)
        if count == 0:
            return out
        out, body = out + rest[:count], rest[count + 2:]
    raise AssertionError("the last chunk is missing")


def without_moments(value):
    """Request ids and times of answering differ from run to run."""
    if isinstance(value, dict):
        return {name: without_moments(item) for name, item in value.items()
                if name not in ("request_id", "timestamp")}
    if isinstance(value, list):
        return [without_moments(item) for item in value]
    return value


class Replay(ServerTest):
    @classmethod
    def prepare(cls):
        run("application", "create", "--data", cls.data, "--org", "demo", "--key", "billing", "--name", "Billing")
        cls.server_key = make_key(cls.data, "*", "admin")

    def check(self, title, parts):
        if re.search(r"[?&]org=|/v1/orgs", parts["request"]):
            key = self.server_key
        else:
            key = self.key
        recorded_status, _, recorded_rest = parts["response"].partition("\n")
        recorded_body = recorded_rest.partition("\n\n")[2]
        reply = json.loads(parts["reply"]) if "reply" in parts else None
        if reply and ("error" in reply or "got" in reply or "rejected" in parts["reply"]
                      or "conflict" in parts["reply"] or "duplicate" in parts["reply"]):
            return False  # depends on what is stored, or on a failure that cannot be had at will
        if "cursor=" in parts["request"] and reply:
            return False  # needs a cursor that this server signed
        if reply and ("issued" in reply or "identified" in reply or "bhesignature" in parts["request"]):
            return False  # needs a credential of this server: tests/integration/credentials_test.py
        status, headers, body = exchange(self.server.port, request_bytes(parts["request"], key))
        self.assertEqual(status, int(recorded_status), (title, body[:500]))
        self.assertIn("x-request-id", headers)
        if "json" not in headers.get("content-type", "") or "ndjson" in headers["content-type"]:
            return True
        recorded, got = json.loads(recorded_body), json.loads(body)
        if reply is None:
            self.assertEqual(without_moments(got), without_moments(recorded), title)
        elif isinstance(recorded, dict):
            self.assertEqual(set(got), set(recorded), title)
        else:
            self.assertIsInstance(got, list, title)
        return True

    def test_every_surface_answers_over_a_socket_as_recorded(self):
        for surface in SURFACES:
            files = sorted(glob.glob(os.path.join(SOURCE, "src", "dialect", surface, "testdata", "*.case")))
            self.assertTrue(files, surface)
            sent = 0
            for path in files:
                for title, parts in cases_of(path):
                    with self.subTest(f"{surface}/{os.path.basename(path)}: {title}"):
                        sent += self.check(title, parts)
            self.assertGreater(sent, 5, surface)


if __name__ == "__main__":
    unittest.main()
