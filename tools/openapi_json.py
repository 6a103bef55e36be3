#!/usr/bin/env python3
"""Writes docs/api/openapi.yaml as the JSON that the server answers at /openapi.json.

Usage: openapi_json.py IN.yaml OUT.json
"""

import json
import sys
from pathlib import Path

import yaml


class PlainLoader(yaml.SafeLoader):
    """Times stay text: JSON has none."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def main(arguments):
    source, target = map(Path, arguments)
    document = yaml.load(source.read_text(encoding="utf-8"), Loader=PlainLoader)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
