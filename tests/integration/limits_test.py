#!/usr/bin/env python3
"""Limits on requests and logins, and what the access log tells of those who were let in and not."""

import json
import unittest

from harness import ServerTest, make_key, mistyped, run
from people_test import PASSWORD, make_user

EVENTS = {  # how each surface is asked for events, and what it answers where a limit is reached
    "native": "/v1/events", "frontier": "/v1beta1/organizations/demo/auditlogs", "bloodhound": "/api/v2/audit",
    "nirvana": "/v1/audit_logs", "antidote": "/api/audit-trail/records", "runai": "/v1/k8s/audit"}


class Limits(ServerTest):
    flags = ("--requests-per-credential", "8/1h", "--logins-per-account", "3/1h", "--logins-per-address", "5/1h",
             "--access-log", "sync")

    @classmethod
    def prepare(cls):
        cls.keys = [make_key(cls.data, "demo", "reader") for _ in range(2)]
        make_user(cls.data, "demo", "ann@example.com")

    def test_a_credential_has_its_quota_and_is_told_of_it(self):
        client = self.server.client(self.keys[0])
        for left in reversed(range(8)):
            answer = client.get("/v1/events")
            self.assertEqual((answer.status, answer.headers["RateLimit-Policy"]), (200, '"credential";q=8;w=3600'))
            self.assertRegex(answer.headers["RateLimit"], rf'^"credential";r={left};t=\d+$')
        for surface, path in EVENTS.items():
            refused = client.get(path)
            self.assertEqual(refused.status, 429, surface)
            self.assertEqual(len(refused.headers.get_all("Retry-After")), 1)
            self.assertTrue(440 <= int(refused.headers["Retry-After"]) <= 450, refused.headers["Retry-After"])
            self.assertRegex(refused.headers["RateLimit"], r'^"credential";r=0;t=\d+$')
        self.assertEqual(client.get("/v1/events").json()["code"], "rate_limited")
        client.close()
        other = self.server.client(self.keys[1])
        self.assertEqual(other.get("/v1/events").status, 200)
        other.close()

    def test_a_refused_credential_is_never_limited(self):
        client = self.server.client(mistyped(self.key))
        for _ in range(20):
            answer = client.get("/v1/events")
            self.assertEqual((answer.status, answer.headers["RateLimit"]), (401, None))
        client.close()
        self.assertIsNone(self.server.client().get("/healthz").headers["RateLimit"])

    def test_logins_are_limited_before_they_are_looked_at(self):
        client = self.server.client()
        wrong = {"email": "nobody@example.com", "password": "wrong wrong wrong"}
        for _ in range(3):
            self.assertEqual(client.post("/v1/session", wrong).status, 401)
        refused = client.post("/v1/session", wrong)
        self.assertEqual((refused.status, refused.json()["code"]), (429, "rate_limited"))
        self.assertIn('"account";q=3;w=3600', refused.headers["RateLimit-Policy"])
        self.assertGreater(int(refused.headers["Retry-After"]), 1000)
        good = client.post("/api/auth/login", {"email": "ann@example.com", "password": PASSWORD})
        self.assertEqual(good.status, 200, "another account")
        by_address = client.post("/api/auth/login", {"email": "ann@example.com", "password": PASSWORD})
        self.assertEqual((by_address.status, by_address.json()["error"]["code"]), (429, "RATE_LIMITED"))
        self.assertEqual(client.post("/v1/session", {"key": self.keys[1]}).status, 201, "keys are no passwords")
        client.close()


class World(ServerTest):
    flags = ("--access-log", "sync")

    @classmethod
    def prepare(cls):
        cls.reader = make_key(cls.data, "demo", "reader", "--name", "r")
        cls.ids = {json.loads(line)["name"]: json.loads(line)["id"]
                   for line in run("key", "list", "--data", cls.data)[1].splitlines()}
        make_user(cls.data, "demo", "ann@example.com", "--name", "Ann")
        run("org", "create", "--data", cls.data, "--name", "other")
        cls.auditor = make_key(cls.data, "demo", "auditor")
        cls.server_key = make_key(cls.data, "*", "admin")

    def log(self, **filters):
        client = self.server.client(self.auditor)
        events = client.get("/v1/access", sort="seq", limit=1000, **filters).json()["events"]
        client.close()
        return events

    def get(self, path, key=None, **headers):
        client = self.server.client(key)
        answer = client.request("GET", path, headers=headers)
        client.close()
        return answer


