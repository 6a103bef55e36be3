#!/usr/bin/env python3
"""Tokens of configured issuers at every door: HS256 from a file, RS256 and EdDSA from key sets that
are fetched, discovery, rotation, and what a forger may try."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import re
import subprocess
import threading
import time
import unittest

from harness import ServerTest, run

SECRET = "0123456789abcdef0123456789abcdef-secret"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(header, claims, sign):
    text = b64(json.dumps(header).encode()) + "." + b64(json.dumps(claims).encode())
    return text + "." + b64(sign(text.encode()))


def hs256(text, secret=SECRET):
    return hmac.new(secret.encode(), text, hashlib.sha256).digest()


class RsaKey:
    """A private key in a file, used through the openssl command."""

    def __init__(self, folder, name):
        self.name, self.path = name, os.path.join(folder, name + ".pem")
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                        "-out", self.path], check=True, capture_output=True)

    def sign(self, text):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.path], input=text, check=True,
                              capture_output=True).stdout

    def public_pem(self):
        return subprocess.run(["openssl", "pkey", "-in", self.path, "-pubout"], check=True,
                              capture_output=True).stdout

    def jwk(self):
        modulus = subprocess.run(["openssl", "rsa", "-in", self.path, "-noout", "-modulus"], check=True,
                                 capture_output=True, text=True).stdout.strip().split("=")[1]
        return {"kty": "RSA", "kid": self.name, "use": "sig", "alg": "RS256", "e": "AQAB",
                "n": b64(bytes.fromhex(modulus))}


class Provider(http.server.ThreadingHTTPServer):
    """An OpenID provider's two documents on loopback."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ProviderHandler)
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}/realm"
        self.keys, self.fetches, self.broken = [], 0, False
        threading.Thread(target=self.serve_forever, daemon=True).start()


