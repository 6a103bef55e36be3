#!/usr/bin/env python3
"""The native API over a socket: results, limits, errors, organisations that cannot see each other,
the access log."""

import gzip
import json
import time
import unittest

from harness import ServerTest, make_key, run


class NativeApi(ServerTest):
    @classmethod
    def prepare(cls):
        run("org", "create", "--data", cls.data, "--name", "other")
        cls.other_key = make_key(cls.data, "other", "admin")
        cls.server_key = make_key(cls.data, "*", "admin")
        cls.keys = {role: make_key(cls.data, "demo", role) for role in ("writer", "reader", "auditor")}

    def as_key(self, key):
        client = self.server.client(key)
        self.addCleanup(client.close)
        return client

    def problem(self, answer, status, code=None):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/problem+json")
        body = answer.json()
        self.assertEqual(set(body), {"type", "title", "status", "detail", "code", "errors", "request_id"})
        self.assertEqual(answer.headers["X-Request-ID"], body["request_id"])
        if code:
            self.assertEqual(body["code"], code)
        return body

    def test_the_same_id_again(self):
        event = {"id": "again/1", "action": "a", "metadata": {"b": 1, "a": 1.0}}
        first = self.client.post("/v1/events", event)
        self.assertEqual((first.status, first.json()["result"]), (201, "stored"))
        same = self.client.post("/v1/events", '{"metadata":{"a":1,"b":1e0},"severity":"low","id":"again/1",'
                                '"action":"\\u0061","occurred_at":"2026-01-01T00:00:00Z"}')
        self.assertEqual((same.status, same.json()["result"]), (200, "duplicate"))
        self.assertEqual({**same.json(), "result": "stored"}, first.json())
        self.problem(self.client.post("/v1/events", {**event, "action": "b"}), 409, "id_conflict")
        self.assertEqual(self.client.get("/v1/events/again%2F1").json()["seq"], first.json()["seq"])

    def test_an_id_that_the_server_made_comes_back(self):
        made = self.client.post("/v1/events", {"action": "made"}).json()
        same = self.client.post("/v1/events", {"id": made["id"], "action": "made"})
        self.assertEqual((same.status, same.json()["seq"]), (200, made["seq"]))
        self.problem(self.client.post("/v1/events", {"id": made["id"], "action": "x"}), 409)

    def test_batches_of_every_form(self):
        bad = {"action": "", "color": 1}
        for body, content_type in (([{"action": "b"}, bad, {"id": "again-b", "action": "c"}], None),
                                   ({"events": [{"action": "b"}, bad, {"id": "again-b", "action": "c"}]}, None),
                                   ('{"action":"b"}\n\n' + json.dumps(bad) + '\r\n{"id":"again-b","action":"c"}',
                                    "application/x-ndjson")):
            answer = self.client.post("/v1/events", body, content_type=content_type)
            self.assertEqual(answer.status, 200, answer)
            results = answer.json()
            self.assertEqual((results["stored"] + results["duplicate"], results["rejected"]), (2, 1))
            self.assertEqual([result["index"] for result in results["results"]], [0, 1, 2])
            self.assertEqual({fault["pointer"] for fault in results["results"][1]["error"]["errors"]} >= {"/action"},
                             True, results)
        only = self.client.post("/v1/events?results=errors", [bad, {"action": "b"}]).json()
        self.assertEqual([result["index"] for result in only["results"]], [0])

    def test_one_bad_number_rejects_one_event_of_an_array(self):
        answer = self.client.post("/v1/events", '[{"action":"ok"},{"action":"big","metadata":{"n":9007199254740993}}]')
        self.assertEqual((answer.status, answer.json()["stored"], answer.json()["rejected"]), (200, 1, 1), answer)

    def test_atomic_is_all_or_nothing(self):
        before = self.client.get("/v1/events", count="exact").json()["count"]
        answer = self.client.post("/v1/events?atomic=true", [{"action": "x"}, {"action": " "}])
        self.assertEqual(answer.status, 422, answer)
        self.assertEqual([result["result"] for result in answer.json()["results"]], ["aborted", "rejected"])
        self.client.post("/v1/events", {"id": "taken", "action": "x"})
        answer = self.client.post("/v1/events?atomic=true", [{"id": "new", "action": "x"}, {"id": "taken", "action": "y"}])
        self.assertEqual((answer.status, answer.json()["stored"]), (422, 0))
        self.assertEqual(self.client.get("/v1/events", count="exact").json()["count"], before + 1)

    def test_limits_of_a_batch(self):
        many = self.client.post("/v1/events?results=errors", [{"action": "m"}] * 10_000)
        self.assertEqual((many.status, many.json()["stored"]), (200, 10_000))
        self.problem(self.client.post("/v1/events", [{"action": "m"}] * 10_001), 413)
        self.problem(self.client.post("/v1/events", '{"action":"m"}\n' * 10_001, content_type="application/x-ndjson"), 413)
        bomb = gzip.compress(b" " * (17 << 20) + b'{"action":"m"}')
        self.problem(self.as_key(self.key).post("/v1/events", bomb, headers={"Content-Encoding": "gzip"}), 413)

    def test_bodies_that_are_refused(self):
        self.problem(self.client.post("/v1/events", "{"), 400)
        self.problem(self.client.post("/v1/events", ""), 400)
        self.problem(self.client.post("/v1/events", "x=1", content_type="text/plain"), 415)
        self.problem(self.as_key(self.key).post("/v1/events", "{}", headers={"Content-Encoding": "br"}), 415)
        self.problem(self.as_key(self.key).post("/v1/events", b"nope", headers={"Content-Encoding": "gzip"}), 400)
        body = self.problem(self.client.post("/v1/events", {"action": "a", "actor": {"id": "x" * 257}}), 400)
        self.assertEqual(body["errors"][0]["pointer"], "/actor/id")

    def test_gzip_bodies_are_read(self):
        answer = self.client.post("/v1/events", gzip.compress(b'{"action":"zip"}'), headers={"Content-Encoding": "gzip"})
        self.assertEqual(answer.status, 201, answer)

    def test_unknown_paths_methods_and_parameters(self):
        self.problem(self.client.get("/v1/nothing"), 404)
        self.problem(self.client.get("/nothing"), 404)
        answer = self.client.request("DELETE", "/v1/events")
        self.problem(answer, 405)
        self.assertEqual(set(answer.headers["Allow"].split(", ")), {"GET", "HEAD", "POST"})
        body = self.problem(self.client.get("/v1/events", acton="x"), 400)
        self.assertIn("acton", body["detail"])
        for name, value in (("limit", "0"), ("limit", "1001"), ("sort", "metadata.x"), ("cursor", "zzz"),
                            ("occurred_after", "yesterday"), ("status", "broken"), ("count", "maybe")):
            body = self.problem(self.client.get("/v1/events", **{name: value}), 400)
            if name != "cursor":
                self.assertEqual(body["errors"][0]["pointer"], name)

    def test_ids_in_paths(self):
        self.problem(self.client.get("/v1/events/..%2F..%2Fsecrets"), 404)
        self.problem(self.client.get("/v1/events/%00"), 404)
        self.problem(self.client.get("/v1/events/by-seq/99999999"), 404)
        self.problem(self.client.get("/v1/events/by-seq/x"), 400)

    def test_pages_show_each_event_once(self):
        for i in range(130):
            self.client.post("/v1/events", {"id": f"page-{i}", "action": "page", "actor": {"id": f"{i % 7}"}})
        for sort in ("-occurred_at", "seq", "actor.id,-seq", "-actor.id"):
            ids, cursor = [], None
            while True:
                page = self.client.get("/v1/events", action="page", sort=sort, limit=17,
                                       **({"cursor": cursor} if cursor else {})).json()
                ids += [event["id"] for event in page["events"]]
                self.client.post("/v1/events", {"action": "page"})  # comes too late for this paging
                cursor = page["next_cursor"]
                if cursor is None:
                    break
            self.assertEqual(len(ids), len(set(ids)), sort)
            self.assertGreaterEqual(len(ids), 130)

    def test_explain_tells_how_a_page_was_found(self):
        plain = self.client.get("/v1/events", action="user.create", limit="2")
        told = self.client.get("/v1/events", action="user.create", limit="2", explain="true")
        self.assertEqual([200, 200], [plain.status, told.status])
        lines = told.json().pop("explain")
        self.assertEqual(plain.json()["events"], told.json()["events"])
        self.assertNotIn("explain", plain.json())
        self.assertTrue(any('action' in line for line in lines), lines)
        self.assertRegex(lines[-1], "^the page took [0-9]+ \u00b5s")
        refused = self.client.get("/v1/events", explain="yes")
        self.assertEqual((400, "explain"), (refused.status, refused.json()["errors"][0]["pointer"]))

    def test_explain_tells_how_facets_and_histograms_were_counted(self):
        for path, member in (("/v1/facets", {"field": "actor.id"}), ("/v1/histogram", {"interval": "hour"})):
            plain = self.client.get(path, action="user.create", **member)
            told = self.client.get(path, action="user.create", explain="true", **member)
            self.assertEqual([200, 200], [plain.status, told.status], path)
            answer = told.json()
            lines = answer.pop("explain")
            self.assertEqual(plain.json(), answer, path)
            self.assertTrue(any("action" in line for line in lines), lines)
            self.assertRegex(lines[-1], "^the counting took [0-9]+ \u00b5s")

    def test_facets_and_histogram_count_everything(self):
        total = self.client.get("/v1/events", count="exact").json()["count"]
        facets = self.client.get("/v1/facets", field="actor.id", limit=2).json()
        self.assertEqual(sum(value["count"] for value in facets["values"]) + facets["other"] + facets["missing"], total)
        histogram = self.client.get("/v1/histogram", interval="month").json()
        self.assertEqual(sum(bucket["count"] for bucket in histogram["buckets"]), total)

    def test_rights(self):
        can = {"writer": {"append"}, "reader": {"find"}, "auditor": {"find", "export", "access"}}
        for role, rights in can.items():
            client = self.as_key(self.keys[role])
            got = {"append": client.post("/v1/events", {"action": "r"}).status == 201,
                   "find": client.get("/v1/events").status == 200,
                   "export": client.get("/v1/export", action="none").status == 200,
                   "access": client.get("/v1/access").status == 200,
                   "manage": client.get("/v1/keys").status == 200,
                   "orgs": client.get("/v1/orgs").status == 200}
            self.assertEqual({name for name, yes in got.items() if yes}, rights, role)

    def test_refused_credentials(self):
        self.problem(self.as_key(None).get("/v1/events"), 401, "no_credential")
        self.problem(self.as_key("prl_nope").get("/v1/events"), 401, "bad_credential")
        made = self.client.post("/v1/keys", {"roles": ["reader"], "expires": "90d"}).json()
        reader = self.as_key(made["key"])
        self.assertEqual(reader.get("/v1/events").status, 200)
        self.assertEqual(self.client.request("DELETE", "/v1/keys/" + made["id"]).status, 204)
        self.problem(reader.get("/v1/events"), 401, "bad_credential")
        other = self.as_key(None).request("GET", "/v1/events", headers={"X-API-Key": self.key})
        self.assertEqual(other.status, 200)

    def test_organisations_cannot_see_each_other(self):
        self.client.post("/v1/events", {"id": "private", "action": "secret.thing"})
        other = self.as_key(self.other_key)
        foreign = self.problem(other.get("/v1/events/private"), 404)
        missing = self.problem(other.get("/v1/events/nothing"), 404)
        self.assertEqual({**foreign, "request_id": ""}, {**missing, "request_id": ""})
        self.assertEqual(other.get("/v1/events", action="secret.thing", count="exact").json()["count"], 0)
        self.assertEqual(other.post("/v1/events", {"id": "private", "action": "mine"}).status, 201)
        foreign = self.problem(other.get("/v1/events", org="demo"), 404)
        missing = self.problem(other.get("/v1/events", org="nobody"), 404)
        self.assertEqual({**foreign, "request_id": ""}, {**missing, "request_id": ""})
        cursor = self.client.get("/v1/events", limit=1).json()["next_cursor"]
        self.problem(other.get("/v1/events", limit=1, cursor=cursor), 400)

    def test_a_server_credential_names_the_organisation(self):
        server = self.as_key(self.server_key)
        self.problem(server.get("/v1/events"), 400, "org_required")
        self.assertEqual(server.get("/v1/events", org="other").status, 200)
        made = server.post("/v1/orgs", {"name": "third", "tenant_id": 77})
        self.assertEqual((made.status, made.json()["tenant_id"]), (201, 77))
        key = server.post("/v1/keys?org=third", {"roles": ["admin"]}).json()["key"]
        third = self.as_key(key)
        self.assertEqual(third.post("/v1/events", {"action": "x"}).status, 201)
        changed = server.request("PATCH", "/v1/orgs/third", body={"enabled": False})
        self.assertEqual((changed.status, changed.json()["enabled"]), (200, False))
        self.problem(third.post("/v1/events", {"action": "x"}), 403, "org_disabled")
        self.problem(third.get("/v1/events"), 403, "org_disabled")
        server.request("PATCH", "/v1/orgs/third", body={"enabled": True})
        self.assertEqual(third.get("/v1/events").status, 200)

    def test_reading_is_recorded(self):
        reader = self.as_key(self.keys["reader"])
        reader.get("/v1/events", action="watched", count="exact")
        deadline = time.monotonic() + 10  # the record is durable soon after the answer, not before it
        events = []
        while not events and time.monotonic() < deadline:
            page = self.client.get("/v1/access", action="events.find", limit=1, sort="-seq",
                                   **{"params.filter.contains": "watched"})
            self.assertEqual(page.status, 200, page)
            events = page.json()["events"]
        record = events[0]
        self.assertEqual((record["params"]["surface"], record["params"]["rows"], record["params"]["count"]), ("native", 0, 0))
        self.assertEqual(record["request"]["path"], "/v1/events")
        self.problem(reader.get("/v1/access"), 403, "no_right")

    def test_export_ends_with_its_own_line_and_imports_again(self):
        export = self.client.get("/v1/export", **{"action.prefix": "pa"})
        lines = export.body.decode().splitlines()
        last = json.loads(lines[-1])["piperoll_export"]
        self.assertEqual((last["complete"], last["count"]), (True, len(lines) - 1))
        self.assertTrue(all("seed" in json.loads(line) for line in lines[:-1]))
        csv = self.client.get("/v1/export", format="csv", action="none").body.decode()
        self.assertTrue(csv.startswith("seq,id,occurred_at,"), csv)

    def test_operational_paths(self):
        nobody = self.as_key(None)
        for path in ("/healthz", "/readyz", "/metrics", "/"):
            self.assertEqual(nobody.get(path).status, 200, path)
        self.assertIn("piperoll_journal_syncs_total", nobody.get("/metrics").body.decode())
        self.problem(nobody.request("POST", "/healthz"), 405)


if __name__ == "__main__":
    unittest.main()
