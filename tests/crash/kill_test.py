#!/usr/bin/env python3
"""kill -9 at random moments under load: nothing acknowledged is lost, moved or doubled.

Several connections append single events, batches and atomic batches with ids of their own; the server
is killed; after the restart every acknowledged id is there exactly once with the seq it was told, an
atomic batch is whole or absent, and seqs are dense; after every kill the tree is what all rows and the
journal give when it is made anew (`piperoll verify --data`), with the newest checkpoint that was shown in
it; every checkpoint that was ever published is one of the tree that is there in the end; and no crash is
taken for a history that was cut off.
Rounds: PIPEROLL_CRASH_ROUNDS, default 30. The seed is printed; PIPEROLL_CRASH_SEED repeats it.
"""

import http.client
import json
import os
import random
import re
import sys
import tempfile
import threading
import time

for folder in ("integration", "evidence"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))
from log import Key, Prefixes, open_checkpoint, read_leaf_hashes  # noqa: E402
from harness import Server, make_key, run  # noqa: E402

ROUNDS = int(os.environ.get("PIPEROLL_CRASH_ROUNDS", "30"))
SEED = int(os.environ.get("PIPEROLL_CRASH_SEED", str(random.SystemRandom().randrange(1 << 32))))
WRITERS = 6


class Writer(threading.Thread):
    """Appends until the server dies; remembers what was acknowledged and what may be there."""

    def __init__(self, server, key, name, seed):
        super().__init__(daemon=True)
        self.server, self.key, self.name_, self.random = server, key, name, random.Random(seed)
        self.acked = {}        # id -> seq
        self.atomic = []       # ids of each atomic batch that was sent
        self.number = 0
        self.failure = None

    def make(self):
        self.number += 1
        return {"id": f"{self.name_}-{self.number}", "action": "kill.test",
                "actor": {"id": f"u-{self.random.randrange(50)}"},
                "metadata": {"pad": "x" * self.random.randrange(400)}}

    def run(self):
        client = self.server.client(self.key)
        try:
            while True:
                self.step(client)
        except (OSError, http.client.HTTPException):
            pass  # killed
        except AssertionError as failure:
            self.failure = failure
        finally:
            client.close()

    def step(self, client):
        kind = self.random.randrange(3)
        if kind == 0:
            event = self.make()
            answer = client.post("/v1/events", event)
            assert answer.status == 201, answer
            self.acked[event["id"]] = answer.json()["seq"]
            return
        events = [self.make() for _ in range(self.random.randrange(1, 60))]
        path = "/v1/events"
        if kind == 2:
            path += "?atomic=true"
            self.atomic.append([event["id"] for event in events])
        answer = client.post(path, events)
        assert answer.status == 200, answer
        for result in answer.json()["results"]:
            assert result["result"] == "stored", result
            self.acked[result["id"]] = result["seq"]


class Watcher(threading.Thread):
    """Reads checkpoints until the server dies."""

    def __init__(self, server, key, org):
        super().__init__(daemon=True)
        self.server, self.key, self.org = server, key, org
        self.notes = []

    def run(self):
        client = self.server.client(self.key)
        try:
            while True:
                answer = client.get(f"/v1/logs/{self.org}/checkpoint")
                if answer.status == 200:
                    self.notes.append(answer.body.decode())
                time.sleep(0.02)
        except (OSError, http.client.HTTPException):
            pass  # killed
        finally:
            client.close()


def check_tree(data, folder, notes):
    """As the crash left it: every leaf made anew, the root compared, the newest checkpoint that was shown contained,
    and in the file that the server keeps of what it has shown."""
    known = ()
    if notes:
        newest = max(notes, key=lambda note: int(note.split("\n")[1]))
        origin, size = newest.split("\n")[:2]
        with open(os.path.join(data, "published"), "rb") as file:
            kept = re.findall(re.escape(origin).encode() + rb"\n(\d+)\n", file.read())
        assert int(size) == 0 or int(size) <= max(map(int, kept)), f"{size} leaves were shown, and not kept: {kept[-3:]}"
        path = os.path.join(folder, "newest.checkpoint")
        with open(path, "w", encoding="utf-8") as file:
            file.write(newest)
        known = ("--checkpoint", path)
    found = json.loads(run("verify", "--data", data, *known, check=False)[1])
    assert found["verdict"] == "valid", found


