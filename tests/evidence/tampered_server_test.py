#!/usr/bin/env python3
"""A server between the log and its reader changes what is shown: `piperoll verify --server` finds each change and its place."""

import http.client
import http.server
import json
import os
import shutil
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from harness import Server, ServerTest, make_key, run  # noqa: E402
from log import Key, bundle_of, open_checkpoint  # noqa: E402

EVENTS = 600


class Liar(http.server.ThreadingHTTPServer):
    """Hands requests on; change(path, status, body) may answer something else."""

    daemon_threads = True

    def __init__(self, port):
        self.port, self.change = port, None
        super().__init__(("127.0.0.1", 0), Tongue)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def end(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Tongue(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):  # pylint: disable=invalid-name
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.request("GET", self.path, headers={"Authorization": self.headers["Authorization"]})
        answer = connection.getresponse()
        status, body = answer.status, answer.read()
        connection.close()
        if self.server.change:
            status, body = self.server.change(self.path, status, body)
        self.send_response(status)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


def packed(leaves):
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)


def flipped(body, at):
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]


class TamperedServer(ServerTest):
    @classmethod
    def prepare(cls):
        cls.auditor = make_key(cls.data, "demo", "auditor")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        events = [{"action": "user.update", "actor": {"id": f"u-{i % 7}"}} for i in range(EVENTS)]
        assert cls.client.post("/v1/events", events).json()["stored"] == EVENTS
        cls.prefix = f"/v1/logs/{cls.org}"
        cls.vkey = os.path.join(cls.temporary.name, "vkey")
        cls.vkey_text = cls.client.get(cls.prefix + "/vkey").body.decode()
        with open(cls.vkey, "w", encoding="utf-8") as file:
            file.write(cls.vkey_text)
        deadline = time.monotonic() + 20
        cls.checkpoint = ""
        while time.monotonic() < deadline and f"\n{EVENTS}\n" not in cls.checkpoint:
            cls.checkpoint = cls.client.get(cls.prefix + "/checkpoint").body.decode()
        assert open_checkpoint(cls.checkpoint, Key(cls.vkey_text))[1] == EVENTS
        cls.liar = Liar(cls.server.port)

    @classmethod
    def tearDownClass(cls):
        cls.liar.end()
        super().tearDownClass()

    def verify(self, path=None, body=None, status=None):
        """With `path` answered by body(true answer)."""
        def change(asked, was, true):
            if path is None or not asked.endswith(self.prefix + path):
                return was, true
            return status or was, body(true) if body else true
        self.liar.change = change
        _, out, err = run("verify", "--server", f"http://127.0.0.1:{self.liar.server_address[1]}", "--org", self.org,
                          "--vkey", self.vkey, check=False, env={"PIPEROLL_KEY": self.auditor})
        self.assertEqual(len(out.splitlines()), 1, err)
        found = json.loads(out)
        return found["verdict"], found["first_bad"], found["detail"]

    def test_what_nobody_changed_is_valid(self):
        self.assertEqual(self.verify()[:2], ("valid", None))

    def test_a_byte_flipped_in_a_tile_is_found_and_named(self):
        verdict, bad, detail = self.verify("/tile/0/001", lambda body: flipped(body, 5 * 32))
        self.assertEqual((verdict, bad), ("invalid", 256 + 5), detail)
        verdict, bad, detail = self.verify("/tile/0/002.p/88", lambda body: flipped(body, len(body) - 1))
        self.assertEqual((verdict, bad), ("invalid", EVENTS - 1), detail)
        verdict, bad, detail = self.verify("/tile/1/000.p/2", lambda body: flipped(body, 40))
        self.assertEqual((verdict, bad), ("invalid", None))
        self.assertIn("tile/1/000.p/2", detail)

    def test_tiles_that_are_short_or_gone(self):
        self.assertEqual(self.verify("/tile/0/000", lambda body: body[:-32])[0], "invalid")
        self.assertEqual(self.verify("/tile/0/000", lambda body: body[:-1])[0], "invalid")
        self.assertEqual(self.verify("/tile/0/000", status=404)[0], "missing")
        self.assertEqual(self.verify("/tile/entries/001", status=404)[:2], ("missing", 256))
        self.assertEqual(self.verify("/tile/entries/001", status=500)[:2], ("invalid", 256))

    def test_a_leaf_changed_swapped_removed_or_added(self):
        def commitment(body):
            leaves = bundle_of(body)
            leaves[3] = leaves[4][:49] + leaves[3][49:]
            return packed(leaves)

        def swapped(body):
            leaves = bundle_of(body)
            leaves[7], leaves[8] = leaves[8], leaves[7]
            return packed(leaves)

        def earlier(body):
            leaves = bundle_of(body)
            leaves[9] = leaves[9].replace(b'"t":"2', b'"t":"1')
            return packed(leaves)

        def other(body):
            leaves = bundle_of(body)
            leaves[2] = b"{}"
            return packed(leaves)
        for name, change, place in (("changed", commitment, 3), ("swapped", swapped, 7), ("clock set back", earlier, 9), ("no leaf", other, 2)):
            self.assertEqual(self.verify("/tile/entries/000", change)[:2], ("invalid", place), name)
        self.assertEqual(self.verify("/tile/entries/000", lambda body: packed(bundle_of(body)[:-1]))[0], "invalid")
        self.assertEqual(self.verify("/tile/entries/000", lambda body: packed(bundle_of(body) + bundle_of(body)[:1]))[0], "invalid")

    def test_another_checkpoint_is_refused(self):
        access = self.client.get(self.prefix + "/access/checkpoint").body
        self.assertEqual(self.verify("/checkpoint", lambda _: access)[0], "invalid")
        self.assertEqual(self.verify("/checkpoint", lambda body: body.replace(b"\n600\n", b"\n599\n"))[0], "invalid")
        self.assertEqual(self.verify("/checkpoint", lambda body: flipped(body, len(body) - 10))[0], "invalid")


