#!/usr/bin/env python3
"""Three servers cosign one another's logs; one is stopped and killed, one lies, one log is forked."""

import base64
import hashlib
import http.client
import http.server
import json
import os
import shutil
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from harness import Server, make_key, run  # noqa: E402
from log import Key, open_checkpoint  # noqa: E402

PATIENCE_S = 60


class WitnessKey(Key):
    """A verifier key of type 04, and the cosignatures that it verifies."""

    def __init__(self, vkey):  # pylint: disable=super-init-not-called
        self.name, identifier, encoded = vkey.strip().split("+", 2)
        raw = base64.b64decode(encoded, validate=True)
        assert raw[0] == 4 and len(raw) == 33, vkey
        self.id, self.public = bytes.fromhex(identifier), raw[1:]
        assert hashlib.sha256(self.name.encode() + b"\n\x04" + self.public).digest()[:4] == self.id

    def cosigned(self, note):
        """Is the checkpoint cosigned, and well?"""
        text, _, signatures = note.rpartition("\n\n")
        text += "\n"
        for line in signatures.strip().split("\n"):
            _, name, blob = line.split(" ")
            raw = base64.b64decode(blob, validate=True)
            if name == self.name and raw[:4] == self.id:
                seconds = int.from_bytes(raw[4:12], "big")
                assert abs(seconds - time.time()) < 3600, seconds
                assert self.verifies(f"cosignature/v1\ntime {seconds}\n{text}".encode(), raw[12:]), "a bad cosignature"
                return True
        return False


class Door(http.server.ThreadingHTTPServer):
    """An address that stays: hands requests on to a server that may change its port, or be away."""

    daemon_threads = True

    def __init__(self, answer):
        self.answer, self.port, self.statuses = answer, None, []
        super().__init__(("127.0.0.1", 0), Hand)
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1/witness/"

    def end(self):
        self.shutdown()
        self.thread.join()
        self.server_close()


