#!/usr/bin/env python3
"""Every recorded case of every surface, and what a real server answers, fits /openapi.json.

A request that was taken, with all that is in it, must fit, and so must every answer.
"""

import glob
import json
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
from description import Description  # noqa: E402
from harness import SOURCE, ServerTest, make_key  # noqa: E402
from replay_test import SURFACES, cases_of, exchange  # noqa: E402

def parts_of(text):
    """(first line's words, {header: value}, body) of a recorded request or answer."""
    head, _, body = text.partition("\n\n")
    first, *lines = head.split("\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return first.split(" "), headers, body


def refused(parts):
    """Was anything of the request not taken, though the answer is a success?"""
    return any(word in parts.get("call", "") + parts.get("reply", "") for word in ("error", "rejected"))


class Fits(ServerTest):
    @classmethod
    def prepare(cls):
        cls.server_key = make_key(cls.data, "*", "admin")

    def setUp(self):
        self.description = Description(self.client.get("/openapi.json").json())

    def check(self, method, target, status, headers, body):
        faults = self.description.answer_faults(method, target, status, headers.get("content-type", ""), body)
        self.assertEqual(faults, [], body[:400])

    def test_recorded_cases_fit(self):
        checked = 0
        for surface in SURFACES:
            for path in sorted(glob.glob(os.path.join(SOURCE, "src", "dialect", surface, "testdata", "*.case"))):
                for title, parts in cases_of(path):
                    with self.subTest(f"{surface}/{os.path.basename(path)}: {title}"):
                        (method, target, *_), headers, body = parts_of(parts["request"])
                        (status, *_), answered, answer = parts_of(parts["response"])
                        if status == "405" or status == "501":
                            continue  # of a method that is not there
                        self.check(method, target, int(status), answered, answer)
                        checked += 1
                        if status.startswith("2") and not refused(parts):
                            faults = self.description.request_faults(method, target, headers.get("content-type", ""), body)
                            self.assertEqual(faults, [], target)
        self.assertGreater(checked, 200)

    def ask(self, method, path, body=None, key=None, **more):
        client = self.client if key is None else self.server.client(key)
        answer = client.request(method, path, body=body, **more)
        if client is not self.client:
            client.close()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        self.check(method, path, answer.status, headers, answer.body.decode(errors="replace"))
        return answer

    def test_every_operation_of_a_real_server_fits(self):
        app = self.ask("POST", "/v1/applications", {"key": "shop", "name": "Shop"}).json()
        self.ask("POST", "/v1/applications", {"key": "shop", "name": "Shop"})
        event = {"action": "user.update", "occurred_at": "2026-01-02T03:04:05Z", "source": "billing",
                 "actor": {"id": "u-1", "name": "Zoë"}, "target": {"id": "42", "type": "user"},
                 "application": {"key": "shop"}, "request": {"ip": "192.0.2.7", "method": "PATCH", "path": "/v1/users/42", "status_code": 200},
                 "context": {"region": "eu"}, "params": {"a": [1, None]}, "metadata": {"plan": "pro"}, "error": "denied"}
        stored = self.ask("POST", "/v1/events", event).json()
        self.ask("GET", f"/v1/events/{stored['id']}/proof")
        self.ask("GET", f"/v1/events/{stored['id']}/proof?size=9")
        for log in (f"/v1/logs/{stored['org_id']}", f"/v1/logs/{stored['org_id']}/access"):
            for path in ("checkpoint", "vkey", "consistency?from=0&to=1", "consistency?from=1", "tile/0/000.p/1",
                         "tile/entries/000.p/1", "tile/0/000"):
                self.ask("GET", f"{log}/{path}")
        self.ask("POST", "/v1/events", {**event, "id": stored["id"]})
        self.ask("POST", "/v1/events", {"id": stored["id"], "action": "other"})
        self.ask("POST", "/v1/events", [{"action": "a"}, {"action": ""}])
        self.ask("POST", "/v1/events?atomic=true", [{"action": "a"}, {"action": ""}])
        self.ask("POST", "/v1/events", "x", content_type="text/plain")
        for path in ("/v1/events?count=exact", "/v1/events?actoin=x", "/v1/events/" + stored["id"], "/v1/events/none",
                     "/v1/events/by-seq/0", "/v1/facets?field=action", "/v1/facets", "/v1/histogram", "/v1/access",
                     "/v1/export", "/v1/export?format=csv", "/v1/keys", "/v1/applications", "/v1/orgs",
                     "/v1beta1/organizations/demo/auditlogs", "/v1beta1/organizations/demo/auditlogs/" + stored["id"],
                     "/v1beta1/organizations/nobody/auditlogs", "/api/v2/audit", "/api/v2/audit?sort_by=", "/v1/audit_logs",
                     "/v1/audit_logs?limit=1", "/v1/audit_logs/" + stored["id"], "/api/audit-trail/records",
                     "/api/audit-trail/records?page=0", "/api/audit-trail/records/" + stored["id"], "/api/auth/me",
                     "/v1/k8s/audit", "/v1/k8s/audit?limit=0", "/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/"):
            self.ask("GET", path)
            if path not in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/"):
                self.ask("GET", path, key="prl_wrong")
        self.ask("POST", "/v1beta1/organizations/demo/auditlogs", {"logs": [{"source": "svc", "action": "act"}]})
        self.ask("POST", "/v1beta1/organizations/demo/auditlogs", {"logs": []})
        self.ask("POST", "/api/audit-trail/records", {"event_type": "a", "summary": "b", "application_id": app["id"]})
        self.ask("POST", "/api/audit-trail/records", {"event_type": ""})
        self.ask("POST", "/api/auth/login", {"email": "a@b.example", "password": self.key})
        self.ask("POST", "/api/v1/token", {"grantType": "client_credentials", "clientId": "x", "clientSecret": self.key})
        form = f"grant_type=client_credentials&client_id=x&client_secret={self.key}"
        self.ask("POST", "/auth/realms/r/protocol/openid-connect/token", form, content_type="application/x-www-form-urlencoded")
        made = self.ask("POST", "/v1/keys", {"roles": ["reader"], "name": "r", "expires": "1h", "networks": ["10.0.0.0/8"]}).json()
        self.ask("DELETE", "/v1/keys/" + made["id"])
        org = self.ask("POST", "/v1/orgs", {"name": "acme"}, key=self.server_key).json()
        self.ask("GET", "/v1/orgs", key=self.server_key)
        self.ask("PATCH", "/v1/orgs/" + org["id"], {"enabled": False}, key=self.server_key)
        user = self.ask("POST", "/v1/users", {"email": "ann@example.com", "roles": ["reader"], "password": "correct horse battery"}).json()
        self.ask("POST", "/v1/users", {"email": "ann@example.com", "roles": ["reader"], "password": "correct horse battery"})
        self.ask("GET", "/v1/users")
        self.ask("PATCH", "/v1/users/" + user["id"], {"name": "Ann"})
        kept = {"name": "Failures", "query": "q=status%3Afailure", "columns": ["action"], "density": "compact", "shared": True}
        view = self.ask("POST", "/v1/views", kept).json()
        self.ask("POST", "/v1/views", kept)
        self.ask("POST", "/v1/views", {"name": ""})
        self.ask("GET", "/v1/views")
        self.ask("PUT", "/v1/views/" + view["id"], {"name": "Others"})
        self.ask("DELETE", "/v1/views/" + view["id"])
        self.ask("DELETE", "/v1/views/" + view["id"])
        opened = self.ask("POST", "/v1/session", {"email": "ann@example.com", "password": "correct horse battery"}, key="")
        cookies = [line.split(";")[0] for line in opened.headers.get_all("Set-Cookie")]
        session = {"Cookie": "; ".join(cookies), "X-CSRF-Token": opened.json()["csrf_token"],
                   "Origin": f"http://127.0.0.1:{self.server.port}"}
        self.ask("GET", "/v1/session", key="", headers=session)
        self.ask("GET", "/v1/session")
        self.ask("GET", "/v1/session/logins", key="")
        self.ask("GET", "/v1/session/oidc/start?issuer=nobody", key="")
        self.ask("GET", "/v1/session/oidc/callback?state=x&code=y", key="")
        self.ask("POST", "/v1/session/password", {"old_password": "wrong wrong wrong", "new_password": "staple in the haystack"},
                 key="", headers=session)
        self.ask("DELETE", "/v1/session", key="", headers=session)
        self.ask("GET", "/v1/session", key="", headers=session)
        self.ask("POST", "/v1/session", {"email": "ann@example.com", "password": "wrong wrong wrong"}, key="")
        self.ask("POST", "/v1/witness/add-checkpoint", "old 0\n\n", key="", content_type="text/plain")
        self.ask("GET", f"/v1/witness/{'0' * 64}/checkpoint", key="")
        self.check_live_stream()
        self.assertEqual(self.described() - self.description.seen, set())

    def check_live_stream(self):
        connection = self.server.client(self.key).connection
        connection.request("GET", "/v1/stream", headers={"Authorization": "Bearer " + self.key})
        answer = connection.getresponse()
        self.addCleanup(answer.close)
        self.check("GET", "/v1/stream", answer.status, {"content-type": answer.getheader("Content-Type")}, "")
        connection.close()

    def described(self):
        return {(method.upper(), path) for path, item in self.description.document["paths"].items()
                for method in item if method != "parameters"}

    def test_examples_of_answers_fit(self):
        document = self.description.document
        checked = 0
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if method == "parameters":
                    continue
                for status, response in operation["responses"].items():
                    for media, content in self.description._resolved(response).get("content", {}).items():
                        for example in content.get("examples", {}).values():
                            code = int(status.replace("XX", "00"))
                            faults = self.description.answer_faults(method.upper(), path, code, media, json.dumps(example["value"]))
                            self.assertEqual(faults, [], (path, status))
                            checked += 1
        self.assertGreater(checked, 20)


if __name__ == "__main__":
    unittest.main()