class ProviderHandler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        provider = self.server
        documents = {"/realm/.well-known/openid-configuration":
                     {"issuer": provider.issuer, "jwks_uri": provider.issuer + "/keys"},
                     "/realm/keys": {"keys": provider.keys}}
        if self.path == "/realm/keys":
            provider.fetches += 1
        body = json.dumps(documents.get(self.path, {})).encode()
        self.send_response(500 if provider.broken else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


DOORS = ["/v1/events", "/v1beta1/organizations/demo/auditlogs", "/api/v2/audit", "/v1/audit_logs",
         "/api/audit-trail/records", "/v1/k8s/audit"]


class Tokens(ServerTest):
    @classmethod
    def prepare(cls):
        folder = cls.temporary.name
        run("org", "create", "--data", cls.data, "--name", "other")
        cls.rsa, cls.new_rsa = RsaKey(folder, "one"), RsaKey(folder, "two")
        cls.provider = Provider()
        cls.provider.keys = [cls.rsa.jwk()]
        secret = os.path.join(folder, "secret")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(SECRET + "\n")
        cls.config = os.path.join(folder, "piperoll.toml")
        with open(cls.config, "w", encoding="utf-8") as file:
            file.write(f"""
[[issuer]]
issuer = "internal"
audiences = ["piperoll"]
algorithms = ["HS256"]
secret_file = "{secret}"
types = ["JWT"]
organisation_claim = "org"
roles_claim = "roles"

[[issuer]]
issuer = "{cls.provider.issuer}"
audiences = ["piperoll"]
algorithms = ["RS256"]
discovery = true
organisation_claim = "org"
roles_claim = "scope"
role_values = {{ "audit:read" = "reader", "audit:write" = "writer" }}
""")
        cls.flags = ("--config", cls.config, "--access-log", "sync")

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.provider.shutdown()
        cls.provider.server_close()

    def claims(self, **changes):
        now = int(time.time())
        claims = {"iss": "internal", "aud": "piperoll", "sub": "u-7", "name": "Grace", "iat": now,
                  "exp": now + 300, "org": "demo", "roles": ["reader"], **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def hs(self, header=None, **changes):
        return signed({"alg": "HS256", "typ": "JWT", **(header or {})}, self.claims(**changes), hs256)

    def rs(self, key=None, header=None, **changes):
        key = key or self.rsa
        claims = self.claims(iss=self.provider.issuer, roles=None, scope="openid audit:read", **changes)
        return signed({"alg": "RS256", "typ": "at+jwt", "kid": key.name, **(header or {})}, claims, key.sign)

    def status(self, token, path="/v1/events"):
        with_token = self.server.client(token)
        try:
            return with_token.get(path).status
        finally:
            with_token.close()

    def test_open_every_door(self):
        for token in (self.hs(), self.rs()):
            for door in DOORS:
                self.assertEqual(self.status(token, door), 200, door)

    def test_have_the_rights_of_their_roles(self):
        self.assertEqual(self.status(self.hs(roles=["writer"])), 403)
        self.assertEqual(self.status(self.hs(roles=[])), 403)
        self.assertEqual(self.status(self.hs(), "/v1/access"), 403)
        self.assertEqual(self.status(self.hs(roles=["auditor"]), "/v1/access"), 200)
        writer = self.server.client(self.hs(roles=["writer"]))
        self.assertEqual(writer.post("/v1/events", {"action": "a.b"}).status, 201)
        record = writer.post("/api/audit-trail/records", {"event_type": "x", "summary": "y"}).json()
        self.assertEqual(record["actor"], "Grace")
        writer.close()

    def test_belong_to_one_organisation(self):
        self.assertEqual(self.status(self.hs(org=self.org)), 200)
        self.assertEqual(self.status(self.hs(org="other"), "/v1beta1/organizations/demo/auditlogs"), 404)
        for nobody in ("nobody", "*", "", None, 5):
            self.assertEqual(self.status(self.hs(org=nobody)), 401, nobody)

    def test_are_recorded(self):
        self.assertEqual(self.status(self.hs(sub="seen-1")), 200)
        rows = self.client.get("/v1/access", **{"actor.id": "seen-1"}).json()["events"]
        self.assertEqual((rows[0]["actor"]["name"], rows[0]["actor"]["type"], rows[0]["params"]["issuer"]),
                         ("Grace", "token", "internal"))

    def test_are_refused_when_forged_or_over(self):
        now = int(time.time())
        good = self.hs()
        header, payload, signature = good.split(".")
        public = self.rsa.public_pem()
        tokens = {
            "wrong secret": signed({"alg": "HS256", "typ": "JWT"}, self.claims(),
                                   lambda text: hs256(text, "x" * 40)),
            "none": b64(b'{"alg":"none","typ":"JWT"}') + "." + payload + ".",
            "none with a signature": b64(b'{"alg":"none","typ":"JWT"}') + "." + payload + "." + signature,
            "no signature": header + "." + payload + ".",
            "padded": good + "=", "trailing point": good + ".",
            "public key as secret": signed({"alg": "HS256", "typ": "at+jwt"},
                                           self.claims(iss=self.provider.issuer),
                                           lambda text: hmac.new(public, text, hashlib.sha256).digest()),
            "other issuer's key": signed({"alg": "RS256", "typ": "JWT"}, self.claims(), self.rsa.sign),
            "unknown issuer": self.hs(iss="nobody"), "other audience": self.hs(aud="x"),
            "no audience": self.hs(aud=None), "no end": self.hs(exp=None), "over": self.hs(exp=now - 61),
            "end as text": self.hs(exp=str(now + 300)), "not yet": self.hs(nbf=now + 120),
            "too long": self.hs(exp=now + 40 * 86400), "no subject": self.hs(sub=None),
            "crit": self.hs({"crit": ["x"], "x": 1}), "type": self.hs({"typ": "logout+jwt"}),
            "unsigned by the provider": self.rs(self.new_rsa, {"kid": "one"}),
        }
        for name, token in tokens.items():
            self.assertEqual(self.status(token), 401, name)
        self.assertEqual(self.status(good), 200)

    def test_words_of_each_surface(self):
        client = self.server.client(self.hs(exp=1))
        answers = {door: client.get(door) for door in DOORS}
        client.close()
        self.assertEqual({answer.status for answer in answers.values()}, {401})
        self.assertEqual(answers["/api/v2/audit"].json()["errors"][0]["message"], "Token Authorization failed.")
        self.assertEqual(answers["/v1/k8s/audit"].json()["message"], "Issuer is not familiar.")
        self.assertEqual(answers[DOORS[1]].json()["code"], 16)

    def test_two_authorization_headers_are_no_credential(self):
        import http.client
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        connection.putrequest("GET", "/v1/events")
        connection.putheader("Authorization", "Bearer " + self.hs())
        connection.putheader("Authorization", "Bearer " + self.hs())
        connection.endheaders()
        self.assertIn(connection.getresponse().status, (400, 401))
        connection.close()

    def test_rotation_is_noticed_by_the_name_of_the_key(self):
        self.assertEqual(self.status(self.rs()), 200)
        fetches = self.provider.fetches
        self.provider.keys = [self.rsa.jwk(), self.new_rsa.jwk()]
        self.assertEqual(self.status(self.rs(self.new_rsa)), 200)
        self.assertEqual(self.provider.fetches, fetches + 1)
        for number in range(20):  # a flood of names brings no more fetches
            self.assertEqual(self.status(self.rs(header={"kid": f"random-{number}"})), 401)
        self.assertEqual(self.provider.fetches, fetches + 1)
        self.provider.broken = True
        self.assertEqual(self.status(self.rs(jti="old keys stay")), 200)
        self.provider.broken = False

    def test_a_secret_is_never_said(self):
        token = self.hs(sub="canary", exp=1)
        self.status(token)
        self.assertNotIn(SECRET, "".join(self.server.diagnostics))


class Settings(unittest.TestCase):
    def test_are_checked(self):
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "c.toml")
            with open(path, "w", encoding="utf-8") as file:
                file.write('data = "d"\n[[issuer]]\nissuer = "i"\naudience = ["x"]\n')
            code, _, err = run("serve", "--config", path, "--check-config", check=False)
            self.assertEqual(code, 1)
            self.assertRegex(err, re.escape('c.toml:4: unknown key "audience" of [[issuer]]; did you mean "audiences"?'))
            with open(path, "w", encoding="utf-8") as file:
                file.write('data = "d"\n[[issuer]]\nissuer = "i"\naudiences = ["x"]\nalgorithms = ["HS256"]\n'
                           'organisation = "demo"\nroles = ["reader"]\nsecret_file = "/nonexistent"\n')
            code, _, err = run("serve", "--config", path, "--check-config", check=False)
            self.assertEqual(code, 1)
            self.assertIn("/nonexistent", err)


if __name__ == "__main__":
    unittest.main()
