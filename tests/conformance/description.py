"""The description of the API, and whether a request or an answer fits it."""

import json
import re
import urllib.parse

import jsonschema


class Description:
    """Of one OpenAPI 3.1 document."""

    def __init__(self, document):
        self.document = document
        self.validators = {}
        self.seen = set()  # operations that an answer was checked against

    def operation(self, method, path):
        """(template, operation), or None where the description has nothing there."""
        best = None
        for template, item in self.document["paths"].items():
            if method.lower() not in item:
                continue
            # The name of a tile has slashes of its own, for which OpenAPI has no word.
            pattern = re.sub(r"\\\{tile\\\}$", ".+", re.escape(template))
            pattern = re.sub(r"\\\{[^}]+\\\}", "[^/]+", pattern)
            if re.fullmatch(pattern, path) and (best is None or template.count("{") < best[0].count("{")):
                best = (template, item[method.lower()])
        return best

    def _resolved(self, value):
        while "$ref" in value:
            node = self.document
            for step in value["$ref"].removeprefix("#/").split("/"):
                node = node[step.replace("~1", "/").replace("~0", "~")]
            value = node
        return value

    def _faults(self, schema, value):
        name = json.dumps(schema, sort_keys=True)
        if name not in self.validators:
            whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema,
                     "components": self.document["components"]}
            self.validators[name] = jsonschema.Draft202012Validator(whole)
        return [f"{error.json_path}: {error.message}" for error in self.validators[name].iter_errors(value)]

    def answer_faults(self, method, target, status, content_type, body):
        """What is wrong with an answer; empty if nothing is, or if no such operation is described."""
        path = target.partition("?")[0]
        found = self.operation(method, path)
        if not found:
            return []
        template, operation = found
        self.seen.add((method, template))
        responses = operation["responses"]
        response = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        if response is None:
            return [f"{method} {template}: {status} is not described"]
        content = self._resolved(response).get("content", {})
        media = content_type.partition(";")[0].strip()
        if not content:
            return [f"{method} {template}: {status} has no body in the description"] if body else []
        if media not in content:
            return [f"{method} {template}: {status} as {media} is not described"]
        if "json" not in media or "ndjson" in media:
            return []
        return [f"{method} {template} {status} {fault}" for fault in self._faults(content[media]["schema"], json.loads(body))]

    def request_faults(self, method, target, content_type, body):
        """What is wrong with a request that the server took."""
        path, _, query = target.partition("?")
        found = self.operation(method, path)
        if not found:
            return []
        template, operation = found
        item = self.document["paths"][template]
        parameters = [self._resolved(p) for p in operation.get("parameters", []) + item.get("parameters", [])]
        names = {p["name"]: p for p in parameters if p["in"] == "query" and not p.get("explode")}
        faults = []
        for name, value in urllib.parse.parse_qsl(query, keep_blank_values=True):
            if name in names and value:  # the original surfaces take blank ones as absent
                faults += [f"{method} {template} ?{name} {fault}" for fault in self._parameter_faults(names[name]["schema"], value)]
        if body:
            content = self._resolved(operation["requestBody"])["content"]
            media = content_type.partition(";")[0].strip().lower()
            if media == "application/json":
                faults += [f"{method} {template} {fault}" for fault in self._faults(content[media]["schema"], json.loads(body))]
        return faults

    def _parameter_faults(self, schema, text):
        schema = self._resolved(schema)
        if schema.get("type") == "array":
            return []
        if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
            return self._faults(schema, int(text))
        if schema.get("type") == "boolean" and text in ("true", "false"):
            return self._faults(schema, text == "true")
        return self._faults(schema, text)
