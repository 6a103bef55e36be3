#!/usr/bin/env python3
"""The originals' own ways to show a credential: BloodHound's signatures, Frontier's four, Antidote's
login and cookie, Run:ai's two token addresses; and what a key may be bound to."""

import base64
import datetime
import hashlib
import hmac
import json
import unittest

from harness import Server, ServerTest, make_key, mistyped, run

FRONTIER = "/v1beta1/organizations/demo/auditlogs"
BLOODHOUND = "/api/v2/audit?limit=3&action=eq:a%20b"
START = "unable to validate request signature for client: "


def now(offset=datetime.timedelta(), zone=datetime.timezone.utc):
    return (datetime.datetime.now(datetime.timezone.utc) + offset).astimezone(zone)


def signature(key, method, target, date, body=b""):
    """BloodHound's published client, in its own order."""
    digester = hmac.new(key.encode(), None, hashlib.sha256)
    digester.update(f"{method}{target}".encode())
    digester = hmac.new(digester.digest(), None, hashlib.sha256)
    digester.update(date[:13].encode())
    digester = hmac.new(digester.digest(), None, hashlib.sha256)
    digester.update(body)
    return base64.b64encode(digester.digest()).decode()


class Credentials(ServerTest):
    flags = ("--access-log", "sync")

    @classmethod
    def prepare(cls):
        cls.reader = make_key(cls.data, "demo", "reader", "--name", "ci")
        run("org", "create", "--data", cls.data, "--name", "other")
        cls.foreign = make_key(cls.data, "other", "reader")
        cls.ids = {json.loads(line)["name"]: json.loads(line)["id"]
                   for line in run("key", "list", "--data", cls.data)[1].splitlines()}

    def get(self, path, **headers):
        client = self.server.client()
        try:
            return client.request("GET", path, headers={name.replace("_", "-"): value
                                                        for name, value in headers.items()})
        finally:
            client.close()

    def signed(self, target=BLOODHOUND, date=None, body=None, key=None, **changes):
        date = date or now().isoformat("T")
        body = body or b""
        headers = {"Authorization": "bhesignature " + self.ids["ci"], "RequestDate": date,
                   "Signature": signature(key or self.reader, "GET", target, date, body), **changes}
        client = self.server.client()
        try:
            return client.request("GET", target, body=body or None,
                                  headers={name: value for name, value in headers.items() if value is not None})
        finally:
            client.close()

    def message(self, answer, status):
        self.assertEqual(answer.status, status, answer)
        return answer.json()["errors"][0]["message"]

    def test_signed_requests_are_let_in(self):
        self.assertEqual(self.signed().status, 200)
        self.assertEqual(self.signed("/api/v2/audit").status, 200)
        self.assertEqual(self.signed(body=b'{"a":1}').status, 200)
        zone = datetime.timezone(datetime.timedelta(hours=-9, minutes=-30))
        self.assertEqual(self.signed(date=now(zone=zone).isoformat("T")).status, 200)
        self.assertEqual(self.signed(date=now().strftime("%Y-%m-%dT%H:%M:%SZ")).status, 200)
        for minutes in (-59, 59):
            date = now(datetime.timedelta(minutes=minutes)).isoformat("T")
            self.assertEqual(self.signed(date=date).status, 200, minutes)

    def test_signed_requests_are_refused_in_bloodhounds_words(self):
        self.assertEqual(self.message(self.signed(Authorization="bhesignature x"), 400), "Token ID is malformed.")
        self.assertEqual(self.message(self.signed(RequestDate=None), 400), START + "no request date header")
        self.assertTrue(self.message(self.signed(RequestDate="now"), 400)
                        .startswith(START + 'malformed request date: parsing time "now"'))
        self.assertEqual(self.message(self.signed(Signature=None), 400), START + "no signature header")
        self.assertTrue(self.message(self.signed(Signature="!"), 400)
                        .startswith(START + "malformed signature header: "))
        unknown = "bhesignature 5b8a1f0e-2d4c-4c59-9e5e-0a1b2c3d4e5f"
        self.assertEqual(self.message(self.signed(Authorization=unknown), 401), START + "resource not found")
        mismatch = START + "digest validation failed: signature digest mismatch"
        self.assertEqual(self.message(self.signed(key=self.foreign), 401), mismatch)
        self.assertEqual(self.message(self.signed(Signature="AAAA"), 401), mismatch)
        good = now().isoformat("T")
        without_query = signature(self.reader, "GET", "/api/v2/audit", good)
        self.assertEqual(self.message(self.signed(date=good, Signature=without_query), 401), mismatch)
        late = now(datetime.timedelta(minutes=-90)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.assertRegex(self.message(self.signed(date=late), 401),
                         r"signature too far behind by (30|29)\.\d\d minutes\. Server time is "
                         r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\. Client time is " + late + "$")
        early = now(datetime.timedelta(minutes=90)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.assertIn("signature too far ahead by ", self.message(self.signed(date=early), 401))

    def test_frontier_takes_four(self):
        pair = base64.b64encode(f"{self.ids['ci']}:{self.reader}".encode()).decode()
        wrong = base64.b64encode(f"{self.ids['test-key']}:{self.reader}".encode()).decode()
        self.assertEqual(self.get(FRONTIER, Authorization="Bearer " + self.reader).status, 200)
        self.assertEqual(self.get(FRONTIER, x_user_token=self.reader).status, 200)
        self.assertEqual(self.get(FRONTIER, Cookie="a=b; sid=" + self.reader).status, 200)
        self.assertEqual(self.get(FRONTIER, Authorization="Basic " + pair).status, 200)
        refused = self.get(FRONTIER, Authorization="Basic " + wrong)
        self.assertEqual((refused.status, refused.json()["message"], refused.headers["WWW-Authenticate"]),
                         (401, "not authenticated", "not authenticated"))
        stale = self.get(FRONTIER, Cookie="sid=MTcwfEd3d0E", Authorization="Bearer " + self.reader)
        self.assertEqual(stale.status, 200)

    def test_antidote_logs_in_with_a_key(self):
        client = self.server.client()
        answer = client.post("/api/auth/login", {"email": "ci@example.com", "password": self.reader})
        self.assertEqual(answer.status, 200, answer)
        token = answer.json()["access_token"]
        cookie = answer.headers["Set-Cookie"]
        self.assertEqual(cookie, f"antidote_session={token}; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict")
        records = "/api/audit-trail/records"
        self.assertEqual(self.get(records, Cookie="antidote_session=" + token).status, 200)
        self.assertEqual(self.get(records, Authorization="Bearer " + token).status, 200)
        self.assertEqual(self.get(records, X_API_Key=self.reader).status, 200)
        me = self.get("/api/auth/me", Cookie="antidote_session=" + token)
        self.assertEqual(me.json(), {"id": self.ids["ci"], "email": None, "name": "ci", "roles": ["reader"],
                                     "workspace": {"id": self.org, "name": "demo"}})
        wrong = client.post("/api/auth/login", {"email": "x", "password": mistyped(self.reader)})
        self.assertEqual((wrong.status, wrong.json()["error"]["code"]), (401, "UNAUTHORIZED"))
        other_id = client.post("/api/auth/login", {"email": self.ids["test-key"], "password": self.reader})
        self.assertEqual(other_id.status, 401)
        again = client.post("/api/auth/login", {"email": "x", "password": token})
        self.assertEqual(again.status, 401, "a token makes no tokens")
        self.assertEqual(client.post("/api/auth/login", {"email": "x"}).status, 422)
        client.close()

    def test_runai_changes_a_key_for_a_token(self):
        client = self.server.client()
        form = (f"grant_type=client_credentials&scope=openid&response_type=id_token"
                f"&client_id={self.ids['ci']}&client_secret={self.reader}")
        kind = "application/x-www-form-urlencoded"
        realm = client.post("/auth/realms/acme/protocol/openid-connect/token", form, content_type=kind)
        self.assertEqual((realm.status, realm.json()["token_type"], realm.json()["expires_in"]),
                         (200, "bearer", 3600), realm)
        api = client.post("/api/v1/token", {"grantType": "client_credentials", "clientId": self.ids["ci"],
                                            "clientSecret": self.reader})
        self.assertEqual(api.status, 200, api)
        for token in (realm.json()["access_token"], api.json()["accessToken"]):
            self.assertEqual(self.get("/v1/k8s/audit", Authorization="Bearer " + token).status, 200)
            self.assertEqual(self.get("/v1/events", Authorization="Bearer " + token).status, 200)
        wrong = client.post("/auth/realms/acme/protocol/openid-connect/token", form + "x", content_type=kind)
        self.assertEqual((wrong.status, wrong.json()["error"]), (401, "invalid_client"))
        wrong = client.post("/api/v1/token", {"grantType": "client_credentials", "clientId": "x",
                                              "clientSecret": "y"})
        self.assertEqual((wrong.status, wrong.json()["message"]), (401, "Issuer is not familiar."))
        client.close()

    def test_logins_are_recorded(self):
        client = self.server.client()
        client.post("/api/auth/login", {"email": "x", "password": self.reader})
        client.close()
        rows = self.client.get("/v1/access", action="auth.issue_token").json()["events"]
        self.assertEqual(rows[0]["actor"]["id"], self.ids["ci"])
        self.assertNotIn(self.reader, json.dumps(rows))

    def test_a_key_ends_everything_made_with_it(self):
        made = self.client.post("/v1/keys", {"roles": ["reader"], "name": "short"}).json()
        client = self.server.client()
        token = client.post("/api/auth/login", {"email": "x", "password": made["key"]}).json()["access_token"]
        client.close()
        self.assertEqual(self.get("/v1/events", Authorization="Bearer " + token).status, 200)
        self.assertEqual(self.client.request("DELETE", "/v1/keys/" + made["id"]).status, 204)
        self.assertEqual(self.get("/v1/events", Authorization="Bearer " + token).status, 401)
        gone = self.signed(key=made["key"], Authorization="bhesignature " + made["id"])
        self.assertEqual(self.message(gone, 401), START + "resource not found")

    def test_a_key_is_bound_to_its_networks(self):
        here = self.client.post("/v1/keys", {"roles": ["reader"], "networks": ["127.0.0.0/8"]}).json()
        away = self.client.post("/v1/keys", {"roles": ["reader"], "networks": ["192.0.2.0/24"]}).json()
        self.assertEqual(here["networks"], ["127.0.0.0/8"])
        self.assertEqual(self.get("/v1/events", Authorization="Bearer " + here["key"]).status, 200)
        self.assertEqual(self.get("/v1/events", Authorization="Bearer " + away["key"]).status, 401)
        bad = self.client.post("/v1/keys", {"roles": ["reader"], "networks": ["10.1.2.3/8"]})
        self.assertEqual((bad.status, bad.json()["errors"][0]["pointer"]), (400, "/networks"), bad)

    def test_last_use_is_shown(self):
        made = self.client.post("/v1/keys", {"roles": ["reader"], "name": "seldom"}).json()

        def last_used():
            keys = self.client.get("/v1/keys").json()["keys"]
            return next(key["last_used_at"] for key in keys if key["id"] == made["id"])

        self.assertIsNone(last_used())
        self.assertEqual(self.get("/v1/events", Authorization="Bearer " + made["key"]).status, 200)
        self.assertRegex(last_used(), r"^20\d\d-")

    def test_uses_tokens_and_signatures_survive_a_restart(self):
        made = self.client.post("/v1/keys", {"roles": ["reader"], "name": "kept"}).json()
        client = self.server.client()
        token = client.post("/api/auth/login", {"email": "x", "password": made["key"]}).json()["access_token"]
        client.close()
        self.client.close()
        self.server.kill()
        type(self).server = Server(self.data, *self.flags).start()
        type(self).client = self.server.client(self.key)
        keys = {key["id"]: key for key in self.client.get("/v1/keys").json()["keys"]}
        self.assertRegex(keys[made["id"]]["last_used_at"], r"^20\d\d-")
        self.assertEqual(self.get("/v1/events", Authorization="Bearer " + token).status, 200)
        signed = self.signed(key=made["key"], Authorization="bhesignature " + made["id"])
        self.assertEqual(signed.status, 200)

    def test_roles_are_printed(self):
        lines = run("roles")[1].splitlines()
        self.assertEqual(lines[0].split()[:5], ["right", "writer", "reader", "auditor", "admin"])
        self.assertEqual(lines[1].split()[:5], ["append", "yes", "-", "-", "yes"])


if __name__ == "__main__":
    unittest.main()