class Watched(World):
    def test_the_first_use_of_a_key_is_told_once(self):
        made = self.client.post("/v1/keys", {"roles": ["reader"], "name": "new"}).json()
        for _ in range(3):
            self.get("/v1/events", made["key"])
        first = self.log(**{"action": "auth.first_use", "actor.id": made["id"]})
        self.assertEqual([(event["actor"]["type"], event["request"]["ip"]) for event in first], [("api_key", "127.0.0.1")])

    def test_what_is_changed_is_told_with_who_changed_it(self):
        made = self.client.post("/v1/keys", {"roles": ["reader", "writer"], "name": "short-lived"}).json()
        self.client.request("DELETE", "/v1/keys/" + made["id"])
        user = self.client.post("/v1/users", {"email": "bob@example.com", "roles": ["reader"], "password": PASSWORD}).json()
        self.client.request("PATCH", "/v1/users/" + user["id"], {"password": "another password", "enabled": False})
        told = [(event["action"], event["target"]["id"], event["params"]) for event in self.log(**{"action.prefix": "admin."})
                if event["target"]["id"] in (made["id"], user["id"])]
        self.assertEqual(told, [
            ("admin.create_key", made["id"], {"roles": ["writer", "reader"], "surface": "native"}),
            ("admin.revoke_key", made["id"], {"surface": "native"}),
            ("admin.create_user", user["id"], {"roles": ["reader"], "surface": "native"}),
            ("admin.change_user", user["id"], {"enabled": False, "password_changed": True, "surface": "native"})])
        server = self.server.client(self.server_key)
        org = server.post("/v1/orgs", {"name": "third"}).json()
        server.request("PATCH", "/v1/orgs/" + org["id"], {"enabled": False})
        server.request("PATCH", "/v1/orgs/" + org["id"], {"enabled": True})
        events = server.get("/v1/access", org="third", sort="seq").json()["events"]
        self.assertEqual([event["action"] for event in events],
                         ["admin.create_organisation", "admin.set_organisation_enabled", "admin.set_organisation_enabled"])
        server.close()

    def test_refused_attempts_are_told_where_somebody_is_known(self):
        revoked = self.client.post("/v1/keys", {"roles": ["reader"], "name": "revoked"}).json()
        self.client.request("DELETE", "/v1/keys/" + revoked["id"])
        self.get("/v1/events", revoked["key"])
        self.get("/v1/keys", self.reader)
        self.get("/v1/events?org=other", self.reader)
        writer = make_key_of(self, "writer")
        self.get("/api/v2/audit", writer["key"])
        client = self.server.client()
        client.post("/v1/session", {"email": "ann@example.com", "password": "wrong wrong wrong"})
        client.close()
        refused = [(event["action"], event["actor"].get("name"), event["params"]["code"], event["params"]["surface"])
                   for event in self.log(status="failure")]
        self.assertEqual(refused, [
            ("auth.refused", "revoked", "bad_credential", "native"),
            ("auth.refused", "r", "no_right", "native"),
            ("auth.refused", "r", "org_not_found", "native"),
            ("UnauthorizedAccessAttempt", "writer", "no_right", "bloodhound"),
            ("auth.refused", "Ann", "bad_login", "native")])
        self.assertNotIn("wrong wrong wrong", json.dumps(self.log()))

    def test_reading_the_access_log_is_one_record_each_time(self):
        self.log()  # the first use of its key is a record, too
        before = len(self.log())
        after = self.log()
        self.assertEqual(len(after), before + 1)
        self.assertEqual((after[-1]["action"], after[-1]["params"]["rows"]), ("access.find", before))


class Flooded(World):
    def test_refusals_do_not_fill_the_log(self):
        flooded = self.client.post("/v1/keys", {"roles": ["reader"], "name": "flood"}).json()
        self.client.request("DELETE", "/v1/keys/" + flooded["id"])
        client = self.server.client(flooded["key"])
        for _ in range(150):
            self.assertEqual(client.get("/v1/events").status, 401)
        client.close()
        told = self.log(**{"actor.id": flooded["id"], "action": "auth.refused"})
        self.assertTrue(80 <= len(told) <= 120, len(told))


def make_key_of(test, role):
    return test.client.post("/v1/keys", {"roles": [role], "name": role}).json()


if __name__ == "__main__":
    unittest.main()
