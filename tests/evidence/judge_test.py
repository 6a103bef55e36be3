#!/usr/bin/env python3
"""golang.org/x/mod, as Debian packages it, accepts our logs: see judge/judge.go."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from harness import ServerTest  # noqa: E402

SOURCES = "/usr/share/gocode"  # where Debian puts the sources of Go packages


@unittest.skipUnless(shutil.which("go") and os.path.isdir(f"{SOURCES}/src/golang.org/x/mod"),
                     "golang-go and golang-golang-x-mod-dev are not installed (scripts/test installs them)")
class Judge(ServerTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        cls.judge = os.path.join(cls.folder.name, "judge")
        here = os.path.dirname(os.path.abspath(__file__))
        subprocess.run(["go", "build", "-o", cls.judge, os.path.join(here, "judge", "judge.go")], check=True,
                       env={**os.environ, "GO111MODULE": "off", "GOPATH": SOURCES, "GOCACHE": os.path.join(cls.folder.name, "cache"),
                            "GOFLAGS": "-buildvcs=false"})

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        super().tearDownClass()

    def ask(self, prefix):
        return subprocess.run([self.judge, f"http://127.0.0.1:{self.server.port}", self.key, prefix],
                              capture_output=True, text=True, check=False, timeout=120)

    def test_the_log_is_accepted_at_every_size_it_passes(self):
        size = 0
        for more in (1, 1, 254, 1, 300):
            self.client.post("/v1/events", [{"id": f"e-{size + i}", "action": "a", "metadata": {"n": i}} for i in range(more)])
            size += more
            self.client.get(f"/v1/events/e-{size - 1}/proof")  # waits for the checkpoint
            done = self.ask(f"/v1/logs/{self.org}")
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(done.stdout.startswith(f"{size} leaves"), done.stdout)
        self.assertEqual(self.ask(f"/v1/logs/{self.org}/access").returncode, 0)


if __name__ == "__main__":
    unittest.main()
