#!/usr/bin/env python3
"""What no client should send, at every door: ids that are paths, bodies that are not JSON or have the wrong types.
Each is refused in the words of the surface, nothing is stored, and the connection goes on."""

import json
import unittest
from urllib.parse import quote

from harness import ServerTest, run

TENANT = "/v1beta1/organizations/demo/auditlogs"
ONE_THING = {  # the addresses that end in an id
    "native": "/v1/events/", "native proof": "/v1/events/by-seq/", "frontier": TENANT + "/",
    "nirvana": "/v1/audit_logs/", "antidote": "/api/audit-trail/records/"}
ODD_IDS = ["..", ".", "%2e%2e", "..%2f..%2fetc%2fpasswd", "..%5c..%5cboot.ini", "%00", "a%00b", "%", "%zz", "%2", "%c3%28",
           "%ed%a0%80", "%f5%80%80%80", "%2f", "a%2fb", "a%252fb", "%20", "%09", "%0d%0aSet-Cookie:%20a=b", "'%20OR%201=1--",
           "%3Cscript%3E", "*", "?", "a" * 129, "a" * 6000, "-1", "18446744073709551616", "1e3", "+", "%e2%80%ae", "~", "{id}"]
DOORS = {  # how events come in: the address, and a good body
    "native": ("/v1/events", {"action": "a.b"}),
    "frontier": (TENANT, {"logs": [{"source": "app", "action": "a.b"}]}),
    "antidote": ("/api/audit-trail/records", {"event_type": "a.b", "application_key": "app", "summary": "s"})}
NOT_JSON = [b"", b" ", b"{", b"[", b"}", b"{]", b"nul", b"{\"a\":}", b"{\"a\" 1}", b"{'action':'a'}", b"{\"action\":\"a\"} x",
            b"\xff\xfe", b"{\"action\":\"\xff\"}", b"{\"action\":\"\\ud800\"}", b"{\"action\":\"a\\u0000\"}", b"\x00", b"[" * 5000,
            b"{\"a\":" * 5000, b"\"", b"01", b"{\"action\":\"a\",\"action\":\"b\"}", b"\xef\xbb\xbf{\"action\":\"a\"}"]
NOT_OBJECTS = [b"null", b"true", b"1", b"\"a\"", b"[[]]", b"[1]"]
ODD_VALUES = [None, True, 0, -1, 1.5, 1e300, "", " ", "\u0001", [], [1], {}, {"a": 1}, {"": ""}, "x" * 70_000]


class BadInput(ServerTest):
    @classmethod
    def prepare(cls):
        run("application", "create", "--data", cls.data, "--org", "demo", "--key", "app", "--name", "App")

    def setUp(self):
        self.client = self.server.client(self.key)
        self.addCleanup(self.client.close)

    def stored(self):
        return self.client.get("/v1/events", count="exact", limit=1).json()["count"]

    def refused(self, answer, surface, what):
        self.assertIn(answer.status, range(400, 500), (surface, what, answer))
        error = answer.json()
        if surface.startswith("native"):
            self.assertEqual(answer.headers["Content-Type"], "application/problem+json", what)
            self.assertEqual(error["status"], answer.status)
        elif surface == "antidote":
            self.assertIn("message", error["error"], what)
        else:
            self.assertIn("message", error, what)
        for secret in (self.key, self.data, "/src/", ".cc:", "terminate", "std::"):
            self.assertNotIn(secret, answer.body.decode(), what)

    def test_ids_that_are_no_ids_find_nothing(self):
        for surface, path in ONE_THING.items():
            for text in ODD_IDS:
                answer = self.client.request("GET", path + text)
                if text == "?":
                    continue  # the list, or not found: only that it is answered
                self.refused(answer, surface.split()[0], text[:60])
                self.assertIsNone(answer.headers["Set-Cookie"], text)

    def test_what_is_not_json_is_not_stored(self):
        before = self.stored()
        for surface, (path, _) in DOORS.items():
            for body in NOT_JSON + NOT_OBJECTS:
                answer = self.client.request("POST", path, body, content_type="application/json")
                if surface == "native" and answer.status == 200:
                    self.assertEqual(answer.json()["stored"], 0, body)
                else:
                    self.refused(answer, surface, body[:40])
        self.assertEqual(self.stored(), before)

    # A value that a member cannot have is refused or, where a surface takes it, stored as it is: never half.
    def test_members_of_wrong_types(self):
        for surface, (path, good) in DOORS.items():
            names = (["id", "occurred_at", "action", "source", "severity", "status", "error", "commit_id", "actor", "target",
                      "application", "cluster_id", "request", "context", "params", "metadata", "no_such_member"]
                     if surface == "native" else
                     ["id", "source", "action", "actor", "target", "context", "created_at"] if surface == "frontier" else
                     ["event_type", "summary", "category", "severity", "actor", "entity_type", "entity_id", "params", "metadata"])
            for name in names:
                for value in ODD_VALUES:
                    body = ({"logs": [{**good["logs"][0], name: value}]} if surface == "frontier" else {**good, name: value})
                    before = self.stored()
                    answer = self.client.post(path, body)
                    if answer.status // 100 == 2:
                        self.assertEqual(self.stored(), before + 1, (surface, name, value))
                    else:
                        self.refused(answer, surface, (name, str(value)[:40]))
                        self.assertEqual(self.stored(), before, (surface, name))

    def test_query_values_are_read_or_refused(self):
        lists = {"native": "/v1/events", "frontier": TENANT, "bloodhound": "/api/v2/audit", "nirvana": "/v1/audit_logs",
                 "antidote": "/api/audit-trail/records", "runai": "/v1/k8s/audit"}
        names = ["limit", "offset", "cursor", "skip", "before", "after", "start_time", "end_time", "start", "end", "sort", "sort_by",
                 "page", "page_size", "date_from", "date_to", "created_at", "status", "search", "q", "action", "count"]
        for surface, path in lists.items():
            for name in names:
                for text in ["", "%00", "%ff", "%zz", "-1", "1e9", "99999999999999999999", "2026-13-45T99:99:99Z", "a" * 3000, "%5B%5D",
                             "eq:", "~eq:x", "null", "NaN", quote("\u202e\U0001f600")]:
                    answer = self.client.request("GET", f"{path}?{name}={text}")
                    self.assertIn(answer.status, [*range(200, 300), *range(400, 500)], (surface, name, text[:40], answer))
                    if answer.headers["Content-Type"].endswith("json"):
                        json.loads(answer.body)


if __name__ == "__main__":
    unittest.main()
