#!/usr/bin/env python3
"""Saved views: whose they are, what they may hold, that they outlive a restart and are recorded."""

import unittest

from harness import ServerTest, make_key, run


class Views(ServerTest):
    flags = ("--access-log", "sync")

    @classmethod
    def prepare(cls):
        cls.reader = make_key(cls.data, "demo", "reader", "--name", "ann")
        cls.other = make_key(cls.data, "demo", "reader", "--name", "bob")

    def client_of(self, key):
        client = self.server.client(key)
        self.addCleanup(client.close)
        return client

    def names(self, key):
        client = self.client_of(key)
        return [view["name"] for view in client.get("/v1/views").json()["views"]]

    def test_a_view_has_what_was_kept(self):
        ann = self.client_of(self.reader)
        made = ann.post("/v1/views", {"name": "Failed deletions", "query": "q=status%3Afailure&range=7d",
                                      "columns": ["action", "metadata.plan"], "density": "compact"})
        self.assertEqual(made.status, 201, made)
        view = made.json()
        self.assertEqual((view["query"], view["columns"], view["density"], view["shared"], view["own"], view["owner"]),
                         ("q=status%3Afailure&range=7d", ["action", "metadata.plan"], "compact", False, True, "ann"))
        self.assertIn(view, ann.get("/v1/views").json()["views"])
        self.assertNotIn(view["name"], self.names(self.other))
        replaced = ann.request("PUT", "/v1/views/" + view["id"], body={"name": "Empty"})
        self.assertEqual(replaced.status, 200, replaced)
        self.assertEqual((replaced.json()["query"], replaced.json()["columns"], replaced.json()["density"]), ("", [], None))
        self.assertEqual(replaced.json()["created_at"], view["created_at"])
        self.assertEqual(ann.request("DELETE", "/v1/views/" + view["id"]).status, 204)
        self.assertEqual(ann.request("DELETE", "/v1/views/" + view["id"]).status, 404)

    def test_what_is_wrong_is_named_by_its_pointer(self):
        ann = self.client_of(self.reader)
        for body, pointer in (({}, "/name"), ({"name": ""}, "/name"), ({"name": "x" * 129}, "/name"),
                              ({"name": "x", "query": "q" * 4097}, "/query"), ({"name": "x", "columns": "action"}, "/columns"),
                              ({"name": "x", "columns": ["action", 7]}, "/columns/1"), ({"name": "x", "columns": ["a"] * 65}, "/columns"),
                              ({"name": "x", "density": "huge"}, "/density"), ({"name": "x", "shared": 1}, "/shared"),
                              ({"name": "x", "colour": "red"}, "/colour")):
            answer = ann.post("/v1/views", body)
            self.assertEqual((answer.status, answer.json()["errors"][0]["pointer"]), (400, pointer), answer)

    def test_shared_views_outlive_a_restart_and_every_change_is_recorded(self):
        ann = self.client_of(self.reader)
        kept = ann.post("/v1/views", {"name": "For all", "query": "q=a", "shared": True}).json()
        gone = ann.post("/v1/views", {"name": "Gone", "shared": True}).json()
        self.assertEqual(ann.post("/v1/views", {"name": "For all", "shared": True}).json()["code"], "view_name_taken")
        self.client.request("PUT", "/v1/views/" + kept["id"], body={"name": "For everybody", "query": "q=b", "shared": True})
        self.assertEqual(ann.request("DELETE", "/v1/views/" + gone["id"]).status, 204)
        self.assertEqual(self.client_of(self.other).request("DELETE", "/v1/views/" + kept["id"]).json()["code"], "no_right")

        type(self).client.close()
        self.server.kill()
        self.server.start()
        type(self).client = self.server.client(self.key)

        view = next(view for view in self.client_of(self.other).get("/v1/views").json()["views"] if view["id"] == kept["id"])
        self.assertEqual((view["name"], view["query"], view["owner"], view["own"], view["may_change"]),
                         ("For everybody", "q=b", "ann", False, False))
        self.assertNotIn("Gone", self.names(self.other))
        told = self.client.get("/v1/access", **{"target.id.in": kept["id"] + "," + gone["id"], "sort": "seq"}).json()["events"]
        self.assertEqual([(event["action"], event["actor"]["name"], event["target"]["name"]) for event in told],
                         [("admin.create_view", "ann", "For all"), ("admin.create_view", "ann", "Gone"),
                          ("admin.replace_view", told[2]["actor"]["name"], "For everybody"), ("admin.delete_view", "ann", "Gone")])


if __name__ == "__main__":
    unittest.main()
