#!/usr/bin/env python3
"""The conformance suite through a validating proxy (npm @stoplight/prism-cli).

Another reader of the description than ours: the proxy tells in a header what it finds. Of an answer
nothing may be found, and of a request nothing either where the server took all of it. What
is not judged is named: two things that cannot be said in OpenAPI,

- a path parameter with slashes in it, as the names of tiles are (OpenAPI 3.1.1, 4.8.12.1): the proxy
  knows no such route;
- a body without a Content-Type, which Frontier's surface takes: OpenAPI describes bodies by their type;

the cases in NOT_FORWARDED, and the live tail, since the proxy gives an answer on when it is whole.
Credentials are the server's business: the proxy lets wrong ones through, so that refusals are seen.
"""

import contextlib
import glob
import json
import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "conformance"), os.path.join(HERE, "..", "integration")]
import description_test  # noqa: E402
from harness import SOURCE, run  # noqa: E402
from replay_test import SURFACES, cases_of, exchange, request_bytes  # noqa: E402

# Recorded cases that the proxy answers by itself.
NOT_JSON = "the proxy reads JSON bodies itself, and refuses what is none"
NOT_FORWARDED = {
    "native/append.case: no JSON": NOT_JSON,
    "native/append.case: who asks comes before what is wrong": NOT_JSON,
    "antidote/create.case: no JSON": NOT_JSON,
    "antidote/login.case: no JSON": NOT_JSON,
    "frontier/create.case: a wrong method is not implemented": "the proxy refuses methods that are not described",
}
NO_ROUTE = {"location": ["request"], "severity": "Warning", "message": "Selected route not found"}


@contextlib.contextmanager
def proxy(port, description, folder):
    """The port of a proxy in front of a server, with its own idea of the description."""
    path = os.path.join(folder, f"described-{len(os.listdir(folder))}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(description, file)
    with subprocess.Popen([os.environ.get("NODE", "node"), os.path.join(HERE, "prism_proxy.mjs"), f"http://127.0.0.1:{port}", path],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield int(process.stdout.readline().decode().strip().rsplit(":", 1)[1])
        finally:
            process.stdin.close()  # which ends it
            process.wait(timeout=60)


class ThroughPrism(description_test.Fits):
    test_examples_of_answers_fit = None  # nothing is asked there

    @classmethod
    def prepare(cls):
        super().prepare()
        run("application", "create", "--data", cls.data, "--org", "demo", "--key", "billing", "--name", "Billing")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.direct = cls.server.port
        cls.document = cls.client.get("/openapi.json").json()
        cls.enterClassContext(cls.through(cls.document))
        cls.judged = 0

    @classmethod
    @contextlib.contextmanager
    def through(cls, document):
        """Requests go through a proxy that holds this description."""
        with proxy(cls.direct, document, cls.temporary.name) as port:
            cls.client.close()
            before, cls.server.port = cls.server.port, port
            cls.client = cls.server.client(cls.key)
            try:
                yield
            finally:
                cls.client.close()
                cls.server.port = before
                cls.client = cls.server.client(cls.key)

    def check(self, method, target, status, headers, body):
        super().check(method, target, status, headers, body)
        self.judge((method, target), status, headers, body)

    def judge(self, request, status, headers, body, has_type=True):
        """Fails where the proxy found what may not be."""
        method, target = request
        found = json.loads(headers.get("sl-violations", "[]"))
        if "/tile/" in target:
            self.assertEqual(found, [NO_ROUTE], (method, target))
            return
        type(self).judged += 1
        took_all = status < 300 and not (target.startswith("/v1/events") and '"result":"rejected"' in body)
        for fault in found:
            of_answer = fault["location"][0] == "response"
            of_body = fault["location"][:2] == ["request", "body"]
            if of_answer or (took_all and (has_type or not of_body)):
                self.fail(f"{method} {target} {status}: {fault}")

    def test_recorded_cases_fit(self):
        for surface in SURFACES:
            for path in sorted(glob.glob(os.path.join(SOURCE, "src", "dialect", surface, "testdata", "*.case"))):
                for title, parts in cases_of(path):
                    name = f"{surface}/{os.path.basename(path)}: {title}"
                    with self.subTest(name):
                        self.send(parts["request"], name in NOT_FORWARDED)
        self.assertGreater(self.judged, 250)

    def send(self, request, kept):
        key = self.server_key if re.search(r"[?&]org=|/v1/orgs", request) else self.key
        (method, target, *_), sent, _ = description_test.parts_of(request)
        status, headers, body = exchange(self.server.port, request_bytes(request, key))
        self.assertEqual("x-request-id" not in headers, kept)  # every answer of the server has one
        if kept:
            return
        self.judge((method, target), status, headers, body.decode(errors="replace"), has_type="content-type" in sent)

    def test_the_proxy_finds_what_does_not_fit(self):
        event = self.client.post("/v1/events", {"action": "a"}).json()
        document = json.loads(json.dumps(self.document))
        document["components"]["schemas"]["Event"]["properties"]["seq"] = {"type": "string"}
        parameters = document["paths"]["/v1/facets"]["get"]["parameters"]
        parameters.append({"name": "extra", "in": "query", "required": True, "schema": {"type": "integer"}})

        with self.through(document):
            answer = self.client.get("/v1/events/" + event["id"])
            asked = self.client.get("/v1/facets", field="action")

        places = [fault["location"] for fault in json.loads(answer.headers["sl-violations"])]
        self.assertEqual(places, [["response", "body", "seq"]])
        places = [fault["location"] for fault in json.loads(asked.headers["sl-violations"])]
        self.assertEqual(places, [["request", "query"]])

    def check_live_stream(self):
        self.server.port, through = self.direct, self.server.port
        super().check_live_stream()
        self.server.port = through


# What is imported from there is tested there.
def load_tests(loader, _tests, _pattern):
    return loader.loadTestsFromTestCase(ThroughPrism)


if __name__ == "__main__":
    unittest.main()
