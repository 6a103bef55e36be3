#!/usr/bin/env python3
"""The 75 queries of the Windows Security events, asked through the native API after an import.

The expected answers were computed by a brute-force scan; their semantics are in the file itself:
absent texts sort as "", ties go by id ascending, substrings may be case-sensitive. The native API
sorts absent values last, so the events are imported with "" where a sort field is absent; its
substrings fold case, so case-sensitive expectations are checked on what the API returns.
"""

import json
import os
import tempfile
import unittest

from harness import SHARED_DATA, Server, make_key, run, unzstd

EVENTS = os.path.join(SHARED_DATA, "windows-security-107k.ndjson.zst")
EXPECTED = os.path.join(SHARED_DATA, "windows-security-107k.expected.json")

FIELDS = {"actor_id": "actor.id", "action": "action", "target_id": "target.id",
          "request_id": "request.id", "source_ip_address": "request.ip", "org_id": "category",
          "actor_name": "actor.name", "actor_type": "actor.type", "status": "status",
          "source": "source", "created_at": "occurred_at"}


def native(event):
    """The audit shape as a native event; org_id has its place in category."""
    out = {"id": event["id"], "occurred_at": event["created_at"], "category": event["org_id"],
           "source": event.get("source", ""), "action": event["action"],
           "actor": {**event.get("actor", {})}, "target": {**event.get("target", {})},
           "status": event["status"], "context": event.get("context", {})}
    out["actor"].setdefault("name", "")
    out["target"].setdefault("id", "")
    out["request"] = {"id": event.get("request_id", "")}
    if "source_ip_address" in event:
        out["request"]["ip"] = event["source_ip_address"]
    if "user_agent" in event:
        out["request"]["user_agent"] = event["user_agent"]
    for name in ("summary", "error"):
        if name in event:
            out[name] = event[name]
    return out


@unittest.skipUnless(os.path.exists(EVENTS) and os.path.exists(EXPECTED),
                     "SKIPPED: the event files are not there (../shared/data)")
class ExpectedQueries(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="piperoll-test-")
        data = os.path.join(cls.temporary.name, "data")
        run("org", "create", "--data", data, "--name", "demo")
        key = make_key(data, "demo", "auditor")
        lines = os.path.join(cls.temporary.name, "events.ndjson")
        with open(lines, "w", encoding="utf-8") as out:
            for line in unzstd(EVENTS):
                out.write(json.dumps(native(json.loads(line)), ensure_ascii=False) + "\n")
        _, printed, _ = run("import", "--data", data, "--org", "demo", lines)
        cls.imported = json.loads(printed)
        cls.server = Server(data).start()
        cls.client = cls.server.client(key)
        with open(EXPECTED, encoding="utf-8") as file:
            cls.queries = json.load(file)["queries"]

    @classmethod
    def tearDownClass(cls):
        cls.client.close()
        cls.server.kill()
        cls.temporary.cleanup()

    def ask(self, params, **more):
        answer = self.client.get("/v1/events", **params, **more)
        self.assertEqual(answer.status, 200, answer)
        return answer.json()

    def test_everything_was_imported(self):
        self.assertEqual(self.imported, {"stored": 107220, "duplicate": 0, "rejected": 0})

    def params_of(self, query):
        direction = "-" if query["sort_by"][0] == "-" else ""
        params = {"sort": f"{direction}{FIELDS[query['sort_by'][1:]]},id"}
        for item in query["filters"]:
            field = FIELDS[item["field"]]
            suffix = {"eq": "", "neq": ".ne", "~eq": ".contains", "~eq-ci": ".contains"}[item["op"]]
            params[field + suffix] = item["value"]
        if query["after"]:
            params["occurred_after"] = query["after"]
        if query["before"]:
            # Inclusive there, exclusive here: one microsecond later.
            params["occurred_before"] = query["before"].replace("Z", "001Z")
        return params

    def is_case_sensitive(self, query):
        return any(item["op"] == "~eq" for item in query["filters"])

    def all_matching(self, params, query):
        """Every event of the folded query whose text holds the value exactly."""
        out, cursor = [], None
        while True:
            page = self.ask(params, limit=1000, **({"cursor": cursor} if cursor else {}))
            for event in page["events"]:
                if all(self.holds(event, item) for item in query["filters"] if item["op"] == "~eq"):
                    out.append(event["id"])
            cursor = page["next_cursor"]
            if cursor is None:
                return out

    @staticmethod
    def holds(event, item):
        value = event
        for name in FIELDS[item["field"]].split("."):
            value = value.get(name, {})
        return isinstance(value, str) and item["value"] in value

    def test_every_query_has_the_expected_answer(self):
        self.assertEqual(len(self.queries), 75)
        for query in self.queries:
            with self.subTest(query["name"]):
                params = self.params_of(query)
                if self.is_case_sensitive(query):
                    ids = self.all_matching(params, query)
                    self.assertEqual(len(ids), query["count"])
                    self.assertEqual(ids[:5], query["first_5_ids"])
                    continue
                page = self.ask(params, limit=5, count="exact")
                self.assertEqual(page["count"], query["count"])
                self.assertEqual([event["id"] for event in page["events"]], query["first_5_ids"])
                for skip in (1000, 50000):
                    if f"id_at_skip_{skip}" in query:
                        page = self.ask(params, limit=1, offset=skip)
                        self.assertEqual(page["events"][0]["id"], query[f"id_at_skip_{skip}"])


if __name__ == "__main__":
    unittest.main()