class Hand(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, content_type, said = self.server.answer(self.server, self.path, body)
        self.server.statuses.append(status)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass


def hand_on(door, path, body):
    if door.port is None:
        return 502, "text/plain", b"nobody is there\n"
    try:
        connection = http.client.HTTPConnection("127.0.0.1", door.port, timeout=30)
        connection.request("POST", path, body=body)
        answer = connection.getresponse()
        said = answer.read()
        connection.close()
        return answer.status, answer.headers["Content-Type"], said
    except OSError:
        return 502, "text/plain", b"nobody is there\n"


LIAR = "liar.example+" + hashlib.sha256(b"liar.example\n\x04" + b"\x07" * 32).hexdigest()[:8] + "+" + \
    base64.b64encode(b"\x04" + b"\x07" * 32).decode()


def lie(_door, _path, _body):
    blob = bytes.fromhex(LIAR.split("+")[1]) + int(time.time()).to_bytes(8, "big") + b"\x01" * 64
    return 200, "text/plain", f"\u2014 liar.example {base64.b64encode(blob).decode()}\n".encode()


class Party:
    """One server with a log, a witness key, and a door that others find it behind."""

    def __init__(self, folder, name):
        self.name, self.data = name, os.path.join(folder, name)
        self.org = json.loads(run("org", "create", "--data", self.data, "--name", "demo")[1])["id"]
        self.key = make_key(self.data, "demo", "admin")
        self.door = Door(hand_on)
        self.named = ("--server-name", f"{name}.example")
        Server(self.data, *self.named).start().stop()  # makes its signing key
        self.vkey = run("signing-key", "vkey", "--data", self.data, "--org", self.org)[1]
        self.access_vkey = run("signing-key", "vkey", "--data", self.data, "--org", self.org, "--access")[1]
        self.witness_vkey = run("witness-key", "create", "--data", self.data)[1].strip()
        self.policy = os.path.join(folder, name + ".policy")
        self.logs = os.path.join(folder, name + ".logs")
        self.server = self.client = None

    def witness_line(self):
        return f"witness {self.name} {self.witness_vkey} {self.door.url()}\n"

    def start(self, data=None, shut=False):
        self.server = Server(data or self.data, *self.named, "--witness-policy", self.policy, "--witness-logs", self.logs,
                             "--witnessed-logs", self.org).start()
        self.door.port = None if shut else self.server.port
        self.client = self.server.client(self.key)
        return self

    def stop(self, kill=False):
        self.door.port = None
        self.client.close()
        if kill:
            self.server.kill()
        else:
            self.server.stop()

    def end(self):
        self.door.end()
        if self.client:
            self.client.close()
        if self.server:
            self.server.kill()

    def append(self, count, word="event"):
        answer = self.client.post("/v1/events", [{"action": word} for _ in range(count)])
        assert answer.json()["stored"] == count, answer

    def checkpoint(self):
        return self.client.get(f"/v1/logs/{self.org}/checkpoint")

    def shown(self, size):
        """The checkpoint, once it has so many leaves."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            answer = self.checkpoint()
            if answer.status == 200 and open_checkpoint(answer.body.decode(), Key(self.vkey))[1] >= size:
                return answer.body.decode()
            time.sleep(0.02)
        raise AssertionError(f"{self.name} shows no checkpoint of {size} leaves: {answer}")

    def metric(self, name):
        for line in self.client.get("/metrics").body.decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        raise AssertionError(name)

    def failed_witnesses(self):
        """How many of its witnesses failed at least once."""
        lines = self.client.get("/metrics").body.decode().splitlines()
        return sum(line.startswith("piperoll_witness_failures_total{") and float(line.rsplit(" ", 1)[1]) > 0
                   for line in lines)

    def remembered(self, party):
        """What this one, as a witness, cosigned last of the other's log."""
        origin = hashlib.sha256(f"{party.name}.example/{party.org}".encode()).hexdigest()
        return self.client.get(f"/v1/witness/{origin}/checkpoint")


class Witnesses(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.liar = Door(lie)
        self.addCleanup(self.liar.end)
        self.parties = []
        for name in ("a", "b", "c"):
            self.parties.append(Party(self.folder, name))
            self.addCleanup(self.parties[-1].end)
        for party in self.parties:
            others = [other for other in self.parties if other is not party]
            with open(party.policy, "w", encoding="utf-8") as file:
                file.write(f"log {party.vkey}" + "".join(other.witness_line() for other in others) +
                           f"witness liar {LIAR} {self.liar.url()}\n" +
                           f"group two 2 {others[0].name} {others[1].name} liar\nquorum two\n")
            with open(party.logs, "w", encoding="utf-8") as file:
                file.write("# whom this one watches\n" + "".join(other.vkey for other in others))

    def verify(self, *arguments, **more):
        return json.loads(run("verify", *arguments, check=False, **more)[1])["verdict"]

    def test_each_log_is_cosigned_by_the_others_and_the_liar_is_ignored(self):
        for party in self.parties:
            party.start()
        for party in self.parties:
            party.append(5)
        for party in self.parties:
            note = party.shown(5)
            others = [WitnessKey(other.witness_vkey) for other in self.parties if other is not party]
            self.assertTrue(all(key.cosigned(note) for key in others))
            self.assertNotIn("liar.example", note)
            for other in self.parties:
                if other is not party:
                    self.assertEqual(other.remembered(party).status, 200)
        first = self.parties[0]
        self.assertGreater(first.metric('piperoll_witness_failures_total{witness="liar"}'), 0)
        self.assertGreater(first.metric('piperoll_witness_cosignatures_total{witness="b"}'), 0)
        self.assertGreater(first.metric('piperoll_cosign_requests_total{result="cosigned"}'), 0)
        self.check_verify(first)

    def check_verify(self, party):
        address, env = f"http://127.0.0.1:{party.server.port}", {"PIPEROLL_KEY": party.key}
        self.assertEqual(self.verify("--server", address, "--org", party.org, "--policy", party.policy, env=env), "valid")
        event = party.client.get("/v1/events", limit=1).json()["events"][0]["id"]
        proof = os.path.join(self.folder, "proof")
        with open(proof, "wb") as file:
            file.write(party.client.get(f"/v1/events/{event}/proof").body)
        self.assertEqual(self.verify("--proof", proof, "--policy", party.policy), "valid")
        strict = os.path.join(self.folder, "strict")
        with open(party.policy, encoding="utf-8") as file:
            text = file.read().replace("group two 2", "group two all")
        with open(strict, "w", encoding="utf-8") as file:
            file.write(text)
        self.assertEqual(self.verify("--proof", proof, "--policy", strict), "missing")
        self.assertEqual(self.verify("--server", address, "--org", party.org, "--policy", strict, env=env), "missing")
        with open(proof, encoding="utf-8") as file:
            changed = json.load(file)
        changed["checkpoint"] += f"\u2014 liar.example {base64.b64encode(bytes.fromhex(LIAR.split('+')[1]) + bytes(72)).decode()}\n"
        with open(proof, "w", encoding="utf-8") as file:
            json.dump(changed, file)
        self.assertEqual(self.verify("--proof", proof, "--policy", party.policy), "invalid")

    def test_what_no_quorum_cosigned_is_not_shown_until_the_witness_is_back(self):
        a, b, c = (party.start() for party in self.parties)
        a.append(5)
        old = a.shown(5)
        remembered = c.remembered(a).body
        self.assertEqual(open_checkpoint(remembered.decode(), Key(a.vkey))[1], 5)
        c.stop(kill=True)
        a.append(4)
        deadline = time.monotonic() + PATIENCE_S
        while open_checkpoint(b.remembered(a).body.decode(), Key(a.vkey))[1] < 9:
            self.assertLess(time.monotonic(), deadline, "the other witness goes on")
            time.sleep(0.02)
        self.assertEqual(a.checkpoint().body.decode().split("\n")[:3], old.split("\n")[:3])
        self.assertEqual(a.client.get("/v1/events").status, 200, "nothing else waits for witnesses")
        c.start(shut=True)
        self.assertEqual(c.remembered(a).body, remembered, "kill -9 takes nothing from it")
        c.door.port = c.server.port
        self.assertTrue(WitnessKey(c.witness_vkey).cosigned(a.shown(9)))

    def test_a_restart_shows_what_was_cosigned_though_every_witness_is_away(self):
        a, b, c = (party.start() for party in self.parties)
        a.append(3)
        note = a.shown(3)
        a.stop()
        b.stop()
        c.stop()
        a.start()
        self.assertEqual(open_checkpoint(a.shown(3), Key(a.vkey)), open_checkpoint(note, Key(a.vkey)))

    def test_a_forked_log_is_not_cosigned_and_the_server_says_so(self):
        a, *_ = (party.start() for party in self.parties)
        a.append(3)
        a.shown(3)
        a.stop()
        copy = os.path.join(self.folder, "copy")
        shutil.copytree(a.data, copy)
        a.start()
        a.append(5)
        a.shown(8)
        a.stop()
        before = [other.remembered(a).body for other in self.parties[1:]]
        a.start(copy)  # an old backup, written on
        a.append(7, "another")
        deadline = time.monotonic() + PATIENCE_S
        while not all(422 in other.door.statuses for other in self.parties[1:]):
            self.assertLess(time.monotonic(), deadline, "the witnesses must refuse the fork")
            time.sleep(0.02)
        self.assertEqual(open_checkpoint(a.checkpoint().body.decode(), Key(a.vkey))[1], 3)
        self.assertEqual([other.remembered(a).body for other in self.parties[1:]], before)
        refused = sum(other.metric('piperoll_cosign_requests_total{result="inconsistent"}') for other in self.parties[1:])
        self.assertGreaterEqual(refused, 2)
        while a.failed_witnesses() < 3:  # the liar and both that refuse: it has read their answers
            self.assertLess(time.monotonic(), deadline, "the refusals must be noticed")
            time.sleep(0.02)
        a.stop()
        self.assertIn("contradicts", "".join(a.server.diagnostics))


class OneWitness(unittest.TestCase):
    """The protocol as a stranger speaks it, and what the commands say."""

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        self.addCleanup(temporary.cleanup)
        self.data = os.path.join(temporary.name, "data")
        run("org", "create", "--data", self.data, "--name", "demo")
        self.logs = os.path.join(temporary.name, "logs")

    def test_the_vectors_of_another_implementation(self):
        with open(self.logs, "w", encoding="utf-8") as file:
            file.write("example.org/audit+4c6ee7a2+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n")
        notes = {600: ("6KgEr1lnie1PU5QuKUz+RNW+1McUDH8PX6UsDBIiMtY=",
                       "TG7nongm70Wnay94/+EBGyzRM7DAfpgjowdRm7V32n7EY1iyFONjox4u8PILPtYKHzjj8dmoWSND5mvjForW2aEJZQ0="),
                 70000: ("o5IPun8jmgcam9EHIfE0Gt3vuu3ttBx+JEN6nRa98Ao=",
                         "TG7nonljwLxJ1a876JN6LY2T4yf3+Z3hgCLTqV6TNjE32AL/GaNFcbYE6E9apkIHXZK+5W6V3IG+tXBBzLNDB+ZQbgw=")}
        note = {size: f"example.org/audit\n{size}\n{root}\n\n\u2014 example.org/audit {signature}\n"
                for size, (root, signature) in notes.items()}
        server = Server(self.data, "--witness-logs", self.logs).start()
        self.addCleanup(server.kill)
        client = server.client()

        def add(old, size, changed=None):
            return client.request("POST", "/v1/witness/add-checkpoint", body=f"old {old}\n\n{changed or note[size]}")

        self.assertEqual(add(0, 600).status, 200)
        stale = add(0, 70000)
        self.assertEqual((stale.status, stale.body, stale.headers["Content-Type"]), (409, b"600\n", "text/x.tlog.size"))
        self.assertEqual(add(600, 70000).status, 422)
        self.assertEqual(add(600, 600).status, 200)
        self.assertEqual(add(601, 600).status, 400)
        self.assertEqual(add(600, 600, note[600].replace("\n600\n", "\n601\n")).status, 403)
        self.assertEqual(add(0, 600, note[600].replace("example.org/audit\n", "example.org/other\n")).status, 404)
        key = WitnessKey(run("witness-key", "vkey", "--data", self.data)[1])
        self.assertEqual(key.name, "piperoll.localhost/witness")
        answer = add(600, 600).body.decode()
        self.assertTrue(key.cosigned(note[600] + answer))
        shown = client.get(f"/v1/witness/{hashlib.sha256(b'example.org/audit').hexdigest()}/checkpoint")
        self.assertTrue(key.cosigned(shown.body.decode()) and shown.body.decode().startswith(note[600]))
        client.close()

    def test_what_cannot_be_read_is_named_before_the_start(self):
        with open(self.logs, "w", encoding="utf-8") as file:
            file.write("\nnonsense\n")
        for setting in ("--witness-logs", "--witness-policy"):
            code, _, err = run("serve", "--check-config", "--data", self.data, setting, self.logs, check=False)
            self.assertEqual(code, 1)
            self.assertIn("line 2: ", err)
            self.assertEqual(run("serve", "--check-config", "--data", self.data, setting, self.logs + "x", check=False)[0], 1)

    def test_a_witness_key_is_made_once_and_missed_when_it_is_gone(self):
        vkey = run("witness-key", "create", "--data", self.data, "--name", "w.example")[1]
        self.assertEqual(run("witness-key", "vkey", "--data", self.data)[1], vkey)
        self.assertEqual(run("witness-key", "create", "--data", self.data, check=False)[0], 1)
        path = os.path.join(self.data, "witness_key")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with open(self.logs, "w", encoding="utf-8") as file:
            file.write("example.org/audit+4c6ee7a2+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea\n")
        os.makedirs(os.path.join(self.data, "witness"), exist_ok=True)
        with open(os.path.join(self.data, "witness", "something"), "w", encoding="utf-8"):
            pass
        os.unlink(path)
        code, _, err = run("serve", "--data", self.data, "--listen", "127.0.0.1:0", "--witness-logs", self.logs, check=False)
        self.assertEqual(code, 1)
        self.assertIn("restore it", err)


if __name__ == "__main__":
    unittest.main()
