#!/usr/bin/env python3
"""A secret sent through every door appears nowhere: not in the diagnostics at their loudest, not in a
metric, not in an error, not in a file of the data directory."""

import base64
import json
import os
import re
import unittest
import urllib.parse

from harness import ServerTest, run

WRONG = "canary-wrong-7f3a9c"  # what is shown and refused
PASSWORD = "canary-password-51d0e8b2"
NEXT_PASSWORD = "canary-next-password-99ab"


class Canary(ServerTest):
    flags = ("--log-level", "debug", "--access-log", "sync", "--logins-per-account", "off", "--logins-per-address", "off")

    @classmethod
    def prepare(cls):
        cls.user = json.loads(run("user", "create", "--data", cls.data, "--org", "demo", "--email", "ann@example.com",
                                  "--role", "reader", stdin=PASSWORD + "\n")[1])
        cls.secret_file = os.path.join(cls.temporary.name, "issuer-secret")
        with open(cls.secret_file, "w", encoding="utf-8") as file:
            file.write("canary-issuer-secret-0123456789abcdef-0123456789")
        config = os.path.join(cls.temporary.name, "piperoll.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'''
[[issuer]]
issuer = "https://login.example.com"
audiences = ["https://audit.example.com"]
algorithms = ["HS256"]
secret_file = "{cls.secret_file}"
organisation = "demo"
roles = ["reader"]
''')
        cls.flags = (*Canary.flags, "--config", config)

    def send_through_every_door(self):
        """Everything that is answered; nothing of it may repeat a secret."""
        made = self.client.post("/v1/keys", {"roles": ["reader"], "name": "canary"}).json()
        secrets, answers = [WRONG, PASSWORD, NEXT_PASSWORD, self.key, made["key"], "canary-issuer-secret"], []
        paths = ["/v1/events", "/v1beta1/organizations/demo/auditlogs", "/api/v2/audit", "/v1/audit_logs",
                 "/api/audit-trail/records", "/v1/k8s/audit", "/api/auth/me", "/v1/session", "/v1/nowhere"]
        token = ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in
                         (b'{"alg":"HS256","typ":"at+jwt"}', json.dumps({"iss": "https://login.example.com", "sub": WRONG}).encode(), b"x" * 32))
        secrets.append(token)

        def ask(method, path, body=None, **headers):
            client = self.server.client()
            answer = client.request(method, path, body=body, headers={name.replace("_", "-"): value for name, value in headers.items()})
            client.close()
            answers.append((method, path, headers, answer))
            return answer

        for path in paths:
            for shown in (WRONG, made["key"][:-1] + "!", made["key"], token):
                pair = base64.b64encode(f"x:{shown}".encode()).decode()
                for headers in ({"Authorization": "Bearer " + shown}, {"Authorization": "Basic " + pair}, {"Authorization": shown},
                                {"X_API_Key": shown}, {"x_user_token": shown}, {"Cookie": f"sid={shown}; antidote_session={shown}"},
                                {"Cookie": f"piperoll_session={shown}; piperoll_session_csrf={shown}", "X_CSRF_Token": shown}):
                    ask("GET", path, **headers)
        for password in (WRONG, PASSWORD, made["key"]):
            for method, path, body in (
                    ("POST", "/v1/session", {"email": "ann@example.com", "password": password}),
                    ("POST", "/v1/session", {"key": password}), ("POST", "/v1/session", {"key": password, "password": password}),
                    ("POST", "/api/auth/login", {"email": "ann@example.com", "password": password}),
                    ("POST", "/api/auth/login", {"email": 5, "password": password}),
                    ("POST", "/api/v1/token", {"grantType": "client_credentials", "clientId": "x", "clientSecret": password}),
                    ("POST", "/api/v1/token", {"grantType": "x", "clientSecret": password})):
                answer = ask(method, path, body)
                for kind, value in answer.headers.items():
                    if kind == "Set-Cookie":
                        secrets.append(re.match(r"[^=]+=([^;]*)", value)[1])
                if answer.status < 300:
                    shown = answer.json()
                    secrets += [shown[name] for name in ("access_token", "accessToken", "csrf_token") if name in shown]
                    answers.pop()  # what it is for
            form = f"grant_type=client_credentials&client_id=x&client_secret={urllib.parse.quote(password)}"
            if ask("POST", "/auth/realms/r/protocol/openid-connect/token", form,
                   Content_Type="application/x-www-form-urlencoded").status < 300:
                secrets.append(answers.pop()[3].json()["access_token"])
        admin = {"Authorization": "Bearer " + self.key}
        ask("PATCH", "/v1/users/" + self.user["id"], {"password": NEXT_PASSWORD}, **admin)
        ask("POST", "/v1/users", {"email": "x", "roles": ["reader"], "password": WRONG + WRONG}, **admin)
        ask("POST", "/v1/users", {"email": "b@example.com", "roles": ["king"], "password": "canary"}, **admin)
        return [secret for secret in set(secrets) if len(secret) >= 12], answers

    def test_no_secret_is_anywhere(self):
        secrets, answers = self.send_through_every_door()
        self.assertGreaterEqual(len(secrets), 12)
        metrics = self.client.get("/metrics").body
        logged = self.client.get("/v1/access", limit=1000).body
        self.assertEqual(self.server.stop(), 0)
        diagnostics = "".join(self.server.diagnostics).encode()
        self.assertIn(b"a token was refused", diagnostics, "they are loud")
        for secret in secrets:
            text = secret.encode()
            for where, said in (("metrics", metrics), ("the access log", logged), ("the diagnostics", diagnostics)):
                self.assertNotIn(text, said, where)
            for method, path, headers, answer in answers:
                self.assertNotIn(text, answer.body, (method, path, headers, answer.status))
                self.assertNotIn(secret, str(answer.headers), (method, path, answer.status))
        files = [os.path.join(folder, name) for folder, _, names in os.walk(self.data) for name in names]
        self.assertGreater(len(files), 5)
        for file in files:
            with open(file, "rb") as opened:
                content = opened.read()
            for secret in secrets:
                self.assertNotIn(secret.encode(), content, file)


if __name__ == "__main__":
    unittest.main()
