#!/usr/bin/env python3
"""Every address x every kind of credential x every role x own, foreign, unknown and disabled
organisation. The addresses come from the server's own description, which a unit test holds to the
route tables: one that is missing in RIGHTS below fails here, so that none can be forgotten."""

import base64
import datetime
import http.client
import json
import re
import unittest
import urllib.parse

from credentials_test import signature
from harness import ServerTest, make_key, run

ROLES = ("writer", "reader", "auditor", "admin")
MAY = {"append": {"writer", "admin"}, "find": {"reader", "auditor", "admin"}, "export": {"auditor", "admin"},
       "prove": {"auditor", "admin"}, "manage": {"admin"}, "administrate": set(), "identify": set(ROLES)}
RIGHTS = {
    "POST /v1/events": "append", "GET /v1/events": "find", "GET /v1/events/{id}": "find",
    "GET /v1/events/by-seq/{seq}": "find", "GET /v1/facets": "find", "GET /v1/histogram": "find",
    "GET /v1/access": "prove", "GET /v1/export": "export", "GET /v1/stream": "find",
    "POST /v1/keys": "manage", "GET /v1/keys": "manage", "DELETE /v1/keys/{id}": "manage",
    "POST /v1/applications": "manage", "GET /v1/applications": "manage",
    "POST /v1/orgs": "administrate", "GET /v1/orgs": "administrate", "PATCH /v1/orgs/{id}": "administrate",
    "POST /v1/users": "manage", "GET /v1/users": "manage", "PATCH /v1/users/{id}": "manage",
    "GET /v1/session": "identify", "POST /v1/session/password": "identify",
    "POST /v1/views": "find", "GET /v1/views": "find", "PUT /v1/views/{id}": "find", "DELETE /v1/views/{id}": "find",
    "GET /v1/events/{id}/proof": "prove",
    "POST /v1beta1/organizations/{org_id}/auditlogs": "append",
    "GET /v1beta1/organizations/{org_id}/auditlogs": "find",
    "GET /v1beta1/organizations/{org_id}/auditlogs/{id}": "find",
    "GET /api/v2/audit": "find", "GET /v1/audit_logs": "find", "GET /v1/audit_logs/{audit_log_id}": "find",
    "POST /api/audit-trail/records": "append", "GET /api/audit-trail/records": "find",
    "GET /api/audit-trail/records/{record_uuid}": "find", "GET /api/auth/me": "identify", "GET /v1/k8s/audit": "find",
}
BELOW = {"GET /v1/logs/": "prove"}  # whole families of addresses
# What takes its credential from the body, or ends one: tests of their own.
APART = {"POST /v1/session", "DELETE /v1/session", "GET /v1/session/logins", "GET /v1/session/oidc/start",
         "GET /v1/session/oidc/callback", "POST /api/auth/login", "POST /api/v1/token",
         "POST /auth/realms/{realm}/protocol/openid-connect/token"}
# What counts by the signature of another log, or shows what another log made public.
APART |= {"POST /v1/witness/add-checkpoint", "GET /v1/witness/{origin_hash}/checkpoint"}
OPEN = {"/healthz", "/readyz", "/metrics", "/openapi.json", "/docs", "/"}
BODIES = {
    "POST /v1/events": {"action": "a"}, "POST /v1/keys": {"roles": ["reader"]},
    "POST /v1/applications": {"key": "matrix", "name": "x"}, "POST /v1/orgs": {"name": "matrix"},
    "PATCH /v1/orgs/{id}": {"enabled": True},
    "POST /v1/users": {"email": "not an address", "roles": ["reader"], "password": "correct horse battery"},
    "PATCH /v1/users/{id}": {"name": "x"},
    "POST /v1/session/password": {"old_password": "x", "new_password": "correct horse battery"},
    "PATCH /v1/users/{id}": {"name": "x"}, "POST /v1/views": {"name": ""}, "PUT /v1/views/{id}": {"name": "x"},
    "POST /v1beta1/organizations/{org_id}/auditlogs": {"logs": [{"source": "svc", "action": "act"}]},
    "POST /api/audit-trail/records": {"event_type": "a", "summary": "b"},
}
QUERIES = {"GET /v1/facets": "field=action", "GET /v1/stream": "action=none"}
NOWHERE = "0f0f0f0f-0000-4000-8000-000000000000"


def surface_of(path):
    for prefix, surface in (("/v1beta1", "frontier"), ("/api/v2", "bloodhound"), ("/v1/audit_logs", "nirvana"),
                            ("/api/audit-trail", "antidote"), ("/api/auth", "antidote"), ("/v1/k8s", "runai")):
        if path.startswith(prefix):
            return surface
    return "native"