class RestoredBackup(ServerTest):
    def covered(self, size):
        """The key of the log, once its newest checkpoint covers so much."""
        client = self.server.client(self.key)
        key = client.get(f"/v1/logs/{self.org}/vkey").body.decode()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if open_checkpoint(client.get(f"/v1/logs/{self.org}/checkpoint").body.decode(), Key(key))[1] >= size:
                client.close()
                return key
            time.sleep(0.02)
        self.fail("no checkpoint covers what was acknowledged")

    def append(self, count, action):
        client = self.server.client(self.key)
        self.assertEqual(client.post("/v1/events", [{"action": action}] * count).json()["stored"], count)
        client.close()

    def serve(self, data):
        self.server.stop()
        type(self).server = Server(data).start()

    def test_it_is_truncated_and_written_on_forked_for_who_kept_a_checkpoint(self):
        state, vkey = (os.path.join(self.temporary.name, name) for name in ("state", "vkey"))
        backup = os.path.join(self.temporary.name, "backup")

        def verdict():
            return json.loads(run("verify", "--server", f"http://127.0.0.1:{self.server.port}", "--org", self.org, "--vkey", vkey,
                                  "--state", state, check=False, env={"PIPEROLL_KEY": self.key})[1])["verdict"]
        self.append(5, "a")
        key = self.covered(5)
        with open(vkey, "w", encoding="utf-8") as file:
            file.write(key)
        self.server.stop()
        shutil.copytree(self.data, backup)
        type(self).server = Server(self.data).start()
        self.append(3, "a")
        self.covered(8)
        self.assertEqual(verdict(), "valid")
        self.serve(backup)
        self.assertEqual(verdict(), "truncated")
        self.append(4, "b")
        self.covered(9)
        self.assertEqual(verdict(), "forked")
        self.serve(self.data)
        self.assertEqual(verdict(), "valid")


if __name__ == "__main__":
    unittest.main()
