#!/usr/bin/env python3
"""One event, six views (contract section 6): written through each door that can write, read through
all surfaces, member by member."""

import json
import unittest

from harness import ServerTest, run

RICH = {
    "id": "rich-1", "occurred_at": "2026-01-02T03:04:05.678901+01:00", "action": "user.update",
    "source": "billing", "category": "iam", "summary": "User 42 updated", "severity": "high",
    "status": "failure", "error": "{\"status\":403}", "commit_id": "11111111-2222-4333-8444-555555555555",
    "version": "2", "actor": {"id": "u-1", "type": "service_account", "name": "Zoë", "email": "zoe@example.com"},
    "target": {"id": "42", "type": "user", "name": "Ada"}, "application": {"key": "shop"},
    "cluster_id": "71f69d83-ba66-4822-adf5-55ce55efd210",
    "request": {"id": "r-9", "ip": "2001:DB8:0:0::1", "method": "PATCH", "path": "/v1/users/42",
                "status_code": 403, "user_agent": "curl/8"},
    "context": {"zone": "eu", "n": 1}, "params": {"x": [1, {"y": None}]}, "metadata": {"plan": "pro"},
}
WINDOW = {"after": "2025-01-01T00:00:00Z", "before": "2027-01-01T00:00:00Z"}


class Surfaces(ServerTest):
    @classmethod
    def prepare(cls):
        _, out, _ = run("application", "create", "--data", cls.data, "--org", "demo", "--key", "shop",
                        "--name", "Shop", "--description", "Sells", "--accent-color", "#0a7")
        cls.application = json.loads(out)

    def one(self, answer, path):
        self.assertEqual(answer.status, 200, answer)
        value = answer.json()
        for name in path:
            value = value[name]
        return value

    def native(self, id):
        return self.one(self.client.get("/v1/events/" + id.replace("/", "%2F")), [])

    def frontier(self, id):
        return self.one(self.client.get(f"/v1beta1/organizations/demo/auditlogs/{id}"), ["log"])

    def bloodhound(self, seq):
        return self.one(self.client.get("/api/v2/audit", id=f"eq:{seq + 1}", **WINDOW), ["data", "logs", 0])

    def nirvana(self, id):
        return self.one(self.client.get(f"/v1/audit_logs/{id}"), [])

    def antidote(self, id):
        return self.one(self.client.get(f"/api/audit-trail/records/{id}"), [])

    def runai(self, seq):
        rows = self.one(self.client.get("/v1/k8s/audit", limit=500), [])
        return next(row for row in rows if row["id"] == seq + 1)

    def test_a_rich_native_event_is_seen_by_all(self):
        stored = self.client.post("/v1/events", RICH)
        self.assertEqual(stored.status, 201, stored)
        seq = stored.json()["seq"]
        self.assertEqual(stored.json()["org_id"], self.org)
        time = "2026-01-02T02:04:05.678901Z"

        native = self.native("rich-1")
        self.assertEqual(native.pop("recorded_at"), stored.json()["recorded_at"])
        self.assertEqual(native, {**RICH, "occurred_at": time, "seq": seq, "org_id": self.org,
                                  "application": {"id": self.application["id"], "key": "shop"},
                                  "request": {**RICH["request"], "ip": "2001:db8::1"}})
        self.assertEqual(self.frontier("rich-1"), {
            "id": "rich-1", "source": "billing", "action": "user.update",
            "actor": {"id": "u-1", "type": "service_account", "name": "Zoë"},
            "target": {"id": "42", "type": "user", "name": "Ada"},
            "context": {"zone": "eu", "n": "1"}, "created_at": time})
        self.assertEqual(self.bloodhound(seq), {
            "id": seq + 1, "created_at": time, "actor_id": "u-1", "actor_name": "Zoë",
            "actor_email": "zoe@example.com", "action": "user.update",
            "fields": {"x": [1, {"y": None}], "error": "{\"status\":403}"}, "request_id": "r-9",
            "source_ip_address": "2001:db8::1", "status": "failure", "commit_id": RICH["commit_id"]})
        self.assertEqual(self.nirvana("rich-1"), {
            "id": "rich-1", "action": "user.update", "actor": {"id": "u-1", "name": "Zoë", "type": "api_key"},
            "client_ip": "2001:db8::1", "created_at": time, "method": "PATCH", "path": "/v1/users/42",
            "status_code": 403, "user_agent": "curl/8", "target": {"id": "42", "type": "user"}})
        antidote = self.antidote("rich-1")
        application = antidote.pop("application")
        self.assertEqual({name: application[name] for name in ("id", "key", "name", "description", "accent_color",
                                                               "param_count")},
                         {"id": self.application["id"], "key": "shop", "name": "Shop", "description": "Sells",
                          "accent_color": "#0a7", "param_count": 0})
        self.assertEqual(antidote, {
            "id": "rich-1", "event_type": "user.update", "category": "iam", "summary": "User 42 updated",
            "created_at": time, "actor": "Zoë", "application_id": self.application["id"],
            "application_key": "shop", "entity_type": "user", "entity_id": "42", "severity": "high",
            "params": {"x": [1, {"y": None}]}, "metadata": {"plan": "pro"}, "ip_address": "2001:db8::1"})
        self.assertEqual(self.runai(seq), {
            "id": seq + 1, "clusterUuid": RICH["cluster_id"], "tenantId": 1001,
            "happenedAt": "2026-01-02T02:04:05.678Z", "action": "user.update", "version": "2",
            "entityId": "42", "entityType": "user", "entityName": "Ada", "sourceType": "service_account",
            "sourceId": "u-1", "sourceName": "Zoë", "error": "{\"status\":403}",
            "context": {"zone": "eu", "n": 1, "ip_address": "2001:db8::1", "user_agent": "curl/8"},
            "body": {"x": [1, {"y": None}]}})

    def test_the_barest_native_event_is_seen_by_all(self):
        stored = self.client.post("/v1/events", {"action": "a"}).json()
        id, seq = stored["id"], stored["seq"]
        self.assertEqual(self.native(id), {
            "id": id, "occurred_at": stored["recorded_at"], "action": "a", "category": "general",
            "severity": "low", "status": "success", "version": "1", "seq": seq, "org_id": self.org,
            "recorded_at": stored["recorded_at"]})
        frontier = self.frontier(id)
        self.assertEqual(frontier["source"], "")
        self.assertEqual(frontier["actor"], {"id": "", "type": "", "name": ""})
        self.assertEqual(frontier["context"], {})
        bloodhound = self.one(self.client.get("/api/v2/audit", id=f"eq:{seq + 1}"), ["data", "logs", 0])
        self.assertEqual((bloodhound["fields"], bloodhound["commit_id"], bloodhound["actor_id"]),
                         (None, "00000000-0000-0000-0000-000000000000", ""))
        nirvana = self.nirvana(id)
        self.assertEqual((nirvana["status_code"], nirvana["method"], "target" in nirvana), (0, "", False))
        antidote = self.antidote(id)
        self.assertEqual((antidote["actor"], antidote["summary"], antidote["entity_id"], antidote["params"]),
                         (None, "", None, {}))
        self.assertEqual(set(self.runai(seq)), {"id", "tenantId", "happenedAt", "action", "version"})

    def test_a_frontier_log_is_seen_by_all(self):
        body = {"logs": [{"id": "front-1", "source": "guardian", "action": "project.create",
                          "actor": {"id": "u-2", "type": "user", "name": "Bo"},
                          "target": {"id": "p-1", "type": "project", "name": "P"},
                          "context": {"k": "v"}, "created_at": "2026-03-01T00:00:00Z"}]}
        for _ in range(2):  # the same again is the same
            answer = self.client.post("/v1beta1/organizations/demo/auditlogs", body)
            self.assertEqual((answer.status, answer.json()), (200, {}))
        native = self.native("front-1")
        self.assertEqual((native["source"], native["severity"], native["category"], native["context"],
                          native["occurred_at"]),
                         ("guardian", "low", "general", {"k": "v"}, "2026-03-01T00:00:00.000000Z"))
        self.assertEqual(self.frontier("front-1"), {**body["logs"][0]})
        self.assertEqual(self.nirvana("front-1")["actor"], {"id": "u-2", "name": "Bo", "type": "user"})
        self.assertEqual(self.antidote("front-1")["event_type"], "project.create")
        self.assertEqual(self.runai(native["seq"])["entityName"], "P")
        self.assertEqual(self.bloodhound(native["seq"])["actor_name"], "Bo")
        changed = {"logs": [{"source": "guardian", "action": "x.new"}, {**body["logs"][0], "action": "other"}]}
        conflict = self.client.post("/v1beta1/organizations/demo/auditlogs", changed)
        self.assertEqual((conflict.status, conflict.json()["code"]), (409, 6))
        self.assertEqual(self.one(self.client.get("/v1/events", action="x.new", count="exact"), ["count"]), 0)

    def test_an_antidote_record_is_seen_by_all(self):
        made = self.client.post("/api/audit-trail/records",
                                {"event_type": "order.paid", "summary": "Paid", "application_key": "shop",
                                 "entity_type": "order", "entity_id": "7", "severity": "critical",
                                 "params": {"total": 12.5}, "metadata": {"n": 1}},
                                headers={"User-Agent": "shop/1"})
        self.assertEqual(made.status, 200, made)
        record = made.json()
        self.assertEqual((record["actor"], record["ip_address"], record["application"]["name"]),
                         ("test-key", "127.0.0.1", "Shop"))
        self.assertEqual(self.antidote(record["id"]), record)
        native = self.native(record["id"])
        self.assertEqual((native["actor"]["name"], native["request"], native["target"], native["severity"]),
                         ("test-key", {"ip": "127.0.0.1", "user_agent": "shop/1"},
                          {"id": "7", "type": "order"}, "critical"))
        self.assertEqual(self.frontier(record["id"])["action"], "order.paid")
        self.assertEqual(self.bloodhound(native["seq"])["fields"], {"total": 12.5})
        self.assertEqual(self.nirvana(record["id"])["target"], {"id": "7", "type": "order"})
        self.assertEqual(self.runai(native["seq"])["body"], {"total": 12.5})


if __name__ == "__main__":
    unittest.main()