def check_checkpoints(server, key, org, notes):
    """Every note is signed, and of a prefix of the log as it is now."""
    client = server.client(key)
    verifier = Key(client.get(f"/v1/logs/{org}/vkey").body.decode())
    size = open_checkpoint(client.get(f"/v1/logs/{org}/checkpoint").body.decode(), verifier)[1]
    published = {}
    for note in set(notes):
        _, at, root = open_checkpoint(note, verifier)
        assert at <= size, f"a checkpoint of {at} leaves was published, and there are {size}"
        published[at] = root
    prefixes = Prefixes()
    assert published.get(0, prefixes.root()) == prefixes.root()
    for leaf in read_leaf_hashes(client, f"/v1/logs/{org}", size):
        prefixes.add(leaf)
        if prefixes.size in published:
            assert published[prefixes.size] == prefixes.root(), f"another tree of {prefixes.size} leaves was signed"
    client.close()
    return len(published)


def read_all(server, key):
    """id -> [seqs] of the whole log, and the seqs in order, from an export."""
    client = server.client(key)
    answer = client.get("/v1/export")
    assert answer.status == 200, answer
    lines = answer.body.decode().splitlines()
    last = json.loads(lines[-1])["piperoll_export"]
    assert last["complete"] is True and last["count"] == len(lines) - 1, last
    seqs, places = [], {}
    for line in lines[:-1]:
        event = json.loads(line)
        seqs.append(event["seq"])
        places.setdefault(event["id"], []).append(event["seq"])
    client.close()
    return places, seqs


def check(server, key, acked, atomic):
    places, seqs = read_all(server, key)
    assert seqs == list(range(len(seqs))), "seqs are not dense"
    doubled = {id: where for id, where in places.items() if len(where) > 1}
    assert not doubled, f"stored twice: {list(doubled.items())[:3]}"
    for id, seq in acked.items():
        assert id in places, f"acknowledged, but lost: {id}"
        assert places[id] == [seq], f"{id} was told {seq}, is at {places[id]}"
    for ids in atomic:
        there = sum(id in places for id in ids)
        assert there in (0, len(ids)), f"an atomic batch is half there: {there} of {len(ids)}"
    return len(seqs)


def main():
    print(f"seed {SEED}, {ROUNDS} rounds", flush=True)
    chance = random.Random(SEED)
    acked, atomic = {}, []
    with tempfile.TemporaryDirectory(prefix="piperoll-test-") as folder:
        data = os.path.join(folder, "data")
        org = json.loads(run("org", "create", "--data", data, "--name", "demo")[1])["id"]
        notes = []
        key = make_key(data, "demo", "admin")
        server = Server(data).start()
        stored = 0
        for number in range(ROUNDS):
            writers = [Writer(server, key, f"r{number}w{i}", chance.randrange(1 << 32)) for i in range(WRITERS)]
            watcher = Watcher(server, key, org)
            for thread in (*writers, watcher):
                thread.start()
            time.sleep(chance.uniform(0.02, 0.5))  # the moment of death is what is random here
            server.kill()
            watcher.join()
            notes += watcher.notes
            for writer in writers:
                writer.join()
                if writer.failure:
                    raise writer.failure
                acked.update(writer.acked)
                atomic.extend(writer.atomic)
            check_tree(data, folder, watcher.notes)
            server = Server(data).start()
            if number % 5 == 4 or number == ROUNDS - 1:
                stored = check(server, key, acked, atomic)
        assert server.stop() == 0, "SIGTERM must end with 0"
        server = Server(data).start()
        check(server, key, acked, atomic)
        signed = check_checkpoints(server, key, org, notes)
        server.kill()
        verdict = json.loads(run("verify", "--data", data)[1])
        assert verdict["verdict"] == "valid", verdict
    assert acked, "nothing was acknowledged: the test tested nothing"
    print(f"{len(acked)} acknowledged events, {stored} stored, all where they were told to be; "
          f"{signed} sizes were signed, all of one tree")


if __name__ == "__main__":
    main()