class Matrix(ServerTest):
    flags = ("--logins-per-account", "off", "--logins-per-address", "off")

    @classmethod
    def prepare(cls):
        cls.orgs = {"own": cls.org}
        cls.names = {"own": "demo", "foreign": "abroad", "disabled": "shut"}
        for name in ("foreign", "disabled"):
            cls.orgs[name] = json.loads(run("org", "create", "--data", cls.data, "--name", cls.names[name])[1])["id"]
        cls.keys = {(org, role): make_key(cls.data, cls.names[org], role, "--name", f"{org} {role}")
                    for org in cls.orgs for role in ROLES}
        cls.server_key = make_key(cls.data, "*", "admin")
        cls.ids = {json.loads(line)["name"]: json.loads(line)["id"]
                   for line in run("key", "list", "--data", cls.data)[1].splitlines()}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.events = {}
        for org in ("own", "foreign"):
            client = cls.server.client(cls.keys[org, "writer"])
            cls.events[org] = client.post("/v1/events", {"action": "seed", "id": org + "-event"}).json()["id"]
            client.close()
        client = cls.server.client(cls.keys["foreign", "admin"])
        cls.foreign_view = client.post("/v1/views", {"name": "theirs", "shared": True}).json()["id"]
        client.close()
        cls.tokens = {}
        for (org, role), key in cls.keys.items():
            client = cls.server.client()
            answer = client.post("/api/v1/token", {"grantType": "client_credentials", "clientId": "x", "clientSecret": key})
            cls.tokens[org, role] = answer.json()["accessToken"]
            opened = client.post("/v1/session", {"key": key})
            cookies = "; ".join(line.split(";")[0] for line in opened.headers.get_all("Set-Cookie"))
            cls.tokens[org, role, "session"] = (cookies, opened.json()["csrf_token"])
            client.close()
        run("org", "disable", "--server", f"http://127.0.0.1:{cls.server.port}", "--org", "shut",
            env={"PIPEROLL_KEY": cls.server_key})
        described = cls.client.get("/openapi.json").json()["paths"]
        cls.operations = [f"{method.upper()} {path}" for path, item in described.items() if path not in OPEN
                          for method in item if method != "parameters"]

    def right_of(self, operation):
        for prefix, right in BELOW.items():
            if operation.startswith(prefix):
                return right
        return RIGHTS[operation]

    def rows(self):
        return [operation for operation in self.operations if operation not in APART]

    def test_every_address_is_known_here(self):
        unknown = [operation for operation in self.rows()
                   if operation not in RIGHTS and not operation.startswith(tuple(BELOW))]
        self.assertEqual(unknown, [], "say which right each of these needs")

    def address(self, operation, org="own", event=None, query=None):
        values = {"org_id": self.orgs.get(org, org), "org": self.orgs.get(org, org), "seq": "0"}
        things = event or self.events["own"]
        path = operation.split(" ")[1]
        if path.startswith(("/v1/keys", "/v1/users", "/v1/orgs", "/v1/views")):
            things = NOWHERE
        path = re.sub(r"\{(\w+)\}", lambda match: urllib.parse.quote(values.get(match[1], things), safe=""), path)
        queries = [part for part in (QUERIES.get(operation), query) if part]
        return path + ("?" + "&".join(queries) if queries else "")

    def ask(self, operation, headers, **place):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        method, target = operation.split(" ")[0], self.address(operation, **place)
        body = BODIES.get(operation)
        sent = dict(headers)
        if callable(sent.get("Authorization")):
            sent.update(sent.pop("Authorization")(method, target))
        if body is not None:
            sent["Content-Type"] = "application/json"
        connection.request(method, target, body=json.dumps(body) if body is not None else None, headers=sent)
        answer = connection.getresponse()
        said = b"" if operation == "GET /v1/stream" and answer.status == 200 else answer.read()
        connection.close()
        request_id = (answer.headers["X-Request-ID"] or "-").encode()
        said = re.sub(rb'"timestamp":"[^"]*"', b'"timestamp":""', said.replace(request_id, b"<id>"))
        return answer.status, said

    def signed(self, org, role):
        def headers(method, target):
            date = datetime.datetime.now(datetime.timezone.utc).isoformat("T")
            return {"Authorization": "bhesignature " + self.ids[f"{org} {role}"], "RequestDate": date,
                    "Signature": signature(self.keys[org, role], method, target, date)}
        return headers

    def credentials(self, surface, org, role):
        """Every way in which this surface may be shown this key: {name: headers}."""
        key, token = self.keys[org, role], self.tokens[org, role]
        ways = {"key": {"Authorization": "Bearer " + key}, "token": {"Authorization": "Bearer " + token}}
        if surface in ("native", "antidote"):
            ways["X-API-Key"] = {"X-API-Key": key}
        if surface == "antidote":
            ways["cookie"] = {"Cookie": "antidote_session=" + token}
        if surface == "frontier":
            pair = base64.b64encode(f"{self.ids[f'{org} {role}']}:{key}".encode()).decode()
            ways.update({"Basic": {"Authorization": "Basic " + pair}, "x-user-token": {"x-user-token": token},
                         "sid": {"Cookie": "sid=" + key}})
        if surface == "bloodhound":
            ways["signature"] = {"Authorization": self.signed(org, role)}
        if surface == "native":
            cookies, csrf = self.tokens[org, role, "session"]
            ways["session"] = {"Cookie": cookies, "X-CSRF-Token": csrf, "Origin": f"http://127.0.0.1:{self.server.port}"}
        return ways

    def test_a_role_may_what_its_rights_say_and_no_more_whatever_shows_it(self):
        asked = 0
        for operation in self.rows():
            right = self.right_of(operation)
            for role in ROLES:
                for way, headers in self.credentials(surface_of(operation.split(" ")[1]), "own", role).items():
                    status, said = self.ask(operation, headers)
                    let_in = status not in (401, 403)
                    self.assertEqual(let_in, role in MAY[right], (operation, role, way, status, said[:200]))
                    self.assertNotEqual(status, 500, (operation, role, way))
                    asked += 1
        self.assertGreater(asked, 400)

    def test_nobody_gets_in_without_a_credential_of_ours(self):
        for operation in self.rows():
            for headers in ({}, {"Authorization": "Bearer " + "prl_" + "0" * 36}, {"Authorization": "Bearer x.y.z"},
                            {"Authorization": "Bearer"}, {"Authorization": "Negotiate abc"}):
                status, said = self.ask(operation, headers)
                expected = (400, 401) if operation == "GET /api/v2/audit" else (401,)
                self.assertIn(status, expected, (operation, headers, said[:200]))

    def test_a_disabled_organisation_lets_nobody_in(self):
        for operation in self.rows():
            surface = surface_of(operation.split(" ")[1])
            for role in ROLES:
                for way, headers in self.credentials(surface, "disabled", role).items():
                    status, said = self.ask(operation, headers, org="disabled")
                    expected = (404,) if surface == "frontier" else (401, 403) if way == "session" else (403,)
                    self.assertIn(status, expected, (operation, role, way, said[:200]))

    def test_a_foreign_organisation_and_one_that_is_none_answer_alike(self):
        for operation in self.rows():
            surface = surface_of(operation.split(" ")[1])
            if self.right_of(operation) in ("administrate", "identify"):
                continue
            for way, headers in self.credentials(surface, "own", "admin").items():
                for foreign, none in ((self.orgs["foreign"], NOWHERE), ("abroad", "nowhere"),
                                      (self.orgs["disabled"], NOWHERE), ("shut", "nowhere")):
                    if "{org" in operation:
                        pair = [self.ask(operation, headers, org=org) for org in (foreign, none)]
                    else:
                        pair = [self.ask(operation, headers, query="org=" + org) for org in (foreign, none)]
                    hidden = [(status, said.replace(foreign.encode(), b"?").replace(none.encode(), b"?"))
                              for status, said in pair]
                    self.assertEqual(hidden[0], hidden[1], (operation, way, foreign))
                    self.assertIn(hidden[0][0], (400, 403, 404) if "/logs/" in operation else (403, 404), (operation, way, foreign))

    def test_a_foreign_thing_and_one_that_is_missing_answer_alike(self):
        asked = 0
        for operation in self.rows():
            names = re.findall(r"\{(\w+)\}", operation)
            if not any(name in ("id", "audit_log_id", "record_uuid") for name in names) or \
                    operation.split(" ")[1].startswith("/v1/orgs"):
                continue
            surface = surface_of(operation.split(" ")[1])
            foreign, missing = self.events["foreign"], "missing-event"
            if operation.split(" ")[1].startswith("/v1/keys"):
                foreign, missing = self.ids["foreign reader"], NOWHERE
            if operation.split(" ")[1].startswith("/v1/views"):
                foreign, missing = self.foreign_view, NOWHERE
            for way, headers in self.credentials(surface, "own", "admin").items():
                pair = []
                for thing in (foreign, missing):
                    status, said = self.ask_thing(operation, headers, thing)
                    pair.append((status, said.replace(thing.encode(), b"?")))
                self.assertEqual(pair[0], pair[1], (operation, way))
                self.assertEqual(pair[0][0], 404, (operation, way, pair[0]))
                asked += 1
        self.assertGreater(asked, 12)
        self.assertEqual(self.server_get_key("foreign", "reader"), 200, "it was not revoked by the attempt")

    def ask_thing(self, operation, headers, thing):
        path = re.sub(r"\{(id|audit_log_id|record_uuid)\}", thing, operation.split(" ")[1])
        method = operation.split(" ")[0]
        literal = f"{method} {path}"
        BODIES.setdefault(literal, BODIES.get(operation))
        if BODIES[literal] is None:
            del BODIES[literal]
        return self.ask(literal, headers)

    def server_get_key(self, org, role):
        client = self.server.client(self.keys[org, role])
        status = client.get("/v1/events").status
        client.close()
        return status


if __name__ == "__main__":
    unittest.main()
