#!/usr/bin/env python3
"""The command line: what it prints, its exit codes, import and export, and trouble with the data
directory and the port."""

import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from harness import BINARY, SHARED_DATA, Server, ServerTest, make_key, run, unzstd


class Directory(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        self.addCleanup(self.temporary.cleanup)
        self.data = os.path.join(self.temporary.name, "data")

    def path(self, name):
        return os.path.join(self.temporary.name, name)

    def write(self, name, text, mode="w"):
        with open(self.path(name), mode) as file:
            file.write(text)
        return self.path(name)

    def refused(self, code, *arguments, **more):
        """The one line on standard error."""
        got, out, err = run(*arguments, check=False, **more)
        self.assertEqual((got, out), (code, ""), err)
        self.assertEqual(err.count("\n"), 1, err)
        self.assertTrue(err.startswith("piperoll: "), err)
        return err


class Commands(Directory):
    def test_organisations(self):
        _, out, _ = run("org", "create", "--data", self.data, "--name", "acme", "--tenant-id", "1001",
                        "--id", "5B8A1F0E-2d4c-4c59-9e5e-0a1b2c3d4e5f")
        self.assertEqual(json.loads(out), {"id": "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f", "name": "acme",
                                           "tenant_id": 1001})
        self.assertIn("exists already", self.refused(1, "org", "create", "--data", self.data, "--name", "acme"))
        for code, *bad in ((1, "--name", "x"), (1, "--name", "ok-name", "--id", "7"),
                           (2, "--name", "ok-name", "--tenant-id", "0"),
                           (2, "--name", "ok-name", "--tenant-id", "2147483648")):
            self.refused(code, "org", "create", "--data", self.data, *bad)
        run("org", "disable", "--data", self.data, "--org", "acme")
        listed = [json.loads(line) for line in run("org", "list", "--data", self.data)[1].splitlines()]
        self.assertEqual([(org["name"], org["enabled"]) for org in listed], [("acme", False)])
        run("org", "enable", "--data", self.data, "--org", "5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f")
        self.refused(1, "org", "disable", "--data", self.data, "--org", "nobody")

    def test_keys(self):
        run("org", "create", "--data", self.data, "--name", "acme")
        _, out, _ = run("key", "create", "--data", self.data, "--org", "acme", "--role", "writer", "--role", "auditor",
                        "--name", "ci", "--expires", "90d")
        self.assertRegex(out, r"^prl_[0-9A-Za-z]{36}\n$")
        make_key(self.data, "*", "admin")
        listed = [json.loads(line) for line in run("key", "list", "--data", self.data)[1].splitlines()]
        self.assertEqual([key["roles"] for key in listed], [["writer", "auditor"], ["admin"]])
        self.assertNotIn(out.strip(), json.dumps(listed))
        mine = [json.loads(line) for line in run("key", "list", "--data", self.data, "--org", "acme")[1].splitlines()]
        self.assertEqual([key["name"] for key in mine], ["ci"])
        run("key", "revoke", "--data", self.data, out.strip())
        run("key", "revoke", "--data", self.data, listed[1]["id"])
        listed = [json.loads(line) for line in run("key", "list", "--data", self.data)[1].splitlines()]
        self.assertTrue(all(key["revoked_at"] for key in listed))
        self.refused(1, "key", "revoke", "--data", self.data, "prl_unknown")
        self.refused(1, "key", "create", "--data", self.data, "--org", "nobody", "--role", "reader")
        self.refused(2, "key", "create", "--data", self.data, "--org", "acme", "--role", "reader", "--expires", "soon")

    def test_the_secret_is_nowhere_on_disk(self):
        run("org", "create", "--data", self.data, "--name", "acme")
        key = make_key(self.data, "acme", "admin").encode()
        for folder, _, names in os.walk(self.data):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    self.assertNotIn(key, file.read(), name)

    def test_usage(self):
        for wrong in ((), ("nothing",), ("org",), ("org", "create"), ("serve", "--colour", "red"),
                      ("key", "create", "--data", self.data, "--org", "a", "--role", "boss"),
                      ("key", "create", "--data", self.data, "--org", "a", "--role", "admin", "--expires", ""),
                      ("key", "create", "--data", self.data, "--org", "a", "--role", "admin", "--expires", "5w"),
                      ("org", "create", "--data", self.data, "--name", "acme", "--tenant-id", "0"),
                      ("import", "--data", self.data, "--org", "a", "--format", "xml", "-")):
            self.refused(2, *wrong)
        for page in (("--help",), ("org", "--help"), ("key", "create", "--help"), ("import", "--help"), ("serve", "--help")):
            code, out, _ = run(*page)
            self.assertEqual(code, 0)
            self.assertTrue(out)
        self.assertRegex(run("version")[1], r"^piperoll \d+\.\d+\.\d+\n$")
        self.refused(2, "org", "list")
        self.refused(2, "org", "list", "--server", "http://127.0.0.1:1", env={"PIPEROLL_KEY": ""})

    def test_settings(self):
        good = self.write("good.toml", 'data = "d"\nlisten = ["127.0.0.1:0"]\naccess_log = "sync"\nworker_threads = 3\n')
        run("serve", "--config", good, "--check-config")
        for text, named in (('dta = "x"\n', '"data"'), ('data = "d"\nworker_threads = 0\n', "worker_threads"),
                            ('data = "d"\naccess_log = "never"\n', "background"), ("data = \n", "bad.toml:1"),
                            ('[server]\nx = 1\n', "server")):
            self.assertIn(named, self.refused(1, "serve", "--config", self.write("bad.toml", text), "--check-config"))
        self.assertIn("PIPEROLL_WORKER_THREADS", self.refused(1, "serve", "--config", good, "--check-config",
                                                              env={"PIPEROLL_WORKER_THREADS": "many"}))
        run("serve", "--config", good, "--check-config", "--worker-threads", "5", env={"PIPEROLL_WORKER_THREADS": "4"})
        self.refused(2, "serve", "--check-config")
        self.assertIn("--worker-threads", self.refused(2, "serve", "--data", "d", "--worker-threads", "x"))

    def test_generate_is_deterministic(self):
        one = run("generate", "--events", "500", "--seed", "7", "--orgs", "3")[1]
        self.assertEqual(one, run("generate", "--events", "500", "--seed", "7", "--orgs", "3")[1])
        self.assertNotEqual(one, run("generate", "--events", "500", "--seed", "8", "--orgs", "3")[1])
        self.assertEqual(len(one.splitlines()), 500)


class ImportExport(Directory):
    def setUp(self):
        super().setUp()
        run("org", "create", "--data", self.data, "--name", "demo")

    def load(self, *arguments, code=0, **more):
        got, out, err = run("import", "--data", self.data, "--org", "demo", *arguments, check=False, **more)
        self.assertEqual(got, code, err)
        return json.loads(out), err

    def export(self, *arguments):
        return run("export", "--data", self.data, "--org", "demo", *arguments)[1].splitlines()

    def test_what_is_exported_imports_again_and_twice_is_once(self):
        events = run("generate", "--events", "3000", "--seed", "1")[1]
        self.assertEqual(self.load("-", stdin=events)[0], {"stored": 3000, "duplicate": 0, "rejected": 0})
        lines = self.export()
        self.assertEqual(len(lines), 3001)
        self.assertEqual([json.loads(line)["seq"] for line in lines[:-1]], list(range(3000)))
        manifest = json.loads(lines[-1])["piperoll_export"]
        self.assertEqual((manifest["count"], manifest["tree_size"], manifest["complete"]), (3000, 3000, True))
        exported = self.write("out.ndjson", "\n".join(lines) + "\n\n")
        self.assertEqual(self.load(exported)[0], {"stored": 0, "duplicate": 3000, "rejected": 0})
        run("org", "create", "--data", self.data, "--name", "copy")
        _, out, _ = run("import", "--data", self.data, "--org", "copy", exported)
        self.assertEqual(json.loads(out)["stored"], 3000)
        failures = self.export("status=failure")
        self.assertEqual(json.loads(failures[-1])["piperoll_export"]["count"], len(failures) - 1)
        self.refused(2, "export", "--data", self.data, "--org", "demo", "status")
        self.refused(1, "export", "--data", self.data, "--org", "demo", "status=broken")

    def test_compressed_files(self):
        events = run("generate", "--events", "50", "--seed", "2")[1]
        packed = self.write("a.ndjson.gz", gzip.compress(events.encode()), "wb")
        plain = self.write("a.ndjson", events)
        subprocess.run(["zstd", "-q", plain, "-o", plain + ".zst"], check=True)
        self.assertEqual(self.load(packed, plain, plain + ".zst")[0], {"stored": 50, "duplicate": 100, "rejected": 0})
        broken = self.write("b.gz", gzip.compress(events.encode())[:-20], "wb")
        self.load(broken, code=1)

    def test_bad_lines_are_named_and_left_out(self):
        text = '{"action":"a"}\n\nnonsense\n{"action":"b","x":1}\n{"id":"z","action":"c"}\n{"id":"z","action":"d"}\n'
        path = self.write("bad.ndjson", text)
        counts, err = self.load(path, code=1)
        self.assertEqual(counts, {"stored": 2, "duplicate": 0, "rejected": 3})
        for line in (3, 4, 6):
            self.assertIn(f"bad.ndjson:{line}: ", err)
        counts, _ = self.load(path, code=1)
        self.assertEqual(counts, {"stored": 0, "duplicate": 2, "rejected": 3})
        strict = self.write("strict.ndjson", 'nonsense\n{"action":"never"}\n')
        self.assertEqual(self.load("--strict", strict, code=1)[0]["stored"], 0)
        self.load(self.path("missing"), code=1)

    def test_frontier_lines(self):
        line = {"id": "f-1", "source": "guardian", "action": "project.create", "actor": {"id": "u", "type": "", "name": "Bo"},
                "target": {"id": "p"}, "context": {"k": "v"}, "created_at": "2026-01-02T03:04:05.1Z"}
        self.load("--format", "frontier", "-", stdin=json.dumps(line) + "\n")
        event = json.loads(self.export()[0])
        self.assertEqual((event["id"], event["actor"], event["context"], event["occurred_at"]),
                         ("f-1", {"id": "u", "name": "Bo"}, {"k": "v"}, "2026-01-02T03:04:05.100000Z"))

    def test_kubernetes_lines(self):
        stages = [{"kind": "Event", "auditID": "0f0e0d0c-1111-4222-8333-444444444444", "stage": stage, "verb": "create",
                   "requestURI": "/api/v1/namespaces/default/pods", "sourceIPs": ["10.0.0.1", "192.0.2.9"],
                   "user": {"username": "system:serviceaccount:ci:bot", "uid": "7"}, "userAgent": "kubectl",
                   "objectRef": {"resource": "pods", "namespace": "default", "name": "web"},
                   "responseStatus": {"code": code} if code else {}, "stageTimestamp": "2026-01-02T03:04:05.000001Z"}
                  for stage, code in (("RequestReceived", 0), ("ResponseComplete", 403))]
        self.load("--format", "k8s", "-", stdin=json.dumps({"kind": "EventList", "items": stages}) + "\n")
        intent, outcome = (json.loads(line) for line in self.export()[:2])
        self.assertEqual((intent["status"], outcome["status"]), ("intent", "failure"))
        self.assertEqual(intent["commit_id"], outcome["commit_id"])
        self.assertEqual((outcome["action"], outcome["request"]["ip"], outcome["actor"]["type"], outcome["target"]["id"]),
                         ("pods.create", "192.0.2.9", "serviceaccount", "default/web"))

    def test_cloudtrail_lines(self):
        record = {"eventVersion": "1.08", "eventID": "c-1", "eventTime": "2023-07-10T11:42:36Z",
                  "eventSource": "s3.amazonaws.com", "eventName": "GetObject", "sourceIPAddress": "AWS Internal",
                  "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::1:user/b", "userName": "b"},
                  "errorCode": "AccessDenied", "errorMessage": "no", "requestParameters": {"bucket": "x"},
                  "awsRegion": "eu-1"}
        self.load("--format", "cloudtrail", "-", stdin=json.dumps({"Records": [record]}) + "\n")
        event = json.loads(self.export()[0])
        self.assertEqual((event["id"], event["action"], event["status"], event["error"], event["params"]),
                         ("c-1", "s3.GetObject", "failure", "AccessDenied: no", {"bucket": "x"}))
        self.assertNotIn("ip", event.get("request", {}))

    @unittest.skipUnless(os.path.exists(SHARED_DATA), "SKIPPED: the event files are not there (../shared/data)")
    def test_recorded_cloudtrail_events(self):
        raw = os.path.join(SHARED_DATA, "cloudtrail-raw-11k.ndjson.zst")
        counts, err = self.loaded_any(raw)
        self.assertGreater(counts["stored"], 11_000, err[-500:])

    def loaded_any(self, path):
        _, out, err = run("import", "--data", self.data, "--org", "demo", "--format", "cloudtrail", path, check=False)
        return json.loads(out), err

    @unittest.skipUnless(os.path.exists(SHARED_DATA), "SKIPPED: the event files are not there (../shared/data)")
    def test_recorded_kubernetes_events(self):
        lines = [line for line in unzstd(os.path.join(SHARED_DATA, "schema-variety-2600.ndjson.zst"))
                 if '"auditID"' in line and "audit.k8s.io" in line]
        self.assertGreater(len(lines), 50)
        _, out, err = run("import", "--data", self.data, "--org", "demo", "--format", "k8s", "-",
                          stdin="".join(lines), check=False)
        counts = json.loads(out)
        self.assertGreater(counts["stored"], len(lines) // 2, err[-1000:])


class Trouble(Directory):
    def setUp(self):
        super().setUp()
        run("org", "create", "--data", self.data, "--name", "demo")

    def serve(self):
        got, _, err = run("serve", "--data", self.data, "--listen", "127.0.0.1:0", check=False)
        self.assertEqual(got, 1, err)
        return err

    def test_a_directory_in_use(self):
        server = Server(self.data).start()
        self.addCleanup(server.kill)
        self.assertIn("in use", self.refused(1, "org", "list", "--data", self.data))
        self.assertIn("in use", self.serve())

    def test_a_port_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            got, _, err = run("serve", "--data", self.data, "--listen", f"127.0.0.1:{taken.getsockname()[1]}", check=False)
        self.assertEqual(got, 1)
        self.assertIn("use", err.splitlines()[-1])

    def test_a_directory_of_something_else(self):
        other = self.path("other")
        os.mkdir(other)
        self.write("other/notes.txt", "hello")
        self.assertIn("notes.txt", self.refused(1, "org", "list", "--data", other))
        self.assertIn("not a directory", self.refused(1, "org", "list", "--data", self.path("other/notes.txt")))

    def test_a_directory_that_cannot_be_written(self):
        other = self.path("other")
        os.mkdir(other)
        os.chmod(other, 0o500)
        os.chmod(self.temporary.name, 0o755)
        # Root may write anywhere, so somebody else tries.
        nobody = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        for arguments in (["serve", "--listen", "127.0.0.1:0"], ["org", "create", "--name", "acme"]):
            done = subprocess.run([BINARY, *arguments, "--data", other], capture_output=True, text=True,
                                  timeout=60, check=False, **nobody)
            self.assertEqual((done.returncode, done.stdout), (1, ""), done.stderr)
            self.assertIn("cannot write to " + other, done.stderr)
            self.assertIn("Permission denied", done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_a_mistyped_directory_is_not_made(self):
        typo = self.path("dta")
        for arguments in (["org", "list"], ["key", "list"], ["export", "--org", "demo"], ["key", "revoke", "x"]):
            self.assertIn("no data directory", self.refused(1, *arguments, "--data", typo))
        self.assertFalse(os.path.exists(typo))

    def test_a_journal_that_is_gone(self):
        self.key = make_key(self.data, "*", "admin")
        server = Server(self.data).start()
        self.addCleanup(server.kill)
        server.stop()
        shutil.rmtree(os.path.join(self.data, "journal"))
        self.assertIn("journal", self.serve())
        code, out, _ = run("verify", "--data", self.data, check=False)
        self.assertEqual((code, json.loads(out)["verdict"]), (1, "missing"))
        server = Server(self.data, "--accept-lost-journal", "true").start()
        self.addCleanup(server.kill)
        key = {"PIPEROLL_KEY": self.key}
        run("org", "create", "--server", f"http://127.0.0.1:{server.port}", "--name", "second", env=key)
        server.stop()
        self.assertEqual(len(run("org", "list", "--data", self.data)[1].splitlines()), 2)

    def test_output_that_cannot_be_written(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([BINARY, "org", "list", "--data", self.data], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output", done.stderr)

    def test_a_newer_format(self):
        self.write("data/FORMAT", "piperoll-data 2\n")
        self.assertIn("newer", self.serve())

    def test_damaged_files(self):
        self.write("data/FORMAT", "garbage\n")
        self.assertIn("FORMAT", self.serve())
        self.write("data/FORMAT", "piperoll-data 1\n")
        os.rename(os.path.join(self.data, "secrets"), self.path("kept"))
        self.assertIn("secrets", self.serve())
        os.rename(self.path("kept"), os.path.join(self.data, "secrets"))
        run("org", "list", "--data", self.data)
        with open(os.path.join(self.data, "secrets")) as file:
            secrets = file.read()
        line = re.search("id_key [0-9a-f]{64}", secrets)[0]
        self.write("data/secrets", secrets.replace(line, "id_key " + "5" * 64))
        self.assertIn('another id_key than the data directory has in "secrets"', self.serve())
        self.write("data/secrets", secrets)
        run("org", "list", "--data", self.data)

    def test_a_damaged_store_is_said_and_not_papered_over(self):
        store = os.path.join(self.data, "store")
        os.remove(os.path.join(store, "CURRENT"))
        self.assertTrue(self.serve())

    def test_a_server_without_keys_answers_401(self):
        server = Server(self.data).start()
        self.addCleanup(server.kill)
        client = server.client()
        self.addCleanup(client.close)
        self.assertEqual(client.get("/healthz").status, 200)
        for path in ("/v1/events", "/api/v2/audit", "/v1/audit_logs", "/api/audit-trail/records", "/v1/k8s/audit",
                     "/v1beta1/organizations/demo/auditlogs"):
            self.assertEqual(client.get(path).status, 401, path)

    def test_sigterm_drains_and_ends_with_0(self):
        key = make_key(self.data, "demo", "admin")
        for stop in (signal.SIGTERM, signal.SIGINT):
            server = Server(self.data).start()
            client = server.client(key)
            self.assertEqual(client.post("/v1/events", {"action": "a"}).status, 201)
            began = time.monotonic()
            server.process.send_signal(stop)
            server.process.wait(timeout=20)
            server._end()
            self.assertEqual(server.process.returncode, 0)
            self.assertLess(time.monotonic() - began, 10)
            client.close()


class Remote(ServerTest):
    """The same commands against a running server."""

    def test_commands_over_http(self):
        key = self.server_admin
        where = ("--server", f"http://127.0.0.1:{self.server.port}")
        env = {"PIPEROLL_KEY": key}
        run("org", "create", *where, "--name", "far", "--tenant-id", "9", env=env)
        names = [json.loads(line)["name"] for line in run("org", "list", *where, env=env)[1].splitlines()]
        self.assertIn("far", names)
        made = run("key", "create", *where, "--org", "far", "--role", "admin", env=env)[1].strip()
        run("application", "create", *where, "--org", "far", "--key", "shop", "--name", "Shop", env=env)
        self.assertIn("shop", run("application", "list", *where, "--org", "far", env=env)[1])
        events = run("generate", "--events", "2500", "--seed", "3")[1]
        _, out, _ = run("import", *where, "--org", "far", "-", stdin=events, env={"PIPEROLL_KEY": made})
        self.assertEqual(json.loads(out), {"stored": 2500, "duplicate": 0, "rejected": 0})
        exported = run("export", *where, "--org", "far", env={"PIPEROLL_KEY": made})[1].splitlines()
        self.assertEqual(len(exported), 2501)
        run("key", "revoke", *where, made, env=env)
        code, _, err = run("export", *where, "--org", "far", env={"PIPEROLL_KEY": made}, check=False)
        self.assertEqual(code, 1, err)
        code, _, err = run("org", "list", "--server", "http://127.0.0.1:1", env=env, check=False)
        self.assertEqual(code, 1, err)

    @classmethod
    def prepare(cls):
        cls.server_admin = make_key(cls.data, "*", "admin")


if __name__ == "__main__":
    print("binary:", BINARY)
    unittest.main()
