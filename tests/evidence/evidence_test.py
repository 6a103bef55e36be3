#!/usr/bin/env python3
"""What a served log shows is checked by a second implementation; `piperoll verify` gives the verdicts."""

import base64
import json
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from harness import Server, ServerTest, make_key, run  # noqa: E402
from log import (Key, Prefixes, bundle_of, check_consistency, check_proof, leaf_hash,  # noqa: E402
                 open_checkpoint, read_leaf_hashes, tile_path)

EVENTS = 600


def event(number):
    return {"id": f"e-{number}", "action": "user.update", "actor": {"id": f"u-{number % 7}", "email": "zoe@example.com", "name": "Zoë"},
            "target": {"id": str(number)}, "request": {"ip": "192.0.2.7"}, "metadata": {"n": number}, "params": {"a": [1, None]}}


class Log(ServerTest):
    @classmethod
    def prepare(cls):
        cls.auditor = make_key(cls.data, "demo", "auditor")
        cls.reader = make_key(cls.data, "demo", "reader")
        other = run("org", "create", "--data", cls.data, "--name", "other")[1]
        cls.other = json.loads(other)["id"]
        cls.stranger = make_key(cls.data, "other", "admin")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        answer = cls.client.post("/v1/events", [event(i) for i in range(EVENTS)])
        assert answer.json()["stored"] == EVENTS, answer
        cls.prefix = f"/v1/logs/{cls.org}"
        cls.vkey = os.path.join(cls.temporary.name, "vkey")
        with open(cls.vkey, "wb") as file:
            file.write(cls.client.get(cls.prefix + "/vkey").body)

    def setUp(self):
        self.log_key = Key(self.client.get(self.prefix + "/vkey").body.decode())

    def checkpoint(self, prefix=None, key=None):
        answer = self.client.get((prefix or self.prefix) + "/checkpoint")
        self.assertEqual(answer.status, 200, answer)
        return open_checkpoint(answer.body.decode(), key or self.log_key)

    def covering(self, size):
        """The newest checkpoint, once it covers so much: published within a second."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            found = self.checkpoint()
            if found[1] >= size:
                return found
            time.sleep(0.02)
        self.fail("no checkpoint covers what was acknowledged")

    def test_the_tiles_give_the_root_of_the_checkpoint(self):
        origin, size, tree_root = self.covering(EVENTS)
        self.assertEqual(origin, f"piperoll.localhost/{self.org}")
        prefixes = Prefixes()
        hashes = read_leaf_hashes(self.client, self.prefix, size)
        for leaf in hashes:
            prefixes.add(leaf)
        self.assertEqual(prefixes.root(), tree_root)
        level_1 = self.client.get(f"{self.prefix}/{tile_path(1, 0, size // 256)}")
        full = Prefixes()
        for leaf in hashes[:256]:
            full.add(leaf)
        self.assertEqual(level_1.body[:32], full.root())

    def test_the_leaves_of_the_bundles_hash_to_the_tiles(self):
        _, size, _ = self.covering(EVENTS)
        for index in range((size + 255) // 256):
            width = min(256, size - 256 * index)
            leaves = bundle_of(self.client.get(f"{self.prefix}/{tile_path('entries', index, width)}").body)
            tile = self.client.get(f"{self.prefix}/{tile_path(0, index, width)}").body
            self.assertEqual(b"".join(leaf_hash(leaf) for leaf in leaves), tile)
            for leaf in leaves:
                self.assertEqual(len(leaf), 91)
                self.assertEqual(list(json.loads(leaf)), ["c", "t", "v"])

    def test_every_event_is_proven_with_its_values(self):
        for number in (0, 1, 255, 256, 511, EVENTS - 1):
            proof = self.client.get(f"/v1/events/e-{number}/proof").json()
            shown = check_proof(proof, self.log_key)
            sent = event(number)
            self.assertEqual(proof["index"], number)
            self.assertEqual(shown["event"]["id"], sent["id"])
            self.assertEqual(shown["actor"], {"id": sent["actor"]["id"]})
            self.assertEqual(shown["actor_person"], {"email": "zoe@example.com", "name": "Zoë"})
            self.assertEqual(shown["client"], {"ip": "192.0.2.7"})
            self.assertEqual(shown["metadata"], sent["metadata"])
            self.assertNotIn("extra", shown)

    def test_the_log_only_grows(self):
        _, size, _ = self.covering(EVENTS)
        hashes = read_leaf_hashes(self.client, self.prefix, size)
        roots, prefixes = {}, Prefixes()
        for leaf in hashes:
            prefixes.add(leaf)
            roots[prefixes.size] = prefixes.root()
        for first, second in ((1, size), (256, 257), (255, 512), (300, 599), (size - 1, size)):
            answer = self.client.get(f"{self.prefix}/consistency", **{"from": first, "to": second}).json()
            check_consistency(first, roots[first], second, roots[second], [base64.b64decode(node) for node in answer["proof"]])
        for first, second in ((0, size), (size, size)):
            answer = self.client.get(f"{self.prefix}/consistency", **{"from": first, "to": second}).json()
            self.assertEqual(answer["proof"], [])
            open_checkpoint(answer["checkpoint"], self.log_key)

    def test_the_access_log_is_a_log_of_its_own(self):
        self.client.get("/v1/events/e-1")
        prefix = self.prefix + "/access"
        key = Key(self.client.get(prefix + "/vkey").body.decode())
        deadline = time.monotonic() + 20
        size = 0
        while not size and time.monotonic() < deadline:
            origin, size, tree_root = self.checkpoint(prefix, key)
        self.assertEqual(origin, f"piperoll.localhost/{self.org}/access")
        prefixes = Prefixes()
        for leaf in read_leaf_hashes(self.client, prefix, size):
            prefixes.add(leaf)
        self.assertEqual(prefixes.root(), tree_root)

    def test_an_empty_log_has_a_checkpoint_of_size_0(self):
        client = self.server.client(self.stranger)
        prefix = f"/v1/logs/{self.other}"
        key = Key(client.get(prefix + "/vkey").body.decode())
        _, size, tree_root = open_checkpoint(client.get(prefix + "/checkpoint").body.decode(), key)
        self.assertEqual((size, tree_root), (0, Prefixes().root()))
        self.assertEqual(client.get(f"{prefix}/tile/0/000.p/1").status, 404)
        client.close()

    def test_rights_and_foreign_logs(self):
        for path in ("/checkpoint", "/vkey", "/consistency?from=0&to=1", "/tile/0/000", "/access/checkpoint"):
            reader = self.server.client(self.reader)
            self.assertEqual(reader.get(self.prefix + path).status, 403, path)
            reader.close()
            stranger = self.server.client(self.stranger)
            foreign = stranger.get(self.prefix + path)
            missing = stranger.get(f"/v1/logs/00000000-0000-4000-8000-000000000000{path}")
            self.assertEqual(foreign.status, 403)
            self.assertEqual({**foreign.json(), "request_id": ""}, {**missing.json(), "request_id": ""})
            stranger.close()
            nobody = self.server.client()
            self.assertEqual(nobody.get(self.prefix + path).status, 401)
            nobody.close()

    def test_caching_follows_what_can_change(self):
        self.covering(EVENTS)
        full = self.client.get(f"{self.prefix}/tile/0/000")
        self.assertIn("immutable", full.headers["Cache-Control"])
        self.assertEqual(full.headers["Content-Type"], "application/octet-stream")
        later = self.client.get(f"{self.prefix}/tile/0/x001/000")
        self.assertEqual((later.status, later.headers["Cache-Control"]), (404, "no-store"))
        checkpoint = self.client.get(self.prefix + "/checkpoint")
        again = self.client.request("GET", self.prefix + "/checkpoint", headers={"If-None-Match": checkpoint.headers["ETag"]})
        self.assertEqual((again.status, again.body), (304, b""))
        for path in ("/tile/0/000.p/256", "/tile/0/000.p/0", "/tile/00/000", "/tile/64/000", "/tile/0/0", "/tile/entries", "/tile/0/000/"):
            self.assertEqual(self.client.get(self.prefix + path).status, 404, path)

    def verify(self, *arguments, **more):
        code, out, err = run("verify", *arguments, check=False, **more)
        self.assertEqual(len(out.splitlines()), 1, err)
        found = json.loads(out)
        self.assertEqual(list(found), ["verdict", "log", "checked", "first_bad", "detail"])
        self.assertEqual(code, 0 if found["verdict"] == "valid" else 1)
        self.assertEqual(bool(err), code != 0)
        return found

    def write(self, name, content):
        path = os.path.join(self.temporary.name, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def test_verify_takes_proofs_in_both_forms(self):
        answer = self.client.get("/v1/events/e-7/proof")
        path = self.write("proof.json", answer.body)
        found = self.verify("--proof", path, "--vkey", self.vkey)
        self.assertEqual((found["verdict"], found["log"]), ("valid", f"piperoll.localhost/{self.org}"))
        form = self.client.request("GET", "/v1/events/e-7/proof", headers={"Accept": "text/x.tlog.proof"})
        self.assertTrue(form.body.startswith(b"c2sp.org/tlog-proof@v1\n"))
        self.assertEqual(self.verify("--proof", self.write("event.tlog-proof", form.body), "--vkey", self.vkey)["verdict"], "valid")
        changed = answer.json()
        changed["index"] += 1
        self.assertEqual(self.verify("--proof", self.write("bad.json", json.dumps(changed).encode()), "--vkey", self.vkey)["verdict"], "invalid")
        token = self.client.request("GET", "/v1/events/e-7/proof", headers={"Accept": "application/sd-jwt"})
        header, payload, rest = token.body.decode().split(".")
        signature, *disclosures, end = rest.split("~")
        self.assertEqual((token.headers["Content-Type"], end), ("application/sd-jwt", ""))
        self.assertTrue(self.log_key.verifies(f"{header}.{payload}".encode(), base64.urlsafe_b64decode(signature + "==")))
        self.assertEqual(sorted(disclosures), sorted(answer.json()["disclosures"].values()))

    def test_verify_takes_exports_and_finds_what_was_done_to_them(self):
        lines = self.client.get("/v1/export").body.decode().splitlines(keepends=True)
        count = len(lines) - 1

        def verdict(changed):
            return self.verify("--export", self.write("export.ndjson", "".join(changed).encode()), "--vkey", self.vkey)["verdict"]

        self.assertEqual(verdict(lines), "valid")
        self.assertEqual(verdict([lines[0].replace("zoe@", "max@"), *lines[1:]]), "invalid")
        self.assertEqual(verdict([lines[1], lines[0], *lines[2:]]), "invalid")
        self.assertEqual(verdict(lines[:5] + lines[6:]), "gap")
        self.assertEqual(verdict(lines[:-1]), "truncated")
        self.assertEqual(verdict(lines[:count - 3] + lines[-1:]), "truncated")
        other = self.write("other.vkey", f"piperoll.localhost/{self.org}+".encode())
        self.assertEqual(run("verify", "--export", other, "--vkey", other, check=False)[0], 1)

    def test_a_filtered_export_that_names_the_rest_gives_the_root_of_the_log(self):
        for form in ("leaves", "nodes"):
            for extra, count, of_range in (({}, None, None), ({"from_seq": "100", "to_seq": "400"}, None, 300),
                                           ({"action": "nobody.does"}, 0, None)):
                body = self.client.get("/v1/export", **{"actor.id": "u-3", "withheld": form, **extra}).body.decode()
                lines = [json.loads(line) for line in body.splitlines()]
                end = lines[-1]["piperoll_export"]
                events = [line for line in lines if "seq" in line]
                self.assertEqual(end["count"], len(events))
                self.assertEqual(len(events) == 0, count == 0)
                self.assertEqual(end["withheld"], (of_range or end["tree_size"]) - len(events))
                # A second implementation: nodes by the definition, from the leaves that are in the tiles.
                hashes = read_leaf_hashes(self.client, self.prefix, end["tree_size"])
                for line in lines:
                    named = line.get("piperoll_withheld")
                    if named and len(named["hashes"]) == named["to"] - named["from"]:
                        self.assertEqual([base64.b64decode(text) for text in named["hashes"]], hashes[named["from"]:named["to"]])
                found = self.verify("--export", self.write("some.ndjson", body.encode()), "--vkey", self.vkey)
                self.assertEqual((found["verdict"], found["checked"]), ("valid", len(events)), found)
                self.assertIn(f"the other {end['withheld']} of [", found["detail"])

        body = self.client.get("/v1/export", **{"actor.id": "u-3", "withheld": "leaves"}).body.decode().splitlines(keepends=True)
        event_at = next(i for i, line in enumerate(body) if '"seq":101,' in line)
        for changed, verdict in ((body[:event_at] + body[event_at + 1:], "gap"), (body[:event_at + 1] + body[event_at + 2:], "gap"),
                                 ([line.replace("zoe@", "max@") for line in body], "invalid"), (body[:-1], "truncated")):
            found = self.verify("--export", self.write("some.ndjson", "".join(changed).encode()), "--vkey", self.vkey)
            self.assertEqual(found["verdict"], verdict, found)

    def test_the_events_of_a_range_are_proven_to_be_all_of_it(self):
        body = self.client.get("/v1/export", from_seq="100", to_seq="400", withheld="nodes").body
        self.assertLess(body.count(b"piperoll_withheld"), 3)
        found = self.verify("--export", self.write("range.ndjson", body), "--vkey", self.vkey)
        self.assertEqual((found["verdict"], found["checked"]), ("valid", 300), found)
        self.assertIn("all events of [100, 400)", found["detail"])

    def test_withheld_is_a_word_and_not_for_csv(self):
        for params in ({"withheld": "all"}, {"withheld": "leaves", "format": "csv"}):
            answer = self.client.get("/v1/export", **params)
            self.assertEqual((answer.status, answer.json()["errors"][0]["pointer"]), (400, "withheld"), answer)

    def test_verify_reads_a_server_by_its_tiles_and_remembers(self):
        address = f"http://127.0.0.1:{self.server.port}"
        state = os.path.join(self.temporary.name, "state")
        arguments = ("--server", address, "--org", self.org, "--vkey", self.vkey, "--state", state)
        self.covering(EVENTS)
        first = self.verify(*arguments, env={"PIPEROLL_KEY": self.auditor})
        self.assertEqual(first["verdict"], "valid")
        self.assertGreaterEqual(first["checked"], EVENTS)
        self.client.post("/v1/events", [event(10_000 + first["checked"])])
        self.covering(first["checked"] + 1)
        self.assertEqual(self.verify(*arguments, env={"PIPEROLL_KEY": self.auditor})["checked"], first["checked"] + 1)
        code, _, err = run("verify", *arguments, check=False, env={"PIPEROLL_KEY": self.reader})
        self.assertEqual(code, 1)
        self.assertIn("prove", err)

    def test_verify_says_what_it_lacks(self):
        for arguments in ((), ("--data", "x", "--export", "y"), ("--export", "x"), ("--server", "http://127.0.0.1:1", "--vkey", "x")):
            self.assertEqual(run("verify", *arguments, check=False)[0], 2, arguments)
        self.assertEqual(run("verify", "--data", self.data, check=False)[0], 1)  # a server has it
        self.assertEqual(self.verify("--data", self.temporary.name)["verdict"], "missing")


class PublicLog(ServerTest):
    flags = ("--public-logs", "true")

    def test_anyone_may_check_and_nobody_may_read(self):
        self.client.post("/v1/events", [event(1)])
        proof = self.client.get("/v1/events/e-1/proof").json()
        nobody = self.server.client()
        for path in ("checkpoint", "vkey", "consistency?from=0&to=1", "tile/0/000.p/1", "tile/entries/000.p/1"):
            self.assertEqual(nobody.get(f"/v1/logs/{self.org}/{path}").status, 200, path)
        key = Key(nobody.get(f"/v1/logs/{self.org}/vkey").body.decode())
        check_proof(proof, key)
        self.assertEqual(nobody.get("/v1/events/e-1/proof").status, 401)
        self.assertEqual(nobody.get("/v1/export").status, 401)
        nobody.close()


class Rotation(ServerTest):
    def test_old_signatures_stay_good_and_the_rotation_is_in_the_access_log(self):
        self.client.post("/v1/events", [event(1)])
        old_vkeys = self.client.get(f"/v1/logs/{self.org}/vkey").body.decode()
        proof = os.path.join(self.temporary.name, "proof")
        with open(proof, "wb") as file:
            file.write(self.client.get("/v1/events/e-1/proof").body)
        self.server.stop()
        made = json.loads(run("signing-key", "rotate", "--data", self.data)[1])
        listed = [json.loads(line) for line in run("signing-key", "list", "--data", self.data)[1].splitlines()]
        self.assertEqual((len(listed), listed[0]), (2, made))
        self.assertEqual(json.loads(run("verify", "--data", self.data)[1])["verdict"], "valid")
        type(self).server = Server(self.data).start()
        client = self.server.client(self.key)
        vkeys = client.get(f"/v1/logs/{self.org}/vkey").body.decode()
        self.assertTrue(vkeys.endswith(old_vkeys) and vkeys != old_vkeys)
        self.assertEqual(run("signing-key", "vkey", "--data", self.data, "--org", self.org)[1], vkeys)
        path = os.path.join(self.temporary.name, "vkeys")
        with open(path, "w", encoding="utf-8") as file:
            file.write(vkeys)
        self.assertEqual(json.loads(run("verify", "--proof", proof, "--vkey", path)[1])["verdict"], "valid")
        self.assertEqual(open_checkpoint(client.get(f"/v1/logs/{self.org}/checkpoint").body.decode(), Key(vkeys.split("\n")[0]))[1], 1)
        found = client.get("/v1/access", action="signing_key.rotate").json()["events"]
        self.assertEqual([each["params"]["public_key"] for each in found], [made["public_key"]])
        client.close()


class Names(ServerTest):
    flags = ("--server-name", "audit.example")

    def test_the_name_of_the_server_is_in_the_origin_and_stays(self):
        self.client.post("/v1/events", [event(1)])
        self.assertEqual(self.client.get("/v1/events/e-1/proof").json()["origin"], f"audit.example/{self.org}")
        self.server.stop()
        found = json.loads(run("verify", "--data", self.data)[1])
        self.assertEqual(found["verdict"], "valid")
        code, _, err = run("serve", "--data", self.data, "--server-name", "other.example", check=False)
        self.assertEqual(code, 1)
        self.assertIn("audit.example", err)
        type(self).server = Server(self.data).start()
        client = self.server.client(self.key)
        self.assertEqual(client.get("/v1/events/e-1/proof").json()["origin"], f"audit.example/{self.org}")
        client.close()


if __name__ == "__main__":
    unittest.main()
