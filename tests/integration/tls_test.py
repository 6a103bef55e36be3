#!/usr/bin/env python3
"""TLS: what is spoken and what is not, certificates read again, certificates of clients."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

from harness import Client, Server, make_key, run


def openssl(*arguments, cwd):
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)


def make_authority(directory):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key",
            "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority", cwd=directory)


def make_certificate(directory, name, subject, extension):
    with open(os.path.join(directory, name + ".ext"), "w", encoding="utf-8") as file:
        file.write(extension + "\n")
    openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name + ".key",
            "-out", name + ".csr", "-subj", subject, cwd=directory)
    openssl("x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", name + ".ext", "-out", name + ".pem", cwd=directory)


class TlsServer(Server):
    """The plain listener speaks first, then that for TLS."""

    listeners = 2

    def said_next(self, text):
        """Whether it says so before long."""
        return any(text in line for line in self._lines_until(text))

    def _lines_until(self, text):
        for line in self._lines(time.monotonic() + 60):
            yield line
            if text in line:
                return


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        cls.directory = cls.temporary.name
        make_authority(cls.directory)
        make_certificate(cls.directory, "server", "/CN=first", "subjectAltName=IP:127.0.0.1")
        make_certificate(cls.directory, "ci", "/O=Acme/CN=ci", "extendedKeyUsage=clientAuth")
        make_certificate(cls.directory, "stranger", "/CN=stranger", "extendedKeyUsage=clientAuth")
        cls.data = cls.path("data")
        run("org", "create", "--data", cls.data, "--name", "demo")
        cls.key = make_key(cls.data, "demo", "admin")
        with open(cls.path("piperoll.toml"), "w", encoding="utf-8") as file:
            file.write(f'''
tls_listen = ["127.0.0.1:0"]
tls_certificate = "{cls.path("server.pem")}"
tls_key = "{cls.path("server.key")}"
tls_client_ca = "{cls.path("ca.pem")}"
[[client]]
subject = "CN=ci,O=Acme"
organisation = "demo"
roles = ["reader"]
name = "build server"
''')
        cls.server = TlsServer(cls.data, "--config", cls.path("piperoll.toml")).start()

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.temporary.cleanup()

    @classmethod
    def path(cls, name):
        return os.path.join(cls.directory, name)

    def context(self, client=None):
        context = ssl.create_default_context(cafile=self.path("ca.pem"))
        if client:
            context.load_cert_chain(self.path(client + ".pem"), self.path(client + ".key"))
        return context

    def client(self, key=None, certificate=None, context=None):
        client = Client(self.server.more_ports[0], key)
        client.connection.close()
        client.connection = http.client.HTTPSConnection("127.0.0.1", self.server.more_ports[0], timeout=60,
                                                        context=context or self.context(certificate))
        self.addCleanup(client.close)
        return client

    def test_requests_are_answered_with_tls_and_say_so(self):
        client = self.client(self.key)
        stored = client.post("/v1/events", {"action": "a", "params": {"x": "y" * 30_000}})
        self.assertEqual(stored.status, 201)
        batch = [{"action": f"a{i}", "params": {"x": "y" * 500}} for i in range(9_000)]
        self.assertEqual(client.post("/v1/events", batch).json()["stored"], 9_000, "a body of many records")
        shown = client.get("/v1/events", limit=1000)
        self.assertEqual(len(shown.json()["events"]), 1000, "an answer of many records")
        self.assertEqual(shown.headers["Strict-Transport-Security"], "max-age=31536000")
        exported = client.get("/v1/export")
        self.assertEqual(len(exported.body.splitlines()), 9_002)
        plain = Client(self.server.port, self.key)
        self.assertIsNone(plain.get("/v1/events").headers["Strict-Transport-Security"])
        plain.close()

    def test_many_requests_in_one_record_are_all_answered(self):
        with self.raw() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 40 +
                               b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            said = b""
            while piece := connection.recv(65536):
                said += piece
        self.assertEqual(said.count(b"HTTP/1.1 200"), 41)

    def raw(self, **changes):
        context = self.context()
        for name, value in changes.items():
            setattr(context, name, value)
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.server.more_ports[0]), timeout=60),
                                   server_hostname="127.0.0.1")

    def test_only_what_is_good_is_spoken(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.raw(minimum_version=version, maximum_version=version) as connection:
                self.assertIn(connection.version(), ("TLSv1.2", "TLSv1.3"))
        for ciphers in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256"):
            context = self.context()
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(ciphers + ":@SECLEVEL=0")
            with self.assertRaises((ssl.SSLError, ConnectionError), msg=ciphers):
                context.wrap_socket(socket.create_connection(("127.0.0.1", self.server.more_ports[0]), timeout=60),
                                    server_hostname="127.0.0.1")
        old = self.context()
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            old.wrap_socket(socket.create_connection(("127.0.0.1", self.server.more_ports[0]), timeout=60),
                            server_hostname="127.0.0.1")

    def test_what_is_no_tls_gets_no_answer(self):
        with socket.create_connection(("127.0.0.1", self.server.more_ports[0]), timeout=60) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            said = b""
            try:
                while piece := connection.recv(4096):
                    said += piece
            except ConnectionError:
                pass
        self.assertNotIn(b"HTTP/", said)

    def test_a_certificate_is_a_credential_where_it_is_configured(self):
        self.assertEqual(self.client(certificate="ci").get("/v1/events").status, 200)
        me = self.client(certificate="ci").get("/v1/session").json()
        self.assertEqual((me["principal"]["type"], me["principal"]["name"], me["roles"]), ("token", "build server", ["reader"]))
        self.assertEqual(self.client(certificate="ci").get("/v1/keys").status, 403)
        taken = {path: self.client(certificate="ci").get(path).status
                 for path in ("/v1/audit_logs", "/api/audit-trail/records", "/v1/k8s/audit", "/api/v2/audit",
                              "/v1beta1/organizations/demo/auditlogs")}
        self.assertEqual(taken, {path: 200 for path in taken})
        self.assertEqual(self.client(certificate="stranger").get("/v1/events").status, 401)
        self.assertEqual(self.client().get("/v1/events").status, 401)
        self.assertEqual(self.client("prl_wrong", certificate="ci").get("/v1/events").status, 401,
                         "what is shown in a header counts")
        foreign = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        self.addCleanup(foreign.cleanup)
        make_authority(foreign.name)
        make_certificate(foreign.name, "ci", "/O=Acme/CN=ci", "extendedKeyUsage=clientAuth")
        context = self.context()
        context.load_cert_chain(os.path.join(foreign.name, "ci.pem"), os.path.join(foreign.name, "ci.key"))
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.client(context=context).get("/v1/events")

    def test_sessions_have_the_cookies_of_tls(self):
        client = self.client()
        origin = f"https://127.0.0.1:{self.server.more_ports[0]}"
        opened = client.request("POST", "/v1/session", body={"key": self.key}, headers={"Origin": origin})
        cookies = opened.headers.get_all("Set-Cookie")
        self.assertRegex(cookies[0], r"^__Host-piperoll_session=[\w-]{43}; Path=/; Max-Age=\d+; SameSite=Lax; HttpOnly; Secure$")
        self.assertRegex(cookies[1], r"^__Host-piperoll_session_csrf=[\w-]+; Path=/; Max-Age=\d+; SameSite=Lax; Secure$")
        headers = {"Cookie": "; ".join(cookie.split(";")[0] for cookie in cookies), "Origin": origin,
                   "X-CSRF-Token": opened.json()["csrf_token"]}
        body = {"key": "tls", "name": "x"}
        plain = client.request("POST", "/v1/applications", body=body, headers={**headers, "Origin": origin.replace("https", "http")})
        self.assertEqual(plain.status, 403)
        self.assertEqual(client.request("POST", "/v1/applications", body=body, headers=headers).status, 201)

    def test_certificates_are_read_again_and_connections_go_on(self):
        def name():
            with self.raw() as connection:
                return dict(item[0] for item in connection.getpeercert()["subject"])["commonName"]

        kept = self.client(self.key)
        self.assertEqual((kept.get("/healthz").status, name()), (200, "first"))
        good = {part: open(self.path("server." + part), "rb").read() for part in ("pem", "key")}
        make_certificate(self.directory, "server", "/CN=second", "subjectAltName=IP:127.0.0.1")
        self.assertEqual(name(), "first", "until it is told")
        self.hang_up("read the certificates again")
        self.assertEqual((kept.get("/healthz").status, name()), (200, "second"))
        with open(self.path("server.pem"), "w", encoding="utf-8") as file:
            file.write("no certificate")
        self.hang_up("those known stay in use")
        self.assertEqual((kept.get("/healthz").status, name()), (200, "second"))
        for part, text in good.items():
            with open(self.path("server." + part), "wb") as file:
                file.write(text)
        self.hang_up("read the certificates again")
        self.assertEqual(name(), "first")

    def hang_up(self, answer):
        self.server.process.send_signal(signal.SIGHUP)
        self.assertTrue(self.server.said_next(answer), answer)

    def test_the_settings_are_checked(self):
        def check(*flags):
            return run("serve", "--data", self.data, "--check-config", *flags, check=False)

        files = ("--tls-certificate", self.path("server.pem"), "--tls-key", self.path("server.key"))
        self.assertEqual(check("--tls-listen", "127.0.0.1:0", *files)[0], 0)
        self.assertIn("needs tls_certificate and tls_key", check("--tls-listen", "127.0.0.1:0")[2])
        mixed = check("--tls-listen", "127.0.0.1:0", "--tls-certificate", self.path("server.pem"),
                      "--tls-key", self.path("ci.key"))
        self.assertIn("tls_key " + self.path("ci.key"), mixed[2])


if __name__ == "__main__":
    unittest.main()
