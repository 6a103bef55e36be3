#!/usr/bin/env python3
"""Runs the examples of docs/getting-started.md and docs/how-to.md against a real server."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from harness import BINARY, SOURCE, ServerTest  # noqa: E402

BLOCK = re.compile(r"^```(sh|python|go|ts)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ESBUILD = os.path.join(SOURCE, "web", "node_modules", "esbuild", "bin", "esbuild")


class Examples(ServerTest):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="piperoll-docs-")
        self.addCleanup(self.folder.cleanup)

    def run_block(self, language, code):
        path = os.path.join(self.folder.name, {"sh": "it.sh", "python": "it.py", "go": "main.go", "ts": "it.ts"}[language])
        with open(path, "w", encoding="utf-8") as file:
            file.write(code)
        if language == "go" and not shutil.which("go"):
            print("SKIPPED: the Go example, since there is no Go here")
            return
        if language == "ts":
            module = path + ".mjs"
            subprocess.run(["node", ESBUILD, path, "--format=esm", "--outfile=" + module], check=True, capture_output=True)
            path = module
        command = {"sh": ["bash", "-euo", "pipefail", path], "python": [sys.executable, path], "go": ["go", "run", path],
                   "ts": ["node", "--experimental-global-webcrypto", path]}[language]
        environment = {**os.environ, "U": f"http://127.0.0.1:{self.server.port}", "KEY": self.key, "NO_COLOR": "1",
                       "PATH": os.path.dirname(os.path.abspath(BINARY)) + ":" + os.environ["PATH"]}
        done = subprocess.run(command, cwd=self.folder.name, env=environment, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, f"{code}\n{done.stdout}\n{done.stderr}")

    def run_document(self, name):
        with open(os.path.join(SOURCE, "docs", name), encoding="utf-8") as file:
            blocks = BLOCK.findall(file.read())
        self.assertGreater(len(blocks), 5)
        for language, code in blocks:
            if "demo-keys" in code:
                continue  # names the address and key of scripts/run; here the test gives its own
            with self.subTest(code.strip().split("\n")[0]):
                self.run_block(language, code)

    def test_getting_started(self):
        self.run_document("getting-started.md")

    def test_how_to(self):
        self.run_document("how-to.md")


if __name__ == "__main__":
    unittest.main()
