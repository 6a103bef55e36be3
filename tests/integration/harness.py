"""A real server on an ephemeral loopback port, and a small client. For the tests of the whole."""

import gzip
import http.client
import json
import os
import select
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

BINARY = os.environ.get("PIPEROLL_BINARY", "build/dev/piperoll")
SOURCE = os.environ.get("PIPEROLL_SOURCE_DIR", os.getcwd())
SHARED_DATA = os.path.join(SOURCE, "..", "shared", "data")
START_TIMEOUT_S = 120


def run(*arguments, check=True, stdin=None, env=None):
    """One piperoll command; (exit code, standard output, standard error)."""
    done = subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, text=True,
                          timeout=600, env={**os.environ, **(env or {})}, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"piperoll {' '.join(arguments)}: {done.returncode}: {done.stderr}")
    return done.returncode, done.stdout, done.stderr


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class Client:
    """One kept connection with one key."""

    def __init__(self, port, key=None):
        self.port, self.key = port, key
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def close(self):
        self.connection.close()

    def request(self, method, path, body=None, headers=None, params=None, content_type=None):
        if params:
            path += "?" + urllib.parse.urlencode(params)
        sent = dict(headers or {})
        if self.key and "Authorization" not in sent:
            sent["Authorization"] = "Bearer " + self.key
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if isinstance(body, str):
            body = body.encode()
        if body is not None:
            sent.setdefault("Content-Type", content_type or "application/json")
        self.connection.request(method, path, body=body, headers=sent)
        response = self.connection.getresponse()
        return Answer(response.status, response.headers, response.read())

    def get(self, path, **params):
        return self.request("GET", path, params=params)

    def post(self, path, body, **more):
        return self.request("POST", path, body=body, **more)


class Server:
    """`piperoll serve` over a directory; kill() is kill -9, stop() is SIGTERM."""

    listeners = 1  # how many it says that it serves at

    def __init__(self, directory, *flags):
        self.directory, self.flags = directory, flags
        self.process = None
        self.port = None
        self.diagnostics = []

    def start(self):
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data", self.directory, "--listen", "127.0.0.1:0",
             "--log-format", "json", *self.flags],
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, bufsize=0)
        self.diagnostics, ports = [], []
        for line in self._lines(time.monotonic() + START_TIMEOUT_S):
            self.diagnostics.append(line)
            if '"serving"' in line:
                address = json.loads(line)["fields"]["address"]
                ports.append(int(address.rsplit(":", 1)[1]))
                if len(ports) == self.listeners:
                    self.port, *self.more_ports = ports
                    return self
        self.kill()
        raise AssertionError("the server did not start: " + "".join(self.diagnostics))

    def _lines(self, deadline):
        """What it says, line by line, until it ends or the deadline passes."""
        said = b""
        while time.monotonic() < deadline:
            ready, _, _ = select.select([self.process.stderr], [], [], 0.2)
            if not ready:
                continue
            piece = os.read(self.process.stderr.fileno(), 65536)
            if not piece:
                return
            *whole, said = (said + piece).split(b"\n")
            yield from (line.decode() + "\n" for line in whole)

    def client(self, key=None):
        return Client(self.port, key)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        self._end()

    def stop(self):
        """SIGTERM; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        self._end()
        return self.process.returncode

    def _end(self):
        if self.process:
            _, rest = self.process.communicate(timeout=60)
            self.diagnostics.append((rest or b"").decode())


class ServerTest(unittest.TestCase):
    """A fresh directory with organisation `demo` (tenant 1001) and an admin key, served."""

    flags = ()
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        cls.data = os.path.join(cls.temporary.name, "data")
        _, out, _ = run("org", "create", "--data", cls.data, "--name", "demo", "--tenant-id", "1001")
        cls.org = json.loads(out)["id"]
        cls.key = make_key(cls.data, "demo", "admin", "--name", "test-key")
        cls.prepare()
        cls.server = Server(cls.data, *cls.flags).start()
        cls.client = cls.server.client(cls.key)

    @classmethod
    def prepare(cls):
        """More to set up before the server starts."""

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.server.kill()
        cls.temporary.cleanup()


def make_key(data, org, role, *more):
    return run("key", "create", "--data", data, "--org", org, "--role", role, *more)[1].strip()


def mistyped(key):
    """The key with another last letter, whichever it had."""
    return key[:-1] + ("1" if key.endswith("0") else "0")


def unzstd(path):
    """The lines of a .zst file; the server's own tools read them, so only the test needs zstd."""
    with subprocess.Popen(["zstd", "-dc", "--long=27", path], stdout=subprocess.PIPE, text=True) as reader:
        yield from reader.stdout


__all__ = ["Answer", "BINARY", "Client", "SHARED_DATA", "SOURCE", "Server", "ServerTest", "gzip",
           "make_key", "mistyped", "run", "unzstd"]
